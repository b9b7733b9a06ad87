"""What lists offer to sort and filter by has an index on each large table; made without keeping writers out."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("core", "0014_webhooks")]
    operations = [
        AddIndexConcurrently("change", models.Index(fields=["at"], name="core_change_by_time")),
    ]
