"""The database refuses to change what an issued invoice says of its tax, and an answer about a VAT number once it is in."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION billing_refuse_invoice_tax_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND ROW(OLD.tax_supply, OLD.tax_country, OLD.tax_proof)
                   IS DISTINCT FROM ROW(NEW.tax_supply, NEW.tax_country, NEW.tax_proof) THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be changed', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_invoice_tax_frozen BEFORE UPDATE ON billing_invoice
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_invoice_tax_change();
CREATE FUNCTION billing_refuse_answer_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.answered_at IS NOT NULL THEN
        RAISE EXCEPTION 'the answer about % is proof and cannot be changed', OLD.tax_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_taxidcheck_frozen BEFORE UPDATE ON billing_taxidcheck
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_answer_change();
"""

BACKWARD = """
DROP TRIGGER billing_taxidcheck_frozen ON billing_taxidcheck;
DROP FUNCTION billing_refuse_answer_change();
DROP TRIGGER billing_invoice_tax_frozen ON billing_invoice;
DROP FUNCTION billing_refuse_invoice_tax_change();
"""


class Migration(migrations.Migration):
    """Two guards."""

    dependencies = [("billing", "0024_tax_treatment")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
