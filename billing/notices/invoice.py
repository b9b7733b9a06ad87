"""An invoice, and the reminder before its day."""

from django.utils.translation import gettext_lazy as _

from billing.models import EInvoice, Invoice
from billing.queries.einvoice_wish import PDF, XML
from billing.queries.invoice_document import invoice_file_name, invoice_pdf
from hostbill.core.notify import register_attachment

from .placeholders import BY_CARD, CHARGE, INVOICE, MAY_CHANGE, NO_SIGN_IN, PAID_FACTS, PAY, SEE_INVOICE, notice


def attach_invoice(invoice_id: int) -> tuple[str, bytes, str]:
    """The invoice's document, rendered when the mail leaves."""
    invoice = Invoice.objects.select_related("client").get(pk=invoice_id)
    return invoice_file_name(invoice), invoice_pdf(invoice), "application/pdf"


def attach_einvoice(einvoice_id: int) -> tuple[str, bytes, str]:
    """The data file; one that is not ready never leaves."""
    einvoice = EInvoice.objects.ready().select_related("invoice", "credit_note").get(pk=einvoice_id)
    return einvoice.file_name, einvoice.xml.encode(), "application/xml"


register_attachment(PDF, attach_invoice)
register_attachment(XML, attach_einvoice)

notice(
    "invoice_issued",
    _("Invoice"),
    _("Invoice {{ number }}: {{ amount }}, due {{ due_on }}"),
    _(
        "# Your invoice for {{ what }}\n\n"
        "{{ hello }}, here is invoice {{ number }}. Pay it whenever it suits you until {{ due_on }}.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[lines]]\n\n"
        "{{ transfer }} Something wrong? Just answer this mail; a person reads it."
    ),
    INVOICE,
    PAY,
    note=NO_SIGN_IN,
    reason=MAY_CHANGE,
)
notice(
    "invoice_paid_at_once",
    _("Invoice, already paid"),
    _("Invoice {{ number }}: {{ total }}, paid"),
    _(
        "# Your invoice for {{ what }} is paid\n\n"
        "{{ hello }}, invoice {{ number }} over {{ total }} is settled. It is for your records; there is nothing to do.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[lines]]"
    ),
    INVOICE,
    SEE_INVOICE,
    note=_("The PDF is attached."),
    reason=MAY_CHANGE,
    sample={"facts": PAID_FACTS},
)
notice(
    "card_charge_ahead",
    _("Invoice; a saved card will be charged"),
    _("Invoice {{ number }}: {{ amount }} by card on {{ due_on }}"),
    _(
        "# {{ amount }} by card on {{ due_on }}\n\n"
        "{{ hello }}, here is invoice {{ number }} for {{ what }}. We take it from {{ card }}; you need do nothing.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[lines]]\n\n"
        "Something wrong? Just answer this mail before that day; a person reads it."
    ),
    INVOICE | {"card": CHARGE["card"], "method_url": CHARGE["method_url"]},
    (_("Use another card"), "method_url"),
    note=_("Only if you want to. The PDF is attached."),
    reason=MAY_CHANGE,
    sample={"facts": BY_CARD},
)
notice(
    "invoice_reminder",
    _("Reminder before the due date"),
    _("{{ amount }} for {{ what }} is due on {{ due_on }}"),
    _(
        "# {{ amount }} is due on {{ due_on }}\n\n"
        "{{ hello }}, invoice {{ number }} for {{ what }} is still open. If you have just paid it, there is nothing to do.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[lines]]\n\n"
        "{{ transfer }} A bank transfer can take two days to reach us."
    ),
    INVOICE,
    PAY,
    note=NO_SIGN_IN,
)
