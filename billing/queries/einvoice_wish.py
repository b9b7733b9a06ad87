"""Which e-invoice a client gets, and what goes with a mail."""

from billing.einvoice import PROFILES
from billing.models import CreditNote, EInvoice, Invoice
from billing.options import EINVOICE
from clients.models import Client, EInvoiceWish

CREDIT_NOTE_PDF = "billing.credit_note_pdf"
PDF, XML = "billing.invoice_pdf", "billing.einvoice"


def wished_format(client: Client) -> str:
    """The client's own choice, else the house's; empty for none."""
    wish = client.einvoice or EINVOICE.value
    return "" if wish == EInvoiceWish.NONE else wish


def einvoices_of(issued: Invoice | CreditNote):
    """Its e-invoices, newest first."""
    return EInvoice.objects.filter(**owner(issued)).order_by("-pk")


def owner(issued: Invoice | CreditNote) -> dict:
    """The column that points to it."""
    return {"credit_note" if isinstance(issued, CreditNote) else "invoice": issued}


def mail_waits(issued: Invoice | CreditNote) -> bool:
    """Whether its mail must wait: an e-invoice goes with it, and is not ready yet."""
    return einvoices_of(issued).filter(with_mail=True, state__in=["queued", "held"]).exists()


def attached_to(issued: Invoice | CreditNote) -> list[tuple[str, int]]:
    """What goes with a mail about a document: the PDF (with data inside where that is the format), and each file beside it."""
    ready = einvoices_of(issued).ready().filter(with_mail=True)
    document = CREDIT_NOTE_PDF if isinstance(issued, CreditNote) else PDF
    return [(document, issued.pk), *((XML, row.pk) for row in ready if row.is_beside_pdf)]


def hybrid_xml(issued: Invoice | CreditNote) -> str:
    """The data that belongs inside the PDF; empty without any."""
    row = einvoices_of(issued).ready().filter(format__in=[key for key, p in PROFILES.items() if p.in_pdf]).first()
    return row.xml if row else ""
