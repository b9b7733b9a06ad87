"""Lists of large companies are read in the order of an index; made without keeping writers out."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("provisioning", "0004_attempt_under_way")]
    operations = [
        AddIndexConcurrently("service", models.Index(fields=["created_at", "id"], name="provisioning_service_list")),
        AddIndexConcurrently(
            "service", models.Index(fields=["state", "created_at", "id"], name="provisioning_service_by_state")
        ),
        AddIndexConcurrently(
            "service",
            models.Index(
                fields=["created_at"],
                name="provisioning_service_trouble",
                condition=~models.Q(attention="") & ~models.Q(state="terminated"),
            ),
        ),
        AddIndexConcurrently(
            "operation", models.Index(fields=["created_at", "id"], name="provisioning_operation_list")
        ),
    ]
