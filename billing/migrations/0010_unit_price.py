"""Unit prices of invoice lines with more decimals than money."""

from django.db import migrations
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import AmountField


class Migration(migrations.Migration):
    dependencies = [("billing", "0009_home_figures")]

    operations = [
        migrations.AlterField(
            "invoiceline", "unit_amount", AmountField(_("unit price"), max_digits=20, decimal_places=8)
        ),
    ]
