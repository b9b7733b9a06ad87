"""What the database itself refuses of the ledger: entries of closed months, changes of what was deferred. And books that were kept
already go on as they were: revenue at the issue of the invoice, until somebody decides otherwise in the settings."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION billing_refuse_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed date;
BEGIN
    -- Closing a month takes this lock alone, so it waits for bookings under way, and they see its month closed.
    PERFORM pg_advisory_xact_lock_shared(hashtext('billing_ledgerperiod'));
    SELECT p.month INTO closed FROM new_entries n
        JOIN billing_ledgerperiod p ON p.month = date_trunc('month', n.booked_on)::date AND p.closed_at IS NOT NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'month % of the books is closed', to_char(closed, 'YYYY-MM')
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_journalentry_open_month AFTER INSERT ON billing_journalentry
    REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse_closed_month();

CREATE FUNCTION billing_refuse_deferral_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR
        ROW(OLD.entry_id, OLD.code, OLD.currency, OLD.amount, OLD.booked_on, OLD.starts_on, OLD.ends_on)
        IS DISTINCT FROM
        ROW(NEW.entry_id, NEW.code, NEW.currency, NEW.amount, NEW.booked_on, NEW.starts_on, NEW.ends_on)
        OR NEW.recognised_until < OLD.recognised_until
    THEN
        RAISE EXCEPTION 'deferred revenue % cannot be changed', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_deferral_frozen BEFORE UPDATE OR DELETE ON billing_deferral
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_deferral_change();

CREATE FUNCTION billing_refuse_period_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a month that was closed once cannot be deleted' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER billing_ledgerperiod_kept BEFORE DELETE ON billing_ledgerperiod
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_period_delete();

CREATE TRIGGER billing_deferral_no_truncate BEFORE TRUNCATE ON billing_deferral EXECUTE FUNCTION billing_refuse_truncate();
CREATE TRIGGER billing_ledgerperiod_no_truncate BEFORE TRUNCATE ON billing_ledgerperiod EXECUTE FUNCTION billing_refuse_truncate();
"""
UNDO = """
DROP TRIGGER billing_ledgerperiod_no_truncate ON billing_ledgerperiod;
DROP TRIGGER billing_deferral_no_truncate ON billing_deferral;
DROP TRIGGER billing_ledgerperiod_kept ON billing_ledgerperiod;
DROP FUNCTION billing_refuse_period_delete();
DROP TRIGGER billing_deferral_frozen ON billing_deferral;
DROP FUNCTION billing_refuse_deferral_change();
DROP TRIGGER billing_journalentry_open_month ON billing_journalentry;
DROP FUNCTION billing_refuse_closed_month();
"""


def keep_as_it_was(apps, schema_editor):
    """Where there are books, the policy stays the one they were kept by."""
    if apps.get_model("billing", "JournalEntry").objects.exists():
        settings = apps.get_model("core", "Setting").objects
        settings.get_or_create(key="billing.recognise", defaults={"value": "issue"})


class Migration(migrations.Migration):
    """Triggers; see docs/architecture.md, money."""

    dependencies = [("billing", "0026_ledger"), ("core", "0012_idempotency")]

    operations = [
        migrations.RunSQL(GUARDS, UNDO),
        migrations.RunPython(keep_as_it_was, migrations.RunPython.noop),
    ]
