"""The database lets documents change their owner in one case: their client was merged into the new one. What they say stays."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models


BEFORE = import_module("billing.migrations.0019_document_guards").INVOICE_NOW

FOLLOWS = """
CREATE FUNCTION billing_follows_merge(old_client bigint, new_client bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM clients_client WHERE id = old_client AND merged_into_id = new_client);
$$;
"""
NEW_OWNER = """
    IF ROW(OLD.client_id, OLD.account_id) IS DISTINCT FROM ROW(NEW.client_id, NEW.account_id)
        AND NOT (billing_follows_merge(OLD.client_id, NEW.client_id)
                 AND EXISTS (SELECT 1 FROM billing_account WHERE id = NEW.account_id AND client_id = NEW.client_id))
    THEN
        RAISE EXCEPTION '% stays with its client', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END IF;
"""
INVOICE = (
    BEFORE.replace("OLD.client_id, OLD.account_id, ", "")
    .replace("NEW.client_id, NEW.account_id, ", "")
    .replace("    IF NEW.state = 'draft'", f"{NEW_OWNER}    IF NEW.state = 'draft'", 1)
)
CREDIT_NOTE = f"""
CREATE FUNCTION billing_refuse_credit_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(OLD) - '{{client_id,account_id,updated_at}}'::text[]
                           IS DISTINCT FROM to_jsonb(NEW) - '{{client_id,account_id,updated_at}}'::text[]
    THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    {NEW_OWNER}
    RETURN NEW;
END $$;
DROP TRIGGER billing_creditnote_frozen ON billing_creditnote;
CREATE TRIGGER billing_creditnote_frozen BEFORE UPDATE OR DELETE ON billing_creditnote
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_credit_note_change();
"""
ORDER = """
CREATE OR REPLACE FUNCTION billing_refuse_order_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'order % cannot be deleted', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF ROW(OLD.number, OLD.snapshot, OLD.idempotency_key, OLD.currency, OLD.total_amount, OLD.placed_at)
        IS DISTINCT FROM
        ROW(NEW.number, NEW.snapshot, NEW.idempotency_key, NEW.currency, NEW.total_amount, NEW.placed_at)
        OR (OLD.client_id <> NEW.client_id AND NOT {follows})
    THEN
        RAISE EXCEPTION 'order % was agreed and cannot be changed', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
UNDO = f"""
{ORDER.format(follows="false")}
DROP TRIGGER billing_creditnote_frozen ON billing_creditnote;
CREATE TRIGGER billing_creditnote_frozen BEFORE UPDATE OR DELETE ON billing_creditnote
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();
DROP FUNCTION billing_refuse_credit_note_change();
{BEFORE}
DROP FUNCTION billing_follows_merge(bigint, bigint);
"""
FORWARD = FOLLOWS + INVOICE + CREDIT_NOTE + ORDER.format(follows="billing_follows_merge(OLD.client_id, NEW.client_id)")


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0038_collections_list'),
        ('clients', '0010_merged_clients'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.account'),
        ),
        migrations.AlterField(
            model_name='creditmovement',
            name='kind',
            field=models.CharField(choices=[('overpayment', 'Overpayment'), ('used', 'Used for an invoice'), ('released', 'Given back by a cancelled invoice'), ('granted', 'Granted by staff'), ('refunded', 'Paid out'), ('disputed', 'Chargeback'), ('merged', 'Taken over from a merged account')], max_length=12),
        ),
        migrations.RunSQL(FORWARD, UNDO),
    ]
