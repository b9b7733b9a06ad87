"""Several lines of one subscription and period: its price, its configurable options, its discounts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0016_bank_lines")]

    operations = [
        migrations.AddField("invoiceline", "part", models.CharField(blank=True, default="", max_length=40)),
        migrations.RemoveConstraint("invoiceline", "billing_line_period_once"),
        migrations.AddConstraint(
            "invoiceline",
            models.UniqueConstraint(
                fields=["subscription", "period_start", "kind", "part"],
                condition=models.Q(subscription__isnull=False, period_start__isnull=False, released=False),
                name="billing_line_period_once",
            ),
        ),
    ]
