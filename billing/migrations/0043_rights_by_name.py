"""Opening closed months and writing off have to be given by name: `billing.*` covers them no more.

Roles that the house made with patterns keep what they had, by name. The billing clerk, as it came with HostBill, loses both."""

from fnmatch import fnmatchcase

from django.db import migrations

RIGHTS = ("billing.ledger.reopen", "billing.invoice.write_off")
CLERK = "billing-clerk"


def covered(role) -> list[str]:
    """Rights that only its patterns gave."""
    return [right for right in RIGHTS if right not in role.permissions and any(fnmatchcase(right, entry) for entry in role.permissions)]


def name_them(apps, schema_editor):
    """Roles that may do everything need no more words."""
    for role in apps.get_model("clients", "StaffRole").objects.all():
        if "*" not in role.permissions and role.code != CLERK and (rights := covered(role)):
            role.permissions = [*role.permissions, *rights]
            role.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("billing", "0042_card_country"), ("clients", "0002_default_roles")]

    operations = [migrations.RunPython(name_them, migrations.RunPython.noop)]
