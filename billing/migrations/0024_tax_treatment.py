"""Tax rules by place and step, what each line and document says of its tax, and what is known of clients for tax."""

import django.db.models.deletion
import hostbill.core.clock
import hostbill.core.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0023_released_lines'),
        ('clients', '0006_api_token'),
    ]

    operations = [
        migrations.CreateModel(
            name='LocationEvidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ('updated_at', models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('address', 'Billing address'), ('vat_id', 'VAT number'), ('network', 'Network address'), ('phone', 'Phone number'), ('card', 'Card')], max_length=10, verbose_name='sign')),
                ('country', models.CharField(max_length=2, verbose_name='country')),
                ('detail', models.CharField(blank=True, max_length=100, verbose_name='detail')),
            ],
            options={
                'verbose_name': 'location evidence',
                'verbose_name_plural': 'location evidence',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='TaxIdCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ('updated_at', models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ('tax_id', models.CharField(max_length=40, verbose_name='VAT number')),
                ('requester', models.CharField(blank=True, help_text='Our own VAT number.', max_length=40, verbose_name='asked by')),
                ('checker', models.CharField(blank=True, max_length=40)),
                ('state', models.CharField(choices=[('waiting', 'Being asked'), ('valid', 'Valid'), ('invalid', 'Not valid'), ('unanswered', 'No answer')], default='waiting', max_length=12, verbose_name='answer')),
                ('request_id', models.CharField(blank=True, max_length=80, verbose_name='proof')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('answer', models.JSONField(blank=True, default=dict)),
                ('error', models.CharField(blank=True, max_length=300, verbose_name='what went wrong')),
            ],
            options={
                'verbose_name': 'VAT number check',
                'verbose_name_plural': 'VAT number checks',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='TaxProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ('updated_at', models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ('tax_id', models.CharField(blank=True, max_length=40, verbose_name='VAT number')),
                ('state', models.CharField(blank=True, choices=[('', 'No VAT number'), ('waiting', 'Being checked'), ('valid', 'Valid'), ('invalid', 'Not valid'), ('malformed', 'Not written as a VAT number'), ('foreign', 'Of another country than the address'), ('unanswered', 'The office did not answer'), ('unchecked', 'Cannot be checked')], default='', max_length=12, verbose_name='VAT number')),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='checked')),
                ('valid_at', models.DateTimeField(blank=True, null=True)),
                ('proof', models.CharField(blank=True, max_length=80, verbose_name='proof')),
                ('is_exempt', models.BooleanField(default=False, verbose_name='charged no tax')),
                ('exempt_reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('exempt_until', models.DateField(blank=True, null=True, verbose_name='last day')),
            ],
            options={
                'verbose_name': 'tax status',
                'verbose_name_plural': 'tax statuses',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='TaxYear',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ('updated_at', models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ('year', models.PositiveSmallIntegerField(unique=True)),
                ('passed_on', models.DateField()),
            ],
            options={
                'verbose_name': 'tax year',
                'verbose_name_plural': 'tax years',
                'ordering': ['-year'],
            },
        ),
        migrations.AlterModelOptions(
            name='taxrate',
            options={'ordering': ['tax_class', 'country', 'state', 'postcode', 'step', '-valid_from'], 'verbose_name': 'tax rate', 'verbose_name_plural': 'tax rates'},
        ),
        migrations.RemoveConstraint(
            model_name='invoicetax',
            name='billing_invoicetax_once',
        ),
        migrations.RemoveConstraint(
            model_name='taxrate',
            name='billing_taxrate_once',
        ),
        migrations.AddField(
            model_name='invoice',
            name='tax_country',
            field=models.CharField(blank=True, max_length=2),
        ),
        migrations.AddField(
            model_name='invoice',
            name='tax_proof',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='invoice',
            name='tax_supply',
            field=models.CharField(blank=True, choices=[('', 'By the rates'), ('domestic', 'At home'), ('eu_consumer', 'To consumers in other EU states'), ('eu_business', 'To businesses in other EU states'), ('outside', 'To other countries')], default='', max_length=12),
        ),
        migrations.AddField(
            model_name='invoiceline',
            name='gross_amount',
            field=hostbill.core.fields.AmountField(blank=True, decimal_places=4, max_digits=18, null=True),
        ),
        migrations.AddField(
            model_name='invoiceline',
            name='tax_category',
            field=models.CharField(choices=[('S', 'Taxed'), ('Z', 'Zero rated'), ('E', 'Exempt'), ('AE', 'Reverse charge'), ('K', 'Supply of goods inside the EU'), ('G', 'Export of goods'), ('O', 'Outside the scope of tax')], default='S', max_length=2),
        ),
        migrations.AddField(
            model_name='invoiceline',
            name='tax_components',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='invoiceline',
            name='tax_reason',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='invoicetax',
            name='base_amount',
            field=hostbill.core.fields.AmountField(blank=True, decimal_places=4, max_digits=18, null=True),
        ),
        migrations.AddField(
            model_name='invoicetax',
            name='category',
            field=models.CharField(choices=[('S', 'Taxed'), ('Z', 'Zero rated'), ('E', 'Exempt'), ('AE', 'Reverse charge'), ('K', 'Supply of goods inside the EU'), ('G', 'Export of goods'), ('O', 'Outside the scope of tax')], default='S', max_length=2),
        ),
        migrations.AddField(
            model_name='invoicetax',
            name='country',
            field=models.CharField(blank=True, max_length=2),
        ),
        migrations.AddField(
            model_name='invoicetax',
            name='gross_amount',
            field=hostbill.core.fields.AmountField(blank=True, decimal_places=4, max_digits=18, null=True),
        ),
        migrations.AddField(
            model_name='invoicetax',
            name='is_compound',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='invoicetax',
            name='reason',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='invoicetax',
            name='step',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='taxrate',
            name='buyer',
            field=models.CharField(blank=True, choices=[('', 'Everybody'), ('consumer', 'Consumers'), ('business', 'Businesses with a checked VAT number')], default='', max_length=10, verbose_name='for'),
        ),
        migrations.AddField(
            model_name='taxrate',
            name='category',
            field=models.CharField(choices=[('S', 'Taxed'), ('Z', 'Zero rated'), ('E', 'Exempt'), ('K', 'Supply of goods inside the EU'), ('G', 'Export of goods'), ('O', 'Outside the scope of tax')], default='S', max_length=2, verbose_name='kind of tax'),
        ),
        migrations.AddField(
            model_name='taxrate',
            name='compound',
            field=models.BooleanField(default=False, verbose_name='on the amount with the taxes of the steps before'),
        ),
        migrations.AddField(
            model_name='taxrate',
            name='postcode',
            field=models.CharField(blank=True, help_text='How it begins; several with commas between: 902, 9031.', max_length=100, verbose_name='postcode'),
        ),
        migrations.AddField(
            model_name='taxrate',
            name='reason',
            field=models.CharField(blank=True, help_text='Printed on documents; needed where nothing is charged.', max_length=200, verbose_name='reason'),
        ),
        migrations.AddField(
            model_name='taxrate',
            name='seller_country',
            field=models.CharField(blank=True, help_text='Country of the company. Empty: wherever it is.', max_length=2, verbose_name='sold from'),
        ),
        migrations.AddField(
            model_name='taxrate',
            name='state',
            field=models.CharField(blank=True, help_text='Several spellings with commas between: QC, Québec, Quebec.', max_length=100, verbose_name='state'),
        ),
        migrations.AddField(
            model_name='taxrate',
            name='step',
            field=models.PositiveSmallIntegerField(default=1, help_text='Where several taxes apply: 1 first, then 2. One row of each step counts.', verbose_name='step'),
        ),
        migrations.AddField(
            model_name='taxrate',
            name='valid_until',
            field=models.DateField(blank=True, null=True, verbose_name='last day'),
        ),
        migrations.AlterField(
            model_name='taxrate',
            name='country',
            field=models.CharField(blank=True, help_text='Of the client. Empty: every other country.', max_length=2, verbose_name='country'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(condition=models.Q(('tax_supply', 'eu_consumer')), fields=['issued_on'], name='billing_invoice_eu_consumer'),
        ),
        migrations.AddConstraint(
            model_name='invoicetax',
            constraint=models.UniqueConstraint(fields=('invoice', 'tax_class', 'category', 'percent', 'step'), name='billing_invoicetax_step_once'),
        ),
        migrations.AddConstraint(
            model_name='taxrate',
            constraint=models.UniqueConstraint(fields=('tax_class', 'seller_country', 'country', 'state', 'postcode', 'buyer', 'step', 'valid_from'), name='billing_taxrate_place_once'),
        ),
        migrations.AddConstraint(
            model_name='taxrate',
            constraint=models.CheckConstraint(condition=models.Q(('category', 'S'), ('percent', 0), _connector='OR'), name='billing_taxrate_untaxed'),
        ),
        migrations.AddConstraint(
            model_name='taxrate',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until__isnull', True), ('valid_until__gte', models.F('valid_from')), _connector='OR'), name='billing_taxrate_days'),
        ),
        migrations.AddField(
            model_name='locationevidence',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='location_evidence', to='clients.client'),
        ),
        migrations.AddField(
            model_name='locationevidence',
            name='order',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='location_evidence', to='billing.order'),
        ),
        migrations.AddField(
            model_name='taxidcheck',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tax_id_checks', to='clients.client'),
        ),
        migrations.AddField(
            model_name='taxprofile',
            name='client',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='tax_profile', to='clients.client'),
        ),
        migrations.AddConstraint(
            model_name='locationevidence',
            constraint=models.UniqueConstraint(fields=('order', 'kind'), name='billing_locationevidence_once'),
        ),
        migrations.AddIndex(
            model_name='taxidcheck',
            index=models.Index(fields=['client', '-id'], name='billing_taxidcheck_client'),
        ),
        migrations.AddConstraint(
            model_name='taxprofile',
            constraint=models.CheckConstraint(condition=models.Q(('is_exempt', False), models.Q(('exempt_reason', ''), _negated=True), _connector='OR'), name='billing_taxprofile_reason'),
        ),
    ]
