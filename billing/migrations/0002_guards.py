"""What the database itself refuses: changing issued documents, changing the ledger, entries that do not sum to zero."""

from django.db import migrations

FREEZE_INVOICE = """
CREATE FUNCTION billing_refuse_invoice_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be deleted', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state = 'draft'
        OR ROW(OLD.number, OLD.series, OLD.series_number, OLD.client_id, OLD.account_id, OLD.kind, OLD.currency,
               OLD.issued_on, OLD.due_on, OLD.net_amount, OLD.tax_amount, OLD.total_amount, OLD.seller, OLD.buyer,
               OLD.language, OLD.reference, OLD.notes, OLD.issued_at)
           IS DISTINCT FROM
           ROW(NEW.number, NEW.series, NEW.series_number, NEW.client_id, NEW.account_id, NEW.kind, NEW.currency,
               NEW.issued_on, NEW.due_on, NEW.net_amount, NEW.tax_amount, NEW.total_amount, NEW.seller, NEW.buyer,
               NEW.language, NEW.reference, NEW.notes, NEW.issued_at)
    THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be changed', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_invoice_frozen BEFORE UPDATE OR DELETE ON billing_invoice
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_invoice_change();
"""

FREEZE_LINES = """
CREATE FUNCTION billing_refuse_line_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent text;
BEGIN
    SELECT state INTO parent FROM billing_invoice
        WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.invoice_id ELSE OLD.invoice_id END;
    IF parent IS NULL OR parent = 'draft' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    -- The one thing that may change: a cancelled invoice lets go of the periods it billed.
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'billing_invoiceline' THEN
        IF parent = 'cancelled' AND (to_jsonb(NEW) - 'released' - 'updated_at') = (to_jsonb(OLD) - 'released' - 'updated_at') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a line or tax of an issued invoice cannot be added, changed or deleted'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER billing_invoiceline_frozen BEFORE INSERT OR UPDATE OR DELETE ON billing_invoiceline
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_line_change();
CREATE TRIGGER billing_invoicetax_frozen BEFORE INSERT OR UPDATE OR DELETE ON billing_invoicetax
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_line_change();
"""

APPEND_ONLY = """
CREATE FUNCTION billing_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER billing_journalentry_append_only BEFORE UPDATE OR DELETE ON billing_journalentry
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();
CREATE TRIGGER billing_posting_append_only BEFORE UPDATE OR DELETE ON billing_posting
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();
CREATE TRIGGER billing_creditmovement_append_only BEFORE UPDATE OR DELETE ON billing_creditmovement
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();
CREATE TRIGGER billing_allocation_append_only BEFORE UPDATE OR DELETE ON billing_paymentallocation
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();
"""

ZERO_SUM = """
CREATE FUNCTION billing_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT currency, sum(amount) AS total INTO wrong FROM billing_posting
        WHERE entry_id = NEW.entry_id GROUP BY currency HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal entry % sums to % %', NEW.entry_id, wrong.total, wrong.currency
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER billing_posting_zero_sum AFTER INSERT ON billing_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_check_entry();
"""

FREEZE_ORDER = """
CREATE FUNCTION billing_refuse_order_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'order % cannot be deleted', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF ROW(OLD.number, OLD.client_id, OLD.snapshot, OLD.idempotency_key, OLD.currency, OLD.total_amount, OLD.placed_at)
        IS DISTINCT FROM
        ROW(NEW.number, NEW.client_id, NEW.snapshot, NEW.idempotency_key, NEW.currency, NEW.total_amount, NEW.placed_at)
    THEN
        RAISE EXCEPTION 'order % was agreed and cannot be changed', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_order_frozen BEFORE UPDATE OR DELETE ON billing_order
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_order_change();
"""

UNDO = """
DROP TRIGGER billing_invoice_frozen ON billing_invoice;
DROP TRIGGER billing_invoiceline_frozen ON billing_invoiceline;
DROP TRIGGER billing_invoicetax_frozen ON billing_invoicetax;
DROP TRIGGER billing_journalentry_append_only ON billing_journalentry;
DROP TRIGGER billing_posting_append_only ON billing_posting;
DROP TRIGGER billing_creditmovement_append_only ON billing_creditmovement;
DROP TRIGGER billing_allocation_append_only ON billing_paymentallocation;
DROP TRIGGER billing_posting_zero_sum ON billing_posting;
DROP TRIGGER billing_order_frozen ON billing_order;
DROP FUNCTION billing_refuse_invoice_change();
DROP FUNCTION billing_refuse_line_change();
DROP FUNCTION billing_refuse_change();
DROP FUNCTION billing_check_entry();
DROP FUNCTION billing_refuse_order_change();
"""


class Migration(migrations.Migration):
    """Triggers; see docs/architecture.md, money."""

    dependencies = [("billing", "0001_initial")]

    operations = [
        migrations.RunSQL(FREEZE_INVOICE + FREEZE_LINES + APPEND_ONLY + ZERO_SUM + FREEZE_ORDER, UNDO),
    ]
