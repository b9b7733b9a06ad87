"""What each account was debited and credited in a month, written by the database with every booking.

A row is added, none is changed: a row that all bookings shared would make them wait for each other. A posting that is written before
its entry is refused: it would be missing here."""

import django.db.models.deletion
import hostbill.core.fields
from django.db import migrations, models

SUMS = """
    SELECT p.ledger_account_id, p.currency, date_trunc('month', e.booked_on)::date, sum(greatest(p.amount, 0)), sum(greatest(-p.amount, 0))
    FROM {postings} p LEFT JOIN billing_journalentry e ON e.id = p.entry_id GROUP BY 1, 2, 3
"""
INSERT = "INSERT INTO billing_ledgerbalance (ledger_account_id, currency, month, debit_amount, credit_amount)"
KEEP = f"""
LOCK TABLE billing_posting IN SHARE ROW EXCLUSIVE MODE;
CREATE FUNCTION billing_note_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {INSERT} {SUMS.format(postings="new_postings")};
    RETURN NULL;
END $$;
CREATE TRIGGER billing_posting_month AFTER INSERT ON billing_posting
    REFERENCING NEW TABLE AS new_postings FOR EACH STATEMENT EXECUTE FUNCTION billing_note_month();
CREATE TRIGGER billing_ledgerbalance_no_truncate BEFORE TRUNCATE ON billing_ledgerbalance EXECUTE FUNCTION billing_refuse_truncate();
{INSERT} {SUMS.format(postings="billing_posting")};
"""
UNDO = """
DROP TRIGGER billing_ledgerbalance_no_truncate ON billing_ledgerbalance;
DROP TRIGGER billing_posting_month ON billing_posting;
DROP FUNCTION billing_note_month();
"""


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("billing", "0043_rights_by_name")]

    operations = [
        migrations.CreateModel(
            name="LedgerBalance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", hostbill.core.fields.CurrencyField(max_length=3)),
                ("month", models.DateField()),
                ("debit_amount", models.DecimalField(decimal_places=4, max_digits=24)),
                ("credit_amount", models.DecimalField(decimal_places=4, max_digits=24)),
                ("ledger_account", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="balances", to="billing.ledgeraccount")),
            ],
            options={
                "verbose_name": "balance of a month",
                "verbose_name_plural": "balances of months",
                "ordering": ["id"],
                "indexes": [models.Index(fields=["currency", "ledger_account", "month"], name="billing_balance_of_account")],
            },
        ),
        migrations.RunSQL(KEEP, UNDO),
    ]
