"""Lists of large companies are read in the order of an index; made without keeping writers out."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("clients", "0003_word_search")]
    operations = [
        AddIndexConcurrently("client", models.Index(fields=["created_at", "id"], name="clients_client_list")),
        AddIndexConcurrently(
            "client", models.Index(fields=["status", "created_at", "id"], name="clients_client_status_list")
        ),
    ]
