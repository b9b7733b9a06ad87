"""Services that wait for a person are found without reading all that wait for their payment."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently


class Migration(migrations.Migration):
    """Not atomic: the index is made concurrently."""

    atomic = False
    dependencies = [("provisioning", "0005_list_order")]
    operations = [
        AddIndexConcurrently(
            "service",
            models.Index(
                fields=["created_at"],
                name="provisioning_service_stuck",
                condition=models.Q(state="waiting", wait_reason__in=["servers_full", "staff", "setting"]),
            ),
        ),
    ]
