"""Late fees: an invoice of their own, because an issued one is never changed."""

from dataclasses import dataclass
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

DAYS_A_YEAR = 365


@dataclass(frozen=True)
class LateFee:
    """What being late costs, net: an amount in the invoice's currency, percent of what is still to pay, and interest in percent a year."""

    fixed: Decimal = Decimal(0)
    percent: Decimal = Decimal(0)
    yearly: Decimal = Decimal(0)


def interest(invoice: Invoice, yearly: Decimal) -> Money:
    """By the day from the day after the due date to today, of 365 a year, on what is open today."""
    days = max((clock.today() - invoice.due_on).days, 0)
    return Money(invoice.open.amount * yearly * days / (100 * DAYS_A_YEAR), invoice.currency)


def charge_late_fee(invoice: Invoice, fee: LateFee, *, due_days: int, tax_class: str, actor) -> Invoice | None:
    """Invoice the fee and, on a line of its own, the interest, due in ``due_days`` days.

    None when it was paid meanwhile, comes to nothing, or is a late fee itself: fees bear no fees."""
    with transaction.atomic():
        account = lock_account(invoice.account)
        late = Invoice.objects.unpaid().select_related("client").filter(pk=invoice.pk).first()
        if late is None or late.lines.filter(kind=InvoiceLine.Kind.LATE_FEE).exists():
            return None
        lines = _lines(late, fee, tax_class)
        if not lines:
            return None
        due_on = clock.today() + timedelta(days=due_days)
        draft = draft_invoice(account, lines, kind=Invoice.Kind.MANUAL, due_on=due_on)
        return issue_invoice(draft, actor=actor)


def _lines(late: Invoice, fee: LateFee, tax_class: str) -> list[NewLine]:
    """What comes to something."""
    once = Money(fee.fixed + late.open.amount * fee.percent / 100, late.currency)
    by_day = interest(late, fee.yearly)
    names = {"number": late.number, "days": (clock.today() - late.due_on).days, "percent": f"{fee.yearly.normalize():f}"}
    with translation.override(late.client.language):
        parts = [
            (_("Late fee for invoice %(number)s") % names, once),
            (_("Interest for invoice %(number)s: %(days)s days at %(percent)s%% a year") % names, by_day),
        ]
    return [
        NewLine(words, money.amount, kind=InvoiceLine.Kind.LATE_FEE, tax_class=tax_class, revenue_code="late_fee")
        for words, money in parts
        if money.is_positive
    ]
