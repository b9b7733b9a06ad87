"""Saved views, acts on many rows, files made from lists."""

import django.db.models.deletion
import hostbill.core.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_word_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "once",
                    models.CharField(
                        help_text="Made from page and selection: the same form sent twice runs once.", max_length=64
                    ),
                ),
                ("list_key", models.CharField(max_length=120)),
                ("kwargs", models.JSONField(default=dict)),
                ("query", models.TextField(blank=True)),
                ("title", models.CharField(max_length=120)),
                ("action", models.CharField(max_length=60)),
                ("label", models.CharField(max_length=120)),
                ("answers", models.JSONField(default=dict)),
                ("language", models.CharField(max_length=12)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Under way"),
                            ("done", "Done"),
                            ("stopped", "Stopped"),
                            ("failed", "Broken off"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                (
                    "everything",
                    models.BooleanField(default=False, help_text="All rows that match, instead of chosen ones."),
                ),
                (
                    "collected_to",
                    models.BigIntegerField(default=0, help_text="Rows up to this key are on the run's list."),
                ),
                ("is_collected", models.BooleanField(default=False)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BulkRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object_id", models.BigIntegerField()),
                ("label", models.CharField(blank=True, max_length=200)),
                ("url", models.CharField(blank=True, max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("message", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="core.bulkrun"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("list_key", models.CharField(max_length=120)),
                ("kwargs", models.JSONField(default=dict)),
                ("query", models.TextField(blank=True)),
                ("columns", models.JSONField(default=list)),
                ("format", models.CharField(choices=[("csv", "CSV"), ("xlsx", "Excel")], max_length=4)),
                ("title", models.CharField(max_length=120)),
                ("language", models.CharField(max_length=12)),
                ("time_zone", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Being written"),
                            ("done", "Ready"),
                            ("failed", "Not made"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("total", models.PositiveIntegerField(null=True)),
                ("written", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="core.file"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("list_key", models.CharField(max_length=120)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.TextField(blank=True)),
                ("columns", models.JSONField(default=list)),
                ("is_shared", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "view",
            },
        ),
        migrations.AddIndex(
            model_name="bulkrun",
            index=models.Index(fields=["user", "-id"], name="core_bulkrun_user"),
        ),
        migrations.AddConstraint(
            model_name="bulkrun",
            constraint=models.UniqueConstraint(fields=("user", "once"), name="core_bulkrun_once"),
        ),
        migrations.AddIndex(
            model_name="bulkrow",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["run", "id"], name="core_bulkrow_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkrow",
            constraint=models.UniqueConstraint(fields=("run", "object_id"), name="core_bulkrow_once"),
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(fields=["user", "-id"], name="core_export_user"),
        ),
        migrations.AddIndex(
            model_name="savedview",
            index=models.Index(fields=["list_key", "is_shared"], name="core_savedview_shared"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(fields=("user", "list_key", "name"), name="core_savedview_name"),
        ),
    ]
