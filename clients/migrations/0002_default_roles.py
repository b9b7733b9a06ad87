"""The roles a hosting company starts with. Entries may be patterns: `billing.*` covers every permission of billing."""

from django.db import migrations

ROLES = [
    ("owner", "Owner", ["*"]),
    ("administrator", "Administrator", ["*"]),
    (
        "billing-clerk",
        "Billing clerk",
        ["billing.*", "clients.client.*", "clients.note.edit", "clients.member.edit", "clients.user.view",
         "core.message.*", "provisioning.*.view", "support.ticket.view"],
    ),
    (
        "technician",
        "Technician",
        ["provisioning.*", "clients.client.view", "clients.note.edit", "billing.*.view", "support.ticket.*",
         "core.message.view", "core.queue.*"],
    ),
    (
        "support-agent",
        "Support agent",
        ["support.ticket.*", "support.department.view", "clients.client.view", "clients.note.edit",
         "clients.user.view", "billing.*.view", "provisioning.*.view", "core.message.view"],
    ),
    ("read-only", "Read only", ["*.view"]),
]  # fmt: skip


def create_roles(apps, schema_editor):
    """Add each role unless a role with its code exists."""
    role_model = apps.get_model("clients", "StaffRole")
    for code, name, permissions in ROLES:
        role_model.objects.get_or_create(code=code, defaults={"name": name, "permissions": permissions})


class Migration(migrations.Migration):
    """Seed the default staff roles."""

    dependencies = [("clients", "0001_initial")]

    operations = [migrations.RunPython(create_roles, migrations.RunPython.noop)]
