"""More days to pay."""

import django.db.models.deletion
from django.db import migrations, models

import hostbill.core.clock


class Migration(migrations.Migration):
    dependencies = [("billing", "0007_search_numbers"), ("clients", "0002_default_roles")]

    operations = [
        migrations.CreateModel(
            name="Stay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("until", models.DateField()),
                ("granted_at", models.DateTimeField()),
                ("granted_by", models.CharField(max_length=200)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stays", to="clients.client"
                    ),
                ),
                (
                    "invoice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stay", to="billing.invoice"
                    ),
                ),
            ],
            options={"verbose_name": "stay", "verbose_name_plural": "stays", "ordering": ["-granted_at", "-id"]},
        ),
    ]
