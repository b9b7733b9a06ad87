"""Differences can be mended or left as they are; a renamed account is a kind of its own."""

from django.db import migrations, models

KINDS = [
    ("missing", "Paid for, but not on the server"),
    ("unpaid", "On the server, but not paid for"),
    ("state", "Suspended on one side only"),
    ("plan", "Another plan on the server"),
    ("domain", "Another domain on the server"),
    ("stranger", "On the server, unknown to us"),
]


class Migration(migrations.Migration):
    """New columns with defaults; dropping them loses who mended what."""

    dependencies = [("provisioning", "0002_word_search")]

    operations = [
        migrations.AlterField("drift", "kind", models.CharField(choices=KINDS, max_length=12)),
        migrations.AddField("drift", "mend", models.CharField(blank=True, default="", max_length=16), preserve_default=False),
        migrations.AddField("drift", "mended_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "drift", "mended_by", models.CharField(blank=True, default="", max_length=120), preserve_default=False
        ),
        migrations.AddField("drift", "left_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("drift", "left_by", models.CharField(blank=True, default="", max_length=120), preserve_default=False),
        migrations.AddField(
            "drift", "left_reason", models.CharField(blank=True, default="", max_length=200), preserve_default=False
        ),
    ]
