"""The rows behind tax reports become a table that the database writes when a document is booked: as a view over all tax groups they
took seconds at a million invoices. The view stays, under another name, as what `check_books` compares them with."""

from importlib import import_module

import django.db.models.deletion
import hostbill.core.fields
from django.db import migrations, models
from django.db.models.functions import Upper

OLD = import_module("billing.migrations.0037_tax_line")
COLUMNS = (
    "id, invoice_id, credit_note_id, client_id, booked_on, supply, buyer_country, buyer_tax_id, country, tax_class, category, name, "
    "percent, step, currency, net_amount, tax_amount"
)
#: The same rows, of the entries that a statement has just written.
FRESH = " UNION ALL ".join(
    part.replace("JOIN billing_journalentry e", "JOIN new_entries e") for part in (OLD.INVOICES, OLD.CANCELLED, OLD.CREDITED)
)
KEEP = f"""
LOCK TABLE billing_journalentry IN SHARE ROW EXCLUSIVE MODE;
CREATE FUNCTION billing_note_tax_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO billing_taxline ({COLUMNS}) {FRESH};
    RETURN NULL;
END $$;
CREATE TRIGGER billing_journalentry_tax_lines AFTER INSERT ON billing_journalentry
    REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION billing_note_tax_lines();

CREATE FUNCTION billing_move_tax_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE billing_taxline SET client_id = NEW.client_id WHERE invoice_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_invoice_tax_lines AFTER UPDATE OF client_id ON billing_invoice
    FOR EACH ROW WHEN (OLD.client_id IS DISTINCT FROM NEW.client_id) EXECUTE FUNCTION billing_move_tax_lines();
CREATE TRIGGER billing_taxline_no_truncate BEFORE TRUNCATE ON billing_taxline EXECUTE FUNCTION billing_refuse_truncate();
INSERT INTO billing_taxline ({COLUMNS}) SELECT {COLUMNS} FROM billing_taxline_source;
"""
UNDO = """
DROP TRIGGER billing_taxline_no_truncate ON billing_taxline;
DROP TRIGGER billing_invoice_tax_lines ON billing_invoice;
DROP FUNCTION billing_move_tax_lines();
DROP TRIGGER billing_journalentry_tax_lines ON billing_journalentry;
DROP FUNCTION billing_note_tax_lines();
"""


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("billing", "0044_ledger_balance")]

    operations = [
        migrations.DeleteModel(name="TaxLine"),
        migrations.RunSQL(
            "ALTER VIEW billing_taxline RENAME TO billing_taxline_source", "ALTER VIEW billing_taxline_source RENAME TO billing_taxline"
        ),
        migrations.CreateModel(
            name='TaxLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('booked_on', models.DateField(verbose_name='day')),
                ('supply', models.CharField(choices=[('', 'By the rates'), ('domestic', 'At home'), ('eu_consumer', 'To consumers in other EU states'), ('eu_business', 'To businesses in other EU states'), ('outside', 'To other countries')], max_length=12, verbose_name='sold to')),
                ('buyer_country', models.CharField(max_length=2, verbose_name='country of the client')),
                ('buyer_tax_id', models.CharField(max_length=40, verbose_name='VAT number')),
                ('country', models.CharField(max_length=2, verbose_name='tax of')),
                ('tax_class', models.CharField(choices=[('standard', 'Standard rate'), ('reduced', 'Reduced rate'), ('zero', 'No tax')], max_length=20, verbose_name='tax class')),
                ('category', models.CharField(choices=[('S', 'Taxed'), ('Z', 'Zero rated'), ('E', 'Exempt'), ('AE', 'Reverse charge'), ('K', 'Supply of goods inside the EU'), ('G', 'Export of goods'), ('O', 'Outside the scope of tax')], max_length=2, verbose_name='kind of tax')),
                ('name', models.CharField(max_length=40, verbose_name='name on invoices')),
                ('percent', models.DecimalField(decimal_places=4, max_digits=7, verbose_name='percent')),
                ('step', models.PositiveSmallIntegerField(verbose_name='step')),
                ('currency', hostbill.core.fields.CurrencyField(max_length=3)),
                ('net_amount', hostbill.core.fields.AmountField(decimal_places=4, max_digits=18)),
                ('tax_amount', hostbill.core.fields.AmountField(decimal_places=4, max_digits=18)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='clients.client')),
                ('credit_note', models.ForeignKey(null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='billing.creditnote')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='billing.invoice')),
            ],
            options={
                'verbose_name': 'tax line',
                'verbose_name_plural': 'tax lines',
                'db_table': 'billing_taxline',
                'ordering': ['-booked_on', '-id'],
                'indexes': [models.Index(fields=['booked_on', 'id'], name='billing_taxline_day'), models.Index(fields=['client', 'booked_on', 'id'], name='billing_taxline_client'), models.Index(condition=models.Q(('category', 'S'), _negated=True), fields=['category', 'booked_on', 'id'], name='billing_taxline_untaxed'), models.Index(condition=models.Q(('supply', 'domestic'), _negated=True), fields=['supply', 'booked_on', 'id'], name='billing_taxline_abroad'), models.Index(Upper('buyer_tax_id'), models.F('booked_on'), name='billing_taxline_number')],
            },
        ),
        migrations.RunSQL(KEEP, UNDO),
    ]
