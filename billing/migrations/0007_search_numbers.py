"""Search by transaction id, by the bare number of an invoice and by what is still to pay on it; made without keeping writers out."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently

PREFIX = ["varchar_pattern_ops"]


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("billing", "0006_charge_parts")]
    operations = [
        AddIndexConcurrently("invoice", models.Index(fields=["series_number"], name="billing_invoice_by_number")),
        AddIndexConcurrently(
            "invoice",
            models.Index(
                fields=["open_amount"], name="billing_invoice_by_open", condition=models.Q(("state", "issued"))
            ),
        ),
        AddIndexConcurrently(
            "payment", models.Index(fields=["remote_id"], name="billing_payment_by_remote", opclasses=PREFIX)
        ),
        AddIndexConcurrently(
            "charge",
            models.Index(
                fields=["remote_id"],
                name="billing_charge_by_remote",
                opclasses=PREFIX,
                condition=~models.Q(("remote_id", "")),
            ),
        ),
        AddIndexConcurrently(
            "refund",
            models.Index(
                fields=["remote_id"],
                name="billing_refund_by_remote",
                opclasses=PREFIX,
                condition=~models.Q(("remote_id", "")),
            ),
        ),
    ]
