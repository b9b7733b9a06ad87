"""A try is on record before its call: one more outcome."""

from django.db import migrations, models

OUTCOMES = [
    ("running", "Under way"),
    ("done", "Done"),
    ("already", "Was done already"),
    ("absent", "Looked: not there"),
    ("rejected", "Refused"),
    ("retry", "Not reached, tried again later"),
    ("unknown", "Answer lost"),
]


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0003_drift_mending")]

    operations = [
        migrations.AlterField("operationattempt", "outcome", models.CharField(choices=OUTCOMES, max_length=12)),
    ]
