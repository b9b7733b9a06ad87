"""A chargeback of one payment for several invoices opens all of them again."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

from hostbill.core.fields import AmountField, CurrencyField


def one_part_each(apps, schema_editor):
    """Until now a dispute opened one invoice."""
    Part = apps.get_model("billing", "DisputePart")
    for dispute in apps.get_model("billing", "Dispute").objects.exclude(invoice=None):
        Part.objects.create(
            dispute=dispute,
            invoice_id=dispute.invoice_id,
            currency=dispute.currency,
            reopened_amount=dispute.reopened_amount,
        )


class Migration(migrations.Migration):
    dependencies = [("billing", "0010_unit_price")]

    operations = [
        migrations.CreateModel(
            name="DisputePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", CurrencyField(max_length=3)),
                ("reopened_amount", AmountField(decimal_places=4, default=Decimal(0), max_digits=18)),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="billing.dispute"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dispute_parts", to="billing.invoice"
                    ),
                ),
            ],
            options={
                "verbose_name": "dispute part",
                "verbose_name_plural": "dispute parts",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("dispute", "invoice"), name="billing_dispute_part_once")
                ],
            },
        ),
        migrations.RunPython(one_part_each, migrations.RunPython.noop),
    ]
