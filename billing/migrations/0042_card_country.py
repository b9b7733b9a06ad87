"""The country of the bank that issued a card, as a sign of where somebody lives."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0041_change_leader'),
    ]

    operations = [
        migrations.AddField(
            model_name='paymentmethod',
            name='country',
            field=models.CharField(blank=True, editable=False, max_length=2),
        ),
        migrations.AlterField(
            model_name='locationevidence',
            name='kind',
            field=models.CharField(choices=[('address', 'Billing address'), ('vat_id', 'VAT number'), ('network', 'Network address'), ('phone', 'Phone number'), ('card', 'Bank of the card')], max_length=10, verbose_name='sign'),
        ),
    ]
