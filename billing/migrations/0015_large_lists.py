"""Subscriptions and orders are searched by words; whether an order was ever paid is known without reading all invoices."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently
from hostbill.core.search import WordIndex


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("billing", "0014_card_fingerprint"), ("core", "0009_activity_words")]
    operations = [
        WordIndex("billing_subscription", "billing_sub_words", "label"),
        WordIndex("billing_orderline", "billing_orderline_words", "label"),
        AddIndexConcurrently(
            "invoice",
            models.Index(fields=["state"], name="billing_invoice_of_orders", condition=models.Q(kind="order")),
        ),
    ]
