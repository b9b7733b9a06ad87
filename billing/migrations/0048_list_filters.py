"""What lists offer to sort and filter by has an index on each large table; made without keeping writers out."""

from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Cast

from hostbill.core.migrating import AddIndexConcurrently
from hostbill.core.search import WordIndex


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("billing", "0047_method_due_from"), ("core", "0009_activity_words")]
    operations = [
        AddIndexConcurrently("bankline", models.Index(fields=["currency"], name="billing_bankline_by_currency")),
        AddIndexConcurrently("bankline", models.Index(fields=["state", "booked_on", "id"], name="billing_bankline_by_state")),
        AddIndexConcurrently("creditnote", models.Index(fields=["kind"], name="billing_creditnote_by_kind")),
        AddIndexConcurrently("creditnote", models.Index(fields=["total_amount"], name="billing_creditnote_by_total")),
        AddIndexConcurrently("einvoice", models.Index(fields=["written_at", "id"], name="billing_einvoice_written")),
        AddIndexConcurrently("einvoice", models.Index(fields=["format"], name="billing_einvoice_by_format")),
        AddIndexConcurrently("einvoice", models.Index(condition=models.Q(("is_checked", False)), fields=["id"], name="billing_einvoice_unchecked")),
        AddIndexConcurrently("invoice", models.Index(fields=["issued_on", "id"], name="billing_invoice_by_issue")),
        AddIndexConcurrently("invoice", models.Index(fields=["kind"], name="billing_invoice_by_kind")),
        AddIndexConcurrently("invoice", models.Index(fields=["currency"], name="billing_invoice_by_currency")),
        AddIndexConcurrently("invoice", models.Index(fields=["total_amount"], name="billing_invoice_by_total")),
        AddIndexConcurrently("payment", models.Index(fields=["currency"], name="billing_payment_by_currency")),
        AddIndexConcurrently("quote", models.Index(fields=["issued_on", "id"], name="billing_quote_by_issue")),
        AddIndexConcurrently("quote", models.Index(fields=["number"], name="billing_quote_by_number", opclasses=["varchar_pattern_ops"])),
        AddIndexConcurrently("subscription", models.Index(fields=["cycle"], name="billing_sub_by_cycle")),
        AddIndexConcurrently("taxline", models.Index(fields=["country"], name="billing_taxline_by_country")),
        AddIndexConcurrently("taxline", models.Index(fields=["currency"], name="billing_taxline_by_currency")),
        AddIndexConcurrently("taxline", models.Index(OpClass(Cast("percent", models.TextField()), "text_pattern_ops"), name="billing_taxline_by_percent")),
        WordIndex("billing_payment", "billing_payment_words", "note"),
        WordIndex("billing_quote", "billing_quote_words", "subject", "company", "first_name", "last_name", "email"),
    ]
