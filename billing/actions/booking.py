"""What documents do to the books."""

from billing.models import Account, Invoice, InvoiceLine
from hostbill.core.money import Money

from .ledger import RECEIVABLE, Side, book


def book_issue(invoice: Invoice, account: Account, lines: list[InvoiceLine]) -> None:
    """Book an invoice at the moment of its issue: what the client owes, against revenue by code and tax by rate."""
    sides = [Side(RECEIVABLE, invoice.total, account)]
    for code in sorted({line.revenue_code for line in lines}):
        net = sum((line.net for line in lines if line.revenue_code == code), Money.zero(invoice.currency))
        sides.append(Side(f"revenue:{code}", -net))
    for group in invoice.taxes.all():
        sides.append(Side(group.ledger_code, -group.tax))
    book(f"invoice:{invoice.pk}:issued", f"Invoice {invoice.number}", sides, invoice=invoice)
