"""Lists of large companies are read in the order of an index; made without keeping writers out."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("billing", "0011_dispute_parts")]
    operations = [
        AddIndexConcurrently("invoice", models.Index(fields=["due_on", "id"], name="billing_invoice_list")),
        AddIndexConcurrently(
            "invoice", models.Index(fields=["state", "due_on", "id"], name="billing_invoice_state_list")
        ),
        AddIndexConcurrently("order", models.Index(fields=["placed_at", "id"], name="billing_order_list")),
        AddIndexConcurrently(
            "order", models.Index(fields=["state", "placed_at", "id"], name="billing_order_state_list")
        ),
        AddIndexConcurrently("payment", models.Index(fields=["received_at", "id"], name="billing_payment_list")),
        AddIndexConcurrently(
            "payment",
            models.Index(fields=["received_on"], include=["currency", "amount"], name="billing_payment_day_sums"),
        ),
        RemoveIndexConcurrently("payment", "billing_payment_by_day"),
        AddIndexConcurrently(
            "payment",
            models.Index(
                fields=["received_at", "id"], name="billing_payment_credited", condition=models.Q(credited_amount__gt=0)
            ),
        ),
        AddIndexConcurrently(
            "payment",
            models.Index(
                fields=["received_at", "id"], name="billing_payment_refunded", condition=models.Q(refunded_amount__gt=0)
            ),
        ),
        AddIndexConcurrently("subscription", models.Index(fields=["next_due_on", "id"], name="billing_sub_list")),
        AddIndexConcurrently(
            "subscription", models.Index(fields=["state", "next_due_on", "id"], name="billing_sub_state_list")
        ),
        AddIndexConcurrently(
            "account",
            models.Index(
                fields=["parked_at"], name="billing_account_parked", condition=models.Q(parked_at__isnull=False)
            ),
        ),
    ]
