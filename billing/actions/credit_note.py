"""Use cases of credit notes: take back an issued invoice in part or whole by a document of its own."""

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.events import CreditNoteIssued
from billing.models import (
    CreditNote,
    CreditNoteLine,
    CreditNoteTax,
    DocumentType,
    Invoice,
    InvoiceLine,
    Refund,
    Subscription,
)
from billing.queries.crediting import Creditable, Taken, TakenLine, TakenTax
from billing.queries.parties import buyer_now, seller_now
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.money import Money
from hostbill.core.states import transition
from hostbill.core.ui.words import money_words

from .account import lock_account
from .booking import book_credit_note
from .numbering import draw_number
from .refund import refund_payment
from .settlement import reduce_open
from .taking_back import follow_up, give_back, let_go, refuse_while_money_moves, release

Kind = CreditNote.Kind
#: States of an invoice that something can be taken back of.
STANDING = (Invoice.State.ISSUED, Invoice.State.PAID)


def credit_invoice(
    invoice: Invoice,
    *,
    actor,
    reason: str,
    amounts: dict[int, Decimal] | None = None,
    deductions: dict[int, Decimal] | None = None,
    total: Decimal | None = None,
    refund: bool = False,
    kind: str = Kind.CORRECTION,
) -> CreditNote:
    """Issue a credit note over `amounts` (net, by id of the line), over `total` (with tax, from all lines in proportion), or over
    all that is left. `deductions`: what goes back of lines below zero, where it is not their share of `amounts`. First what is open
    becomes less; what had been paid becomes credit, and goes back by the way it came with `refund`. An invoice of which nothing is
    left is cancelled, or refunded when its money went back.

    AppError: "no_reason", "proforma", "not_standing", "nothing_left", "too_much", "foreign_line", "not_positive",
    "charge_under_way", "refund_under_way"."""
    if not reason.strip():
        raise AppError(_("Say why: the client reads it on the credit note."), code="no_reason", field="reason")
    with transaction.atomic():
        account = lock_account(invoice.account)
        invoice = Invoice.objects.select_related("client", "account").get(pk=invoice.pk)
        _refuse_unfit(invoice)
        refuse_while_money_moves(invoice, actor=actor)
        payments = _payments(invoice) if refund else []
        taken = _checked(creditable(invoice), amounts, total, deductions)
        note = _write(invoice, taken, kind, reason)
        book_credit_note(note, account)
        give_back(invoice, account, note.credited, f"Credit note {note.number}")
        returned = _refund(note, payments, reason, actor)
        _apply(invoice, note, returned, taken.is_all, actor)
        audit(actor, "billing.credit_note_issued", note, reason=reason, changes={})
        emit(CreditNoteIssued(note.pk))
    return note


def credit_service(invoice: Invoice, subscription: Subscription, *, actor, reason: str) -> Invoice:
    """Take one service off an invoice that has others: its lines are credited, but for what was used, and their
    periods may be billed again."""
    with transaction.atomic():
        rest = creditable(invoice)
        lines = InvoiceLine.objects.filter(invoice=invoice, subscription=subscription).exclude(kind=InvoiceLine.Kind.USAGE)
        ids = set(lines.values_list("pk", flat=True))
        own = [line for line in rest.chargeable if line.pk in ids and rest.left_of(line)]
        if own:
            credit_invoice(invoice, actor=actor, reason=reason, amounts={line.pk: rest.left_of(line) for line in own})
        release(lines)
        follow_up(invoice, actor=actor, lines=lines)
    return Invoice.objects.get(pk=invoice.pk)


def creditable(invoice: Invoice) -> Creditable:
    """The invoice with what earlier notes took of it."""
    return Creditable(
        invoice.currency,
        list(invoice.lines.all()),
        list(invoice.taxes.all()),
        list(CreditNoteLine.objects.filter(credit_note__invoice=invoice)),
        list(CreditNoteTax.objects.filter(credit_note__invoice=invoice)),
    )


def _refuse_unfit(invoice: Invoice) -> None:
    if invoice.is_proforma:
        raise AppError(_("A pro-forma invoice is no legal document: cancel it instead."), code="proforma")
    if invoice.state not in STANDING:
        raise AppError(_("Only an issued invoice that stands can be credited."), code="not_standing")


def _checked(rest: Creditable, amounts, total, deductions) -> Taken:
    """What is to be taken back, or why not."""
    everything = rest.everything()
    if amounts is None and total is None:
        return everything
    if total is not None:
        if total <= 0:
            raise AppError(_("Enter an amount above zero."), code="not_positive", field="total")
        _refuse_too_much(rest, total)
        return rest.of_amount(total)
    taken = rest.of_lines(_checked_amounts(rest, amounts), deductions)
    _refuse_too_much(rest, taken.total)
    return taken


def _refuse_too_much(rest: Creditable, total: Decimal) -> None:
    """An invoice of a difference comes to less than the lines that it charges: it had given something back itself."""
    if total > rest.left:
        words = _("At most %(left)s is left of this invoice.") % {"left": money_words(Money(rest.left, rest.currency))}
        raise AppError(words, code="too_much", field="total")


def _checked_amounts(rest: Creditable, amounts: dict[int, Decimal]) -> dict[int, Decimal]:
    lines = {line.pk: line for line in rest.chargeable}
    if not any(amounts.values()):
        raise AppError(_("Enter an amount for at least one line."), code="not_positive")
    for pk, net in amounts.items():
        if pk not in lines:
            raise AppError(_("This line cannot be credited."), code="foreign_line")
        if net < 0:
            raise AppError(_("Enter an amount above zero."), code="not_positive", field=f"line_{pk}")
        if net > rest.left_of(lines[pk]):
            left = Money(rest.left_of(lines[pk]), rest.currency)
            words = _("At most %(left)s is left of this line.") % {"left": money_words(left)}
            raise AppError(words, code="too_much", field=f"line_{pk}")
    return amounts


def _write(invoice: Invoice, taken: Taken, kind: str, reason: str) -> CreditNote:
    """The document with its number, lines and taxes. AppError "nothing_left"."""
    total, today = taken.total, clock.today()
    # A service that a discount made free is taken off for nothing, line for line.
    is_free = total == 0 and (taken.is_all or any(each.net > 0 for each in taken.lines))
    if not taken.lines or (total <= 0 and not is_free):
        raise AppError(_("Nothing of this invoice is left to credit."), code="nothing_left")
    settled = min(invoice.open_amount, total)
    note = CreditNote.objects.create(
        **vars(draw_number(DocumentType.CREDIT_NOTE, today)),
        invoice=invoice,
        client_id=invoice.client_id,
        account_id=invoice.account_id,
        kind=Kind.CANCELLATION if taken.is_all else kind,
        currency=invoice.currency,
        issued_on=today,
        issued_at=clock.now(),
        net_amount=taken.net,
        tax_amount=taken.tax,
        total_amount=total,
        settled_amount=settled,
        credited_amount=total - settled,
        seller=invoice.seller or seller_now(),
        buyer=invoice.buyer or buyer_now(invoice.client),
        language=invoice.language or invoice.client.language,
        reason=reason.strip()[:300],
    )
    CreditNoteLine.objects.bulk_create(_line(note, each, sort) for sort, each in enumerate(taken.lines))
    CreditNoteTax.objects.bulk_create(_tax(note, each) for each in taken.taxes)
    return note


def _shared(row, model, *left_out: str) -> dict:
    """What a row of the invoice and its counterpart on the note have in common."""
    ours = {field.attname for field in model._meta.concrete_fields} - {"id", "created_at", "updated_at", *left_out}
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.attname in ours}


def _line(note: CreditNote, taken: TakenLine, sort: int) -> CreditNoteLine:
    line, whole = taken.line, taken.net == taken.line.net_amount
    values = _shared(line, CreditNoteLine) | {"sort": sort, "net_amount": taken.net}
    if not whole:
        values |= {"quantity": Decimal(1), "unit_amount": taken.net, "gross_amount": None}
    return CreditNoteLine(credit_note=note, invoice_line=line, **values)


def _tax(note: CreditNote, taken: TakenTax) -> CreditNoteTax:
    values = _shared(taken.group, CreditNoteTax) | {"net_amount": taken.net, "tax_amount": taken.tax}
    return CreditNoteTax(credit_note=note, **values)


def _payments(invoice: Invoice) -> list:
    """Payments that settled it, the newest first."""
    rows = invoice.allocations.select_related("payment__gateway", "payment__account").order_by("-pk")
    return [row.payment for row in rows]


def _refund(note: CreditNote, payments: list, reason: str, actor) -> Money:
    """Send back what became credit, as far as it had come by payments; returns how much. The rest stays credit."""
    rest = note.credited
    for payment in payments:
        payment.refresh_from_db()
        money = min(rest, payment.remaining)
        if money.is_positive:
            refund_payment(payment, money=money, source=Refund.Source.CREDIT, reason=reason, actor=actor)
            rest = rest - money
    return note.credited - rest


def _apply(invoice: Invoice, note: CreditNote, returned: Money, is_all: bool, actor) -> None:
    """The invoice after the note. What is open falls first: the database wants it within what is left of the total."""
    credited = invoice.credited_amount + note.total_amount
    if is_all:
        state = "refunded" if returned.is_positive and returned == note.credited else "cancelled"
        ended = {"open_amount": Decimal(0), "paid_at": None, "cancelled_at": clock.now(), "cancel_reason": note.reason}
        transition(invoice, state, credited_amount=credited, **ended)
        let_go(invoice, actor=actor, reason=note.reason)
        return
    if note.settled.is_positive:
        reduce_open(invoice, note.settled, actor=actor)
    invoice.credited_amount = credited
    invoice.save(update_fields=["credited_amount"])
