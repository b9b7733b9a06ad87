"""Corrective invoices: a document that replaces an issued one whose words, prices or taxes were wrong."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Invoice, LineCredit
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.localized import date_text

from .account import lock_account
from .discount import give_back as give_back_discounts
from .invoice import draft_invoice, replace_invoice
from .lines import line_again, note_totals
from .succession import succeed

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


def replace_original(draft: Invoice, *, actor) -> Invoice | None:
    """A corrective draft is being issued: it takes the place of what it corrects, and what had been paid on that is credit that
    pays this one. Gives the original; nothing happens for other drafts. Caller holds the account's lock; AppErrors as of
    `correct_invoice`, "changed_since" where a line is missing of which time was given back."""
    if draft.corrects_id is None:
        return None
    original = Invoice.objects.select_related("client").get(pk=draft.corrects_id)
    refuse_uncorrectable(original)
    kept = {line.origin: line for line in draft.lines.all() if line.origin}
    _refuse_lost_time(original, kept)
    held = original.lines.filter(released=False).select_related("subscription")
    if original.kind != Invoice.Kind.CHANGE:
        give_back_discounts(line for line in held if line.origin not in kept)
    held.update(released=True)
    succeed(original, draft, [])
    replace_invoice(original, draft.account, actor=actor, reason=_("Replaced by a corrective invoice."))
    return original


def hold_periods(draft: Invoice, original: Invoice) -> None:
    """The corrective's lines hold their periods from now on, but for those that a change gave back meanwhile: that is now given
    back of these lines."""
    lines = {line.origin: line for line in draft.lines.all() if line.origin}
    given = _given_back(original)
    whole = [lines[row.line.origin].pk for row in given if row.from_on == row.line.period_start]
    for row in given:
        LineCredit.objects.filter(pk=row.pk).update(line=lines[row.line.origin], updated_at=clock.now())
    draft.lines.filter(released=True).exclude(pk__in=whole).update(released=False)


def _given_back(original: Invoice) -> list[LineCredit]:
    rows = LineCredit.objects.filter(line__invoice=original, released=False)
    return list(rows.select_related("line__subscription", "invoice").order_by("pk"))


def _refuse_lost_time(original: Invoice, kept: dict) -> None:
    for row in _given_back(original):
        line = kept.get(row.line.origin)
        if line is None or abs(line.net_amount) < abs(row.amount) or line.net_amount * row.amount < 0:
            words = _("Time of “%(line)s” was given back by %(invoice)s: it cannot cost less than that.")
            raise AppError(words % {"line": row.line.description, "invoice": row.invoice}, code="changed_since")
