"""Conditions of rules become rows of field, relation and value; before they were {field: true or false}."""

from django.db import migrations, models


def to_rows(apps, schema_editor):
    for rule in apps.get_model("core", "Rule").objects.all():
        if isinstance(rule.conditions, dict):
            pairs = rule.conditions.items()
            rule.conditions = [{"field": key, "relation": "yes" if value else "no", "value": ""} for key, value in pairs]
            rule.save(update_fields=["conditions"])


def to_pairs(apps, schema_editor):
    """Conditions that are not true or false were not known before and are lost."""
    for rule in apps.get_model("core", "Rule").objects.all():
        rows = [row for row in rule.conditions if row["relation"] in ("yes", "no")]
        rule.conditions = {row["field"]: row["relation"] == "yes" for row in rows}
        rule.save(update_fields=["conditions"])


class Migration(migrations.Migration):
    dependencies = [("core", "0010_export_bundles")]

    operations = [
        migrations.AlterField("rule", "conditions", models.JSONField(blank=True, default=list)),
        migrations.RunPython(to_rows, to_pairs),
    ]
