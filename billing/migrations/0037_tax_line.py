"""A view over what documents booked to the tax accounts, for reports and their drill-down."""

import hostbill.core.fields
from django.db import migrations, models

ROWS = """
SELECT t.id * 4 + {kind} AS id, i.id AS invoice_id, {note} AS credit_note_id, i.client_id, e.booked_on,
       i.tax_supply AS supply, coalesce(i.buyer ->> 'country', '') AS buyer_country,
       coalesce(i.buyer ->> 'tax_id', '') AS buyer_tax_id, t.country, t.tax_class, t.category, t.name, t.percent, t.step,
       t.currency, {sign} t.net_amount AS net_amount, {sign} t.tax_amount AS tax_amount
"""
INVOICES = ROWS.format(kind=0, note="NULL::bigint", sign="") + """
FROM billing_invoicetax t JOIN billing_invoice i ON i.id = t.invoice_id
JOIN billing_journalentry e ON e.invoice_id = i.id AND e.key = 'invoice:' || i.id || ':issued'
"""
CANCELLED = ROWS.format(kind=1, note="NULL::bigint", sign="-") + """
FROM billing_invoicetax t JOIN billing_invoice i ON i.id = t.invoice_id
JOIN billing_journalentry e ON e.invoice_id = i.id AND e.key = 'invoice:' || i.id || ':cancelled'
"""
CREDITED = ROWS.format(kind=2, note="n.id", sign="-") + """
FROM billing_creditnotetax t JOIN billing_creditnote n ON n.id = t.credit_note_id JOIN billing_invoice i ON i.id = n.invoice_id
JOIN billing_journalentry e ON e.invoice_id = i.id AND e.key = 'credit_note:' || n.id
"""
CREATE = f"CREATE VIEW billing_taxline AS {INVOICES} UNION ALL {CANCELLED} UNION ALL {CREDITED}"


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0036_counted_on'),
    ]

    operations = [
        migrations.RunSQL(CREATE, "DROP VIEW billing_taxline"),
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
            ],
            options={
                'verbose_name': 'tax line',
                'verbose_name_plural': 'tax lines',
                'db_table': 'billing_taxline',
                'ordering': ['-booked_on', '-id'],
                'managed': False,
            },
        ),
    ]
