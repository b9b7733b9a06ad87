"""Use cases of pay links."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Invoice
from hostbill.core.audit import audit
from hostbill.core.errors import AppError

from .account import lock_account


def withdraw_pay_links(invoice: Invoice, *, actor, reason: str = "") -> Invoice:
    """Every link to pay this invoice that was given out stops working, alone or with others; a new one can be copied.

    AppError "not_open"."""
    with transaction.atomic():
        lock_account(invoice.account)
        invoice = Invoice.objects.get(pk=invoice.pk)
        if invoice.state == Invoice.State.DRAFT:
            raise AppError(_("A draft has no link."), code="not_open")
        invoice.pay_link_generation += 1
        invoice.save(update_fields=["pay_link_generation"])
        audit(actor, "billing.invoice_links_withdrawn", invoice, reason=reason)
    return invoice
