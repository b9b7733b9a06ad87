"""Search by words: the folding function, the extension where we may create it, and the index over messages."""

from django.db import migrations

from hostbill.core.search import FUNCTION, WordIndex, create_extension


class Migration(migrations.Migration):
    """Not atomic: an index on a large table is made without keeping writers out."""

    atomic = False
    dependencies = [("core", "0004_lane_turned_away")]
    operations = [
        migrations.RunSQL([FUNCTION], "DROP FUNCTION IF EXISTS hostbill_fold(text) CASCADE"),
        migrations.RunPython(
            lambda _apps, editor: create_extension(editor.connection), migrations.RunPython.noop, atomic=False
        ),
        WordIndex("core_message", "core_message_words", "to_name", "to_email", "subject"),
    ]
