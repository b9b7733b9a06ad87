"""Corrective invoices: a document that replaces an issued one whose words, prices or taxes were wrong."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Invoice
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.localized import date_text

from .account import lock_account
from .invoice import draft_invoice, replace_invoice
from .lines import line_again, note_totals

STANDING = (Invoice.State.ISSUED, Invoice.State.PAID)


def correct_invoice(invoice: Invoice, *, actor, reason: str) -> Invoice:
    """A draft with the invoice's lines, to be put right and issued. Asked for again it is the draft that stands.

    AppError: "no_reason", "proforma", "not_standing", "credited" where a part was credited already."""
    if not reason.strip():
        raise AppError(_("Say why: the client reads it on the document."), code="no_reason", field="reason")
    with transaction.atomic():
        account = lock_account(invoice.account)
        invoice = Invoice.objects.select_related("client").get(pk=invoice.pk)
        refuse_uncorrectable(invoice)
        standing = invoice.corrected_by.filter(state=Invoice.State.DRAFT).first()
        if standing:
            return standing
        lines = [line_again(line) for line in invoice.lines.select_related("subscription")]
        draft = draft_invoice(
            account,
            lines,
            kind=Invoice.Kind.CORRECTIVE,
            due_on=max(invoice.due_on, clock.today()),
            notes=_words(invoice, reason),
            corrects=invoice,
        )
        note_totals(draft)
        audit(actor, "billing.correction_begun", draft, reason=reason, changes={})
    return draft


def refuse_uncorrectable(invoice: Invoice) -> None:
    """AppErrors as above."""
    if invoice.is_proforma:
        raise AppError(_("A pro-forma invoice is no legal document: cancel it instead."), code="proforma")
    if invoice.state not in STANDING:
        raise AppError(_("Only an issued invoice that stands can be corrected."), code="not_standing")
    if invoice.credited_amount:
        raise AppError(_("A part of it was credited already: credit the rest and write a new one."), code="credited")


def _words(invoice: Invoice, reason: str) -> str:
    language = invoice.language or invoice.client.language
    with translation.override(language):
        words = _("Replaces invoice %(number)s of %(day)s.")
        return f"{words % {'number': invoice.number, 'day': date_text(invoice.issued_on, language)}} {reason.strip()}"


def replace_original(draft: Invoice, *, actor) -> None:
    """A corrective draft is being issued: it takes the place of what it corrects, and what had been paid on that is credit that
    pays this one. Nothing happens for other drafts. Caller holds the account's lock; AppErrors as of `correct_invoice`."""
    if draft.corrects_id is None:
        return
    original = Invoice.objects.select_related("client").get(pk=draft.corrects_id)
    refuse_uncorrectable(original)
    replace_invoice(original, draft.account, actor=actor, reason=_("Replaced by a corrective invoice."))
