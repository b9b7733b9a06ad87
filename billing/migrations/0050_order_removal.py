"""A cancelled order of which no invoice is left may be deleted; everything else that was agreed stays as it was."""

from django.db import migrations

ORDER = """
CREATE OR REPLACE FUNCTION billing_refuse_order_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        {removal}
        RAISE EXCEPTION 'order % cannot be deleted', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF ROW(OLD.number, OLD.snapshot, OLD.idempotency_key, OLD.currency, OLD.total_amount, OLD.placed_at)
        IS DISTINCT FROM
        ROW(NEW.number, NEW.snapshot, NEW.idempotency_key, NEW.currency, NEW.total_amount, NEW.placed_at)
        OR (OLD.client_id <> NEW.client_id AND NOT billing_follows_merge(OLD.client_id, NEW.client_id))
    THEN
        RAISE EXCEPTION 'order % was agreed and cannot be changed', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
REMOVAL = "IF OLD.state IN ('cancelled', 'fraud') AND OLD.invoice_id IS NULL THEN RETURN OLD; END IF;"


class Migration(migrations.Migration):
    dependencies = [("billing", "0049_suspended_days")]

    operations = [migrations.RunSQL(ORDER.format(removal=REMOVAL), ORDER.format(removal=""))]
