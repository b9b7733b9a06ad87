"""Who may place orders could have them set up before they are paid; that is a right of its own now, and nobody loses it."""

from django.db import migrations

CREATE, BEGIN = "billing.order.create", "billing.order.begin"


def give(apps, schema_editor):
    """Roles that name the one get the other; patterns such as `billing.*` cover both."""
    for role in apps.get_model("clients", "StaffRole").objects.all():
        if CREATE in role.permissions and BEGIN not in role.permissions:
            role.permissions = [*role.permissions, BEGIN]
            role.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("billing", "0012_list_order"), ("clients", "0002_default_roles")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
