"""The change log is searched by words and narrowed by act, without reading all of it."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently
from hostbill.core.search import WordIndex


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("core", "0008_list_order")]
    operations = [
        WordIndex("core_change", "core_change_words", "actor_label", "object_label", "reason"),
        AddIndexConcurrently("change", models.Index(fields=["action", "-id"], name="core_change_action")),
    ]
