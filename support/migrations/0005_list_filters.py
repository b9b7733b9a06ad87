"""What lists offer to sort and filter by has an index on each large table; made without keeping writers out."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("support", "0004_list_order")]
    operations = [
        AddIndexConcurrently("ticket", models.Index(fields=["waiting_since", "id"], name="support_ticket_waiting")),
        AddIndexConcurrently("ticket", models.Index(fields=["priority"], name="support_ticket_by_priority")),
    ]
