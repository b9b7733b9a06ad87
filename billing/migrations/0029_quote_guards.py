"""What the database itself refuses: changing a quote that was delivered, and the signature under one."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION billing_refuse_quote_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NULL THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'quote % was delivered and cannot be deleted', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF ROW(OLD.number, OLD.version, OLD.series, OLD.series_number, OLD.currency, OLD.issued_on, OLD.subject, OLD.introduction,
           OLD.notes, OLD.net_amount, OLD.tax_amount, OLD.total_amount, OLD.taxes, OLD.seller, OLD.buyer, OLD.deposit_kind,
           OLD.deposit_value, OLD.rest_when, OLD.rest_days)
       IS DISTINCT FROM
       ROW(NEW.number, NEW.version, NEW.series, NEW.series_number, NEW.currency, NEW.issued_on, NEW.subject, NEW.introduction,
           NEW.notes, NEW.net_amount, NEW.tax_amount, NEW.total_amount, NEW.taxes, NEW.seller, NEW.buyer, NEW.deposit_kind,
           NEW.deposit_value, NEW.rest_when, NEW.rest_days)
    THEN
        RAISE EXCEPTION 'quote % was delivered and cannot be changed', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_quote_frozen BEFORE UPDATE OR DELETE ON billing_quote
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_quote_change();

CREATE FUNCTION billing_refuse_quote_line_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given text;
BEGIN
    SELECT number INTO given FROM billing_quote WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.quote_id ELSE OLD.quote_id END;
    IF given IS NULL THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    -- The one thing that may be added: what a product asks, answered with the signature.
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'answers' - 'updated_at') = (to_jsonb(OLD) - 'answers' - 'updated_at') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a line of a delivered quote cannot be added, changed or deleted'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER billing_quoteline_frozen BEFORE INSERT OR UPDATE OR DELETE ON billing_quoteline
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_quote_line_change();
CREATE TRIGGER billing_quotesignature_append_only BEFORE UPDATE OR DELETE ON billing_quotesignature
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();
"""
UNDO = """
DROP TRIGGER billing_quote_frozen ON billing_quote;
DROP TRIGGER billing_quoteline_frozen ON billing_quoteline;
DROP TRIGGER billing_quotesignature_append_only ON billing_quotesignature;
DROP FUNCTION billing_refuse_quote_change();
DROP FUNCTION billing_refuse_quote_line_change();
"""


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = [("billing", "0028_quotes")]

    operations = [migrations.RunSQL(FREEZE, UNDO)]
