"""What a cancelled invoice had given back is invoiced again where it was before."""

from django.utils.translation import gettext as _

from billing.models import Invoice, InvoiceLine, LineCredit
from hostbill.core.errors import AppError


def undo_give_back(invoice: Invoice) -> None:
    """The invoice by which time was given back is cancelled: the lines cover their whole periods again."""
    credits = LineCredit.objects.filter(invoice=invoice, released=False).select_related("line__invoice")
    for credit in credits:
        whole = credit.from_on == credit.line.period_start
        if whole and credit.line.invoice.state in ("draft", "issued", "paid", "bad_debt"):
            InvoiceLine.objects.filter(pk=credit.line_id).update(released=False)
    credits.update(released=True)


def refuse_given_back(invoice: Invoice) -> None:
    """AppError "changed_since" when time of the invoice was given back by another invoice that stands."""
    standing = LineCredit.objects.filter(line__invoice=invoice, released=False, invoice__isnull=False).select_related(
        "invoice"
    )
    other = standing.first()
    if other:
        words = _("A change was invoiced on it: cancel %(invoice)s first.")
        raise AppError(words % {"invoice": other.invoice}, code="changed_since")
