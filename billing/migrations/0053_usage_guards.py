"""What the database itself refuses: changing what was used, a closed month, and the terms that one was charged by."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION billing_refuse_usage_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The one thing that changes, once: the closed month that counts it.
    IF TG_OP = 'UPDATE' AND OLD.period_id IS NULL
       AND (to_jsonb(NEW) - 'period_id' - 'updated_at') = (to_jsonb(OLD) - 'period_id' - 'updated_at') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'usage % was recorded and cannot be changed', OLD.event_id USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER billing_usagerecord_frozen BEFORE UPDATE OR DELETE ON billing_usagerecord
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_usage_change();
CREATE TRIGGER billing_usageperiod_append_only BEFORE UPDATE OR DELETE ON billing_usageperiod
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_change();

CREATE FUNCTION billing_refuse_terms_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_usageperiod WHERE terms_id = OLD.id) THEN
        RAISE EXCEPTION 'months were charged by these terms: they cannot be changed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_metricterms_frozen BEFORE UPDATE ON billing_metricterms
    FOR EACH ROW EXECUTE FUNCTION billing_refuse_terms_change();

CREATE TRIGGER billing_usagerecord_no_truncate BEFORE TRUNCATE ON billing_usagerecord EXECUTE FUNCTION billing_refuse_truncate();
CREATE TRIGGER billing_usageperiod_no_truncate BEFORE TRUNCATE ON billing_usageperiod EXECUTE FUNCTION billing_refuse_truncate();
"""
UNDO = """
DROP TRIGGER billing_usagerecord_no_truncate ON billing_usagerecord;
DROP TRIGGER billing_usageperiod_no_truncate ON billing_usageperiod;
DROP TRIGGER billing_usagerecord_frozen ON billing_usagerecord;
DROP TRIGGER billing_usageperiod_append_only ON billing_usageperiod;
DROP TRIGGER billing_metricterms_frozen ON billing_metricterms;
DROP FUNCTION billing_refuse_usage_change();
DROP FUNCTION billing_refuse_terms_change();
"""


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = [("billing", "0052_usage")]

    operations = [migrations.RunSQL(FREEZE, UNDO)]
