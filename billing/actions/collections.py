"""Invoices that somebody else collects: automation leaves them alone; they stay open and can be paid as before."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Invoice
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError

from .account import lock_account


def hand_to_collections(invoice: Invoice, *, actor, reason: str) -> Invoice:
    """No reminders, charges, fees and suspensions for it any more. AppError: "not_overdue", "in_collections"."""
    with transaction.atomic():
        lock_account(invoice.account)
        invoice = Invoice.objects.get(pk=invoice.pk)
        if not invoice.is_overdue:
            raise AppError(_("Only an overdue invoice is handed to collections."), code="not_overdue")
        if invoice.collections_at:
            raise AppError(_("It is in collections already."), code="in_collections")
        invoice.collections_at, invoice.collections_note = clock.now(), reason.strip()[:300]
        invoice.save(update_fields=["collections_at", "collections_note"])
        audit(actor, "billing.invoice_handed_to_collections", invoice, reason=reason)
    return invoice


def take_from_collections(invoice: Invoice, *, actor) -> Invoice:
    """Automation looks after it again. AppError "not_in_collections"."""
    with transaction.atomic():
        lock_account(invoice.account)
        invoice = Invoice.objects.get(pk=invoice.pk)
        if not invoice.collections_at:
            raise AppError(_("It is not in collections."), code="not_in_collections")
        invoice.collections_at, invoice.collections_note = None, ""
        invoice.save(update_fields=["collections_at", "collections_note"])
        audit(actor, "billing.invoice_taken_from_collections", invoice)
    return invoice
