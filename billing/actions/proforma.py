"""Pro-forma invoices: money is asked for under a number of another series; the legal invoice is made when it is paid."""

from billing.events import InvoiceMadeLegal
from billing.models import Account, DocumentType, Invoice, JournalEntry
from billing.options import PROFORMA
from billing.queries.parties import buyer_now, seller_now
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.events import emit

from .booking import book_issue
from .ledger import RECEIVABLE, Side, book, reverse
from .numbering import draw_number
from .oss import note_limit

#: Owed by clients for what is not invoiced yet: neither revenue nor tax.
ASKED_FOR = "clearing:proforma"


def begins_as_proforma(invoice: Invoice, total) -> bool:
    """By the settings; not when there is nothing to pay, and not for a document that corrects a legal one."""
    return PROFORMA.value and total > 0 and invoice.kind != Invoice.Kind.CORRECTIVE


def book_proforma(invoice: Invoice, account: Account) -> JournalEntry:
    """What is asked for counts as owed; revenue and tax come with the legal invoice."""
    sides = [Side(RECEIVABLE, invoice.total, account), Side(ASKED_FOR, -invoice.total)]
    return book(f"invoice:{invoice.pk}:proforma", f"Pro-forma invoice {invoice.number}", sides, invoice=invoice)


def book_proforma_cancel(invoice: Invoice) -> JournalEntry:
    """It is not asked for any more."""
    entry = invoice.entries.get(key=f"invoice:{invoice.pk}:proforma")
    words = f"Pro-forma invoice {invoice.number} cancelled"
    return reverse(entry, f"invoice:{invoice.pk}:cancelled", words, invoice=invoice)


def make_legal(invoice: Invoice, *, actor) -> Invoice:
    """It is paid: draw the legal number, date it today, book revenue and tax. Caller holds the account's lock."""
    if not invoice.is_proforma:
        return invoice
    entry = invoice.entries.get(key=f"invoice:{invoice.pk}:proforma")
    words = f"Pro-forma invoice {invoice.number} paid"
    reverse(entry, f"invoice:{invoice.pk}:proforma_ended", words, invoice=invoice)
    new = vars(draw_number(DocumentType.INVOICE, clock.today())) | {
        "proforma_number": invoice.number,
        "is_proforma": False,
        "issued_on": clock.today(),
        "issued_at": clock.now(),
        "seller": seller_now(),
        "buyer": buyer_now(invoice.client),
    }
    for name, value in new.items():
        setattr(invoice, name, value)
    invoice.save(update_fields=list(new))
    book_issue(invoice, invoice.account, list(invoice.lines.all()))
    note_limit(invoice)
    audit(actor, "billing.invoice_made_legal", invoice)
    emit(InvoiceMadeLegal(invoice.pk))
    return invoice
