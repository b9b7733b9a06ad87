"""Reactions to orders, invoices, e-invoices and credit notes."""

from billing.actions.collection import method_for
from billing.actions.einvoice import ask_for_wished
from billing.events import CreditNoteIssued, EInvoiceSettled, InvoiceIssued, InvoiceMadeLegal, OrderPlaced
from billing.models import CreditNote, EInvoice, Invoice, Order
from billing.queries.einvoice_wish import attached_to, mail_waits
from billing.queries.letters import ahead_letter, credit_note_letter, held_letter, invoice_letter, order_letter
from clients.actions.staff_mail import mail_staff
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.events import listen

from .mailing import mail_client


@listen(OrderPlaced, name="billing.tell_staff_on_order_placed", later=True)
def tell_staff_on_order_placed(event):
    """Staff who look after orders hear of a new one."""
    order = Order.objects.select_related("client", "invoice").get(pk=event.order_id)
    key = f"order-placed:{order.pk}"
    mail_staff("billing.order_placed", "billing.order.accept", order_letter(order), key, order, order.client_id)


@listen(InvoiceIssued, name="billing.mail_on_invoice_issued", later=True)
def mail_on_invoice_issued(event):
    """The invoice with its PDF and what to do: pay, wait for the saved card, or nothing when it is paid already."""
    invoice = Invoice.objects.select_related("client", "account").get(pk=event.invoice_id)
    if invoice.state != Invoice.State.CANCELLED:
        if not invoice.is_proforma:
            ask_for_wished(invoice, actor=SYSTEM)
        _mail_issued(invoice)


def _mail_issued(invoice: Invoice) -> None:
    """Once; not before its e-invoice is ready or left out, and not for an order placed quietly."""
    order = Order.objects.filter(invoice=invoice).first()
    if invoice.state == Invoice.State.CANCELLED or (order and order.is_quiet) or mail_waits(invoice):
        return
    kind, letter = _words_for(invoice)
    mail_client(kind, invoice.client, letter, f"invoice-issued:{invoice.pk}", invoice, attachments=attached_to(invoice))


@listen(EInvoiceSettled, name="billing.mail_on_einvoice_settled", later=True)
def mail_on_einvoice_settled(event):
    """The document's mail goes with it; one that broke a rule is shown to staff, and the mail waits."""
    einvoice = EInvoice.objects.select_related("client", "invoice__client", "invoice__account", "credit_note__client").get(
        pk=event.einvoice_id
    )
    if einvoice.state == EInvoice.State.HELD:
        _tell_staff_of_held(einvoice)
    elif einvoice.with_mail and einvoice.credit_note:
        _mail_credit_note(einvoice.credit_note)
    elif einvoice.with_mail and einvoice.invoice.proforma_number:
        _mail_legal(einvoice.invoice)
    elif einvoice.with_mail:
        _mail_issued(einvoice.invoice)


def _tell_staff_of_held(einvoice: EInvoice) -> None:
    key = f"einvoice-held:{einvoice.pk}:{einvoice.tries}"
    mail_staff("billing.einvoice_held", "billing.invoice.create", held_letter(einvoice), key, einvoice, einvoice.client_id)


@listen(InvoiceMadeLegal, name="billing.mail_on_invoice_made_legal", later=True)
def mail_on_invoice_made_legal(event):
    """A pro-forma invoice was paid: here is the invoice itself, for the records."""
    invoice = Invoice.objects.select_related("client").get(pk=event.invoice_id)
    ask_for_wished(invoice, actor=SYSTEM)
    _mail_legal(invoice)


def _mail_legal(invoice: Invoice) -> None:
    if not mail_waits(invoice):
        key, files = f"invoice-legal:{invoice.pk}", attached_to(invoice)
        mail_client("billing.invoice_paid_at_once", invoice.client, invoice_letter(invoice), key, invoice, attachments=files)


@listen(CreditNoteIssued, name="billing.mail_on_credit_note_issued", later=True)
def mail_on_credit_note_issued(event):
    """The credit note with its PDF, and where the money is."""
    note = CreditNote.objects.select_related("client", "invoice").get(pk=event.credit_note_id)
    ask_for_wished(note, actor=SYSTEM)
    _mail_credit_note(note)


def _mail_credit_note(note: CreditNote) -> None:
    """Once; not before its e-invoice is ready or left out."""
    if not mail_waits(note):
        key, files = f"credit-note-issued:{note.pk}", attached_to(note)
        mail_client("billing.credit_note_issued", note.client, credit_note_letter(note), key, note, attachments=files)


def _words_for(invoice: Invoice) -> tuple[str, dict]:
    """A card that is charged later by itself must not be paid by hand too, so its client is not asked to."""
    if invoice.state != Invoice.State.ISSUED:
        return "billing.invoice_paid_at_once", invoice_letter(invoice)
    method = method_for(invoice)
    if method and invoice.due_on > clock.today():
        return "billing.card_charge_ahead", ahead_letter(invoice, method)
    return "billing.invoice_issued", invoice_letter(invoice)
