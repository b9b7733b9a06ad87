"""TRUNCATE goes past row triggers: refused too. A test database is told to allow it (hostbill.may_truncate)."""

from django.db import migrations

TABLES = [
    "billing_invoice",
    "billing_invoiceline",
    "billing_invoicetax",
    "billing_journalentry",
    "billing_posting",
    "billing_creditmovement",
    "billing_paymentallocation",
    "billing_payment",
    "billing_order",
]
FUNCTION = """
CREATE FUNCTION billing_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('hostbill.may_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% cannot be emptied', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
TRIGGERS = "".join(
    f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION billing_refuse_truncate();\n"
    for table in TABLES
)
UNDO = "".join(f"DROP TRIGGER {table}_no_truncate ON {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    """Triggers per statement."""

    dependencies = [("billing", "0003_disputes")]

    operations = [migrations.RunSQL(FUNCTION + TRIGGERS, UNDO + "DROP FUNCTION billing_refuse_truncate();")]
