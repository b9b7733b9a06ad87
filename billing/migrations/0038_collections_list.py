"""Invoices handed to collections are few among many: their tab is found by an index of its own."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently


class Migration(migrations.Migration):
    """Not atomic: the index is made concurrently."""

    atomic = False
    dependencies = [("billing", "0037_tax_line")]
    operations = [
        AddIndexConcurrently(
            "invoice",
            models.Index(
                fields=["due_on", "id"], name="billing_invoice_collections", condition=models.Q(collections_at__isnull=False)
            ),
        ),
    ]
