"""Lists of large companies are read in the order of an index; made without keeping writers out."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("support", "0003_word_search")]
    operations = [
        AddIndexConcurrently("ticket", models.Index(fields=["last_message_at", "id"], name="support_ticket_list")),
        AddIndexConcurrently(
            "ticket", models.Index(fields=["state", "last_message_at", "id"], name="support_ticket_state_list")
        ),
    ]
