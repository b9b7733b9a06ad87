"""Mails about an invoice that staff send by hand: a reminder, or the invoice again."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import CreditNote, Invoice
from billing.queries.dunning import plan_for
from billing.queries.einvoice_wish import attached_to, mail_waits
from billing.queries.letters import credit_note_letter, invoice_letter, late_letter
from billing.queries.readers import document_readers
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.models import Message
from hostbill.core.notify import notify


def remind(invoice: Invoice, *, actor) -> Invoice:
    """Remind of an unpaid invoice, in the words for before or after its due date; at most once a day.

    AppError: "not_open", "reminded_today"."""
    if invoice.state != Invoice.State.ISSUED:
        raise AppError(_("Nothing is open on this invoice."), code="not_open")
    if invoice.is_overdue:
        plan = plan_for(invoice)
        kind, context = "billing.invoice_overdue", late_letter(invoice, suspend_on=plan.suspend_on, end_on=plan.end_on)
    else:
        kind, context = "billing.invoice_reminder", invoice_letter(invoice)
    with transaction.atomic():
        key = f"{kind}:{invoice.pk}:staff-{clock.today():%Y%m%d}"
        if Message.objects.filter(key__startswith=f"{key}|").exists():
            raise AppError(_("Reminded today already."), code="reminded_today")
        _mail(invoice, kind, context, key)
        audit(actor, "billing.invoice_reminded", invoice)
    return invoice


def mail_invoice_again(invoice: Invoice, *, actor) -> Invoice:
    """Send the invoice with its PDF once more, to whoever receives invoices now. AppError "draft", "einvoice_held"."""
    if invoice.state in (Invoice.State.DRAFT, Invoice.State.CANCELLED):
        raise AppError(_("Only an issued invoice can be sent."), code="draft")
    if mail_waits(invoice):
        raise AppError(_("Its e-invoice is not ready. Mend it, or leave it out first."), code="einvoice_held")
    kind = "billing.invoice_issued" if invoice.state == Invoice.State.ISSUED else "billing.invoice_paid_at_once"
    with transaction.atomic():
        _mail(invoice, kind, invoice_letter(invoice), f"{kind}:{invoice.pk}:again-{uuid.uuid4()}")
        audit(actor, "billing.invoice_mailed_again", invoice)
    return invoice


def mail_credit_note_again(note: CreditNote, *, actor) -> CreditNote:
    """Send the credit note with its PDF once more, to whoever receives documents now."""
    kind = "billing.credit_note_issued"
    with transaction.atomic():
        notify(
            kind,
            to=document_readers(note.client),
            context=credit_note_letter(note),
            key=f"{kind}:{note.pk}:again-{uuid.uuid4()}",
            subject_ref=("billing.creditnote", note.pk),
            client_id=note.client_id,
            attachments=attached_to(note),
        )
        audit(actor, "billing.credit_note_mailed_again", note, changes={})
    return note


def _mail(invoice: Invoice, kind: str, context: dict, key: str) -> None:
    notify(
        kind,
        to=document_readers(invoice.client),
        context=context,
        key=key,
        subject_ref=("billing.invoice", invoice.pk),
        client_id=invoice.client_id,
        attachments=attached_to(invoice),
    )
