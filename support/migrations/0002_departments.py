"""The departments a new installation starts with."""

from django.db import migrations

DEPARTMENTS = [
    ("Support", "Something does not work, or you want to know how.", 240, 10),
    ("Billing", "Invoices, payments, changes of your contract.", 480, 20),
]


def create_departments(apps, schema_editor):
    """Add them to an empty table only."""
    department = apps.get_model("support", "Department")
    if department.objects.exists():
        return
    for name, description, minutes, sort in DEPARTMENTS:
        department.objects.create(name=name, description=description, reply_minutes=minutes, sort=sort)


class Migration(migrations.Migration):
    """Seed."""

    dependencies = [("support", "0001_initial")]

    operations = [migrations.RunPython(create_departments, migrations.RunPython.noop)]
