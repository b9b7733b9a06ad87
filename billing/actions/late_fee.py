"""Late fees: an invoice of their own, because an issued one is never changed."""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Invoice, InvoiceLine
from hostbill.core import clock
from hostbill.core.money import Money

from .account import lock_account
from .invoice import draft_invoice, issue_invoice
from .lines import NewLine


def charge_late_fee(
    invoice: Invoice, *, fixed: Decimal, percent: Decimal, due_days: int, tax_class: str, actor
) -> Invoice | None:
    """Invoice ``fixed`` plus ``percent`` of what is still to pay, net, in the invoice's currency, due in ``due_days`` days.

    None when it was paid meanwhile, comes to nothing, or is a late fee itself: fees bear no fees."""
    with transaction.atomic():
        account = lock_account(invoice.account)
        late = Invoice.objects.unpaid().select_related("client").filter(pk=invoice.pk).first()
        if late is None or late.lines.filter(kind=InvoiceLine.Kind.LATE_FEE).exists():
            return None
        fee = Money(fixed + late.open.amount * percent / 100, late.currency)
        if not fee.is_positive:
            return None
        with translation.override(late.client.language):
            words = _("Late fee for invoice %(number)s") % {"number": late.number}
        line = NewLine(words, fee.amount, kind=InvoiceLine.Kind.LATE_FEE, tax_class=tax_class, revenue_code="late_fee")
        due_on = clock.today() + timedelta(days=due_days)
        draft = draft_invoice(account, [line], kind=Invoice.Kind.MANUAL, due_on=due_on)
        return issue_invoice(draft, actor=actor)
