"""What hangs on one invoice, for its page: ten questions in the same words each time, so compiled once."""

from billing.models import (
    Charge,
    CreditMovement,
    CreditNote,
    EInvoice,
    Invoice,
    InvoiceLine,
    InvoiceTax,
    PaymentAllocation,
    Refund,
)
from hostbill.core.compiled import Compiled

_PARTS = {
    "lines": Compiled(
        lambda invoice: InvoiceLine.objects.filter(invoice_id=invoice).select_related("subscription__product"), invoice=int
    ),
    "taxes": Compiled(lambda invoice: InvoiceTax.objects.filter(invoice_id=invoice), invoice=int),
    "credit_notes": Compiled(lambda invoice: CreditNote.objects.filter(invoice_id=invoice), invoice=int),
    "replacements": Compiled(lambda invoice: Invoice.objects.filter(corrects_id=invoice), invoice=int),
    "allocations": Compiled(
        lambda invoice: PaymentAllocation.objects.filter(invoice_id=invoice).select_related("payment__gateway").order_by("-pk"),
        invoice=int,
    ),
    "credits": Compiled(lambda invoice: CreditMovement.objects.filter(invoice_id=invoice), invoice=int),
    "refunds": Compiled(lambda invoice: Refund.objects.filter(invoice_id=invoice), invoice=int),
    "charges": Compiled(
        lambda invoice: Charge.objects.filter(invoices=invoice).select_related("payment_method", "gateway").order_by("-pk"),
        invoice=int,
    ),
    "einvoices": Compiled(lambda invoice: EInvoice.objects.filter(invoice_id=invoice), invoice=int),
}


def parts_of(invoice: Invoice) -> dict[str, list]:
    """Lines, taxes, and the money in both directions, each in the order in which it is shown. Who may see the invoice sees them."""
    parts = {name: ask(invoice=invoice.pk) for name, ask in _PARTS.items()}
    for line in parts["lines"]:
        line.invoice = invoice
    return parts
