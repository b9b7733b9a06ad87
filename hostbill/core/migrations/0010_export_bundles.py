"""ZIPs with a file of each row: which bundle, of which rows, and how many rows have no file."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0009_activity_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="export",
            name="bundle",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="export",
            name="ids",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="export",
            name="left_out",
            field=models.PositiveIntegerField(default=0, help_text="Rows of which there is no file."),
        ),
        migrations.AlterField(
            model_name="export",
            name="format",
            field=models.CharField(choices=[("csv", "CSV"), ("xlsx", "Excel"), ("zip", "ZIP")], max_length=4),
        ),
    ]
