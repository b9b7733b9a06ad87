"""What the database refuses of credit notes (any change), and what it newly lets pass of invoices: a pro-forma invoice gets its
legal number once, and the lines of refunded invoices let go of their periods as those of cancelled ones do."""

from django.db import migrations

FROZEN = """
    IF NEW.state = 'draft'
        OR ROW(OLD.client_id, OLD.account_id, OLD.kind, OLD.currency, OLD.due_on, OLD.net_amount, OLD.tax_amount,
               OLD.total_amount, OLD.language, OLD.reference, OLD.notes{more_old})
           IS DISTINCT FROM
           ROW(NEW.client_id, NEW.account_id, NEW.kind, NEW.currency, NEW.due_on, NEW.net_amount, NEW.tax_amount,
               NEW.total_amount, NEW.language, NEW.reference, NEW.notes{more_new})
        OR ({numbered}ROW(OLD.number, OLD.series, OLD.series_number, OLD.issued_on, OLD.issued_at, OLD.seller, OLD.buyer{own_old})
           IS DISTINCT FROM
           ROW(NEW.number, NEW.series, NEW.series_number, NEW.issued_on, NEW.issued_at, NEW.seller, NEW.buyer{own_new}))
    THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be changed', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
INVOICE = """
CREATE OR REPLACE FUNCTION billing_refuse_invoice_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be deleted', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
"""
BECOMES_LEGAL = "NOT (OLD.is_proforma AND NOT NEW.is_proforma AND NEW.proforma_number = OLD.number) AND "
INVOICE_NOW = INVOICE + FROZEN.format(
    more_old=", OLD.corrects_id",
    more_new=", NEW.corrects_id",
    numbered=BECOMES_LEGAL,
    own_old=", OLD.is_proforma, OLD.proforma_number",
    own_new=", NEW.is_proforma, NEW.proforma_number",
)
INVOICE_BEFORE = INVOICE + FROZEN.format(more_old="", more_new="", numbered="", own_old="", own_new="")

LINES = """
CREATE OR REPLACE FUNCTION billing_refuse_line_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent text;
BEGIN
    SELECT state INTO parent FROM billing_invoice
        WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.invoice_id ELSE OLD.invoice_id END;
    IF parent IS NULL OR parent = 'draft' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    -- The one thing that may change: an invoice that was taken back lets go of the periods it billed.
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'billing_invoiceline' THEN
        IF parent IN (%s) AND (to_jsonb(NEW) - 'released' - 'updated_at') = (to_jsonb(OLD) - 'released' - 'updated_at') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a line or tax of an issued invoice cannot be added, changed or deleted'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

CREDIT_NOTES = """
CREATE TRIGGER billing_creditnote_frozen BEFORE UPDATE OR DELETE ON billing_creditnote
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();
CREATE TRIGGER billing_creditnoteline_frozen BEFORE UPDATE OR DELETE ON billing_creditnoteline
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();
CREATE TRIGGER billing_creditnotetax_frozen BEFORE UPDATE OR DELETE ON billing_creditnotetax
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();
CREATE TRIGGER billing_creditnote_no_truncate BEFORE TRUNCATE ON billing_creditnote EXECUTE FUNCTION billing_refuse_truncate();
CREATE TRIGGER billing_creditnoteline_no_truncate BEFORE TRUNCATE ON billing_creditnoteline
    EXECUTE FUNCTION billing_refuse_truncate();
CREATE TRIGGER billing_creditnotetax_no_truncate BEFORE TRUNCATE ON billing_creditnotetax EXECUTE FUNCTION billing_refuse_truncate();

-- Lines come after their note, in its transaction; none can be added to a note that stands: the sums would differ.
CREATE FUNCTION billing_check_credit_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    note billing_creditnote%ROWTYPE;
BEGIN
    IF TG_TABLE_NAME = 'billing_creditnote' THEN
        note := NEW;
    ELSE
        SELECT * INTO note FROM billing_creditnote WHERE id = NEW.credit_note_id;
    END IF;
    IF note.net_amount <> (SELECT coalesce(sum(net_amount), 0) FROM billing_creditnoteline WHERE credit_note_id = note.id)
        OR note.tax_amount <> (SELECT coalesce(sum(tax_amount), 0) FROM billing_creditnotetax WHERE credit_note_id = note.id)
    THEN
        RAISE EXCEPTION 'credit note % is not the sum of its lines and taxes', note.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER billing_creditnote_sums AFTER INSERT ON billing_creditnote
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_check_credit_note();
CREATE CONSTRAINT TRIGGER billing_creditnoteline_sums AFTER INSERT ON billing_creditnoteline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_check_credit_note();
CREATE CONSTRAINT TRIGGER billing_creditnotetax_sums AFTER INSERT ON billing_creditnotetax
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_check_credit_note();
"""
UNDO_NOTES = "".join(
    f"DROP TRIGGER billing_{table}_{what} ON billing_{table};\n"
    for table in ("creditnote", "creditnoteline", "creditnotetax")
    for what in ("frozen", "no_truncate", "sums")
) + "DROP FUNCTION billing_check_credit_note();\n"


class Migration(migrations.Migration):
    """Triggers; see docs/architecture.md, money."""

    dependencies = [("billing", "0018_documents")]

    operations = [
        migrations.RunSQL(
            INVOICE_NOW + LINES % "'cancelled', 'refunded'", INVOICE_BEFORE + LINES % "'cancelled'"
        ),
        migrations.RunSQL(CREDIT_NOTES, UNDO_NOTES),
    ]
