"""Credit notes and corrections are a right of their own: whoever may cancel invoices gets it. And a series for each kind of
document; that of invoices has no format of its own, so the setting `billing.invoice_number_format` goes on holding."""

from django.db import migrations

CANCEL, CREDIT = "billing.invoice.cancel", "billing.credit_note.create"
SERIES = {
    "invoice": "",
    "corrective": "R-{YEAR}-{NUMBER:4}",
    "credit_note": "CN-{YEAR}-{NUMBER:4}",
    "proforma": "PF-{YEAR}-{NUMBER:4}",
}


def give(apps, schema_editor):
    """Roles that name the one get the other; patterns such as `billing.*` cover both."""
    for role in apps.get_model("clients", "StaffRole").objects.all():
        if CANCEL in role.permissions and CREDIT not in role.permissions:
            role.permissions = [*role.permissions, CREDIT]
            role.save(update_fields=["permissions"])
    for document_type, pattern in SERIES.items():
        apps.get_model("billing", "Series").objects.get_or_create(
            document_type=document_type, seller="", defaults={"format": pattern}
        )


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("billing", "0034_preview"), ("clients", "0002_default_roles")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
