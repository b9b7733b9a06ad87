"""Lists of large companies are read in the order of an index; made without keeping writers out."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("core", "0007_search_between")]
    operations = [
        AddIndexConcurrently(
            "outgoing",
            models.Index(
                fields=["next_try_at", "id"], condition=~models.Q(state="done"), name="core_outgoing_not_done"
            ),
        ),
        AddIndexConcurrently("change", models.Index(fields=["actor_kind", "-id"], name="core_change_kind")),
    ]
