"""Signs between words count as spaces in the search: the function anew, and what was indexed with the old one."""

from django.db import migrations

from hostbill.core.search import FUNCTION, reindex


class Migration(migrations.Migration):
    """Not atomic: indexes are made anew without keeping writers out."""

    atomic = False
    dependencies = [("core", "0006_lists")]
    operations = [
        migrations.RunSQL([FUNCTION], migrations.RunSQL.noop),
        migrations.RunPython(lambda _apps, editor: reindex(editor.connection), migrations.RunPython.noop, atomic=False),
    ]
