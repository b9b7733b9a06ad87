"""A line whose whole time was given back lets go of its period too, whatever its invoice: the same days may be invoiced anew with
other terms. What else a line says stays frozen."""

from importlib import import_module

from django.db import migrations

LINES = import_module("billing.migrations.0019_document_guards").LINES


class Migration(migrations.Migration):
    dependencies = [("billing", "0022_changes")]

    operations = [
        migrations.RunSQL(
            LINES % "'issued', 'paid', 'cancelled', 'refunded', 'bad_debt'", LINES % "'cancelled', 'refunded'"
        ),
    ]
