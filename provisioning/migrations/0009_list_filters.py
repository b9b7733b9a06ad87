"""What lists offer to sort and filter by has an index on each large table; made without keeping writers out."""

from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Upper

from hostbill.core.migrating import AddIndexConcurrently


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("provisioning", "0008_limits")]
    operations = [
        AddIndexConcurrently("operation", models.Index(fields=["verb"], name="provisioning_operation_by_verb")),
        AddIndexConcurrently("service", models.Index(OpClass(Upper("plan"), "text_pattern_ops"), name="provisioning_service_by_plan")),
    ]
