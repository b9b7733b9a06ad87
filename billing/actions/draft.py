"""Use cases of drafts: invoices that staff write by hand or had written with an order, before they become documents."""

from dataclasses import replace
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, Invoice, InvoiceLine, Order, Quote, Subscription
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError

from .account import lock_account
from .billable import free_billables
from .correction import hold_periods, replace_original
from .deposit import fit_deposit, taxed_as_paid
from .discount import give_back as give_back_discounts
from .invoice import draft_invoice, issue_invoice
from .lines import NewLine, line_again, note_totals, write_lines


def create_draft(account: Account, lines: list[NewLine], *, due_on: date, actor, notes: str = "") -> Invoice:
    """A draft with its totals as they would be today. AppError: "empty_invoice", "negative_total"."""
    with transaction.atomic():
        invoice = draft_invoice(lock_account(account), lines, kind=Invoice.Kind.MANUAL, due_on=due_on, notes=notes)
        note_totals(invoice)
        audit(actor, "billing.draft_created", invoice)
    return invoice


def update_draft(invoice: Invoice, lines: list[NewLine], *, due_on: date, actor, notes: str = "") -> Invoice:
    """Make the draft's lines exactly these; a line whose `origin` is one of the draft's stays that service's. AppError as
    above, "not_a_draft" when it was issued meanwhile, "ordered_line" when the line of an ordered service would be lost."""
    with transaction.atomic():
        invoice = _locked(invoice)
        lines = _kept_with_services(invoice, lines)
        invoice.due_on, invoice.notes = due_on, notes
        _rewrite(invoice, lines)
        audit(actor, "billing.draft_changed", invoice)
    return invoice


def issue_draft(invoice: Invoice, *, actor) -> Invoice:
    """Number it, at the tax rates of today. Asked for twice it is issued once: the second gets the document that stands.

    AppError "due_passed" when the draft is older than its due date, and as `issue_invoice`."""
    with transaction.atomic():
        lock_account(invoice.account)
        fresh = Invoice.objects.select_related("client", "account").get(pk=invoice.pk)
        if fresh.state != Invoice.State.DRAFT:
            return fresh
        if fresh.due_on < clock.today():
            raise AppError(_("The due date has passed. Choose another."), code="due_passed", field="due_on")
        original = replace_original(fresh, actor=actor)
        lines = [line_again(line) for line in fresh.lines.select_related("subscription")]
        _rewrite(fresh, taxed_as_paid(fresh, lines), totals=False)
        if original:
            hold_periods(fresh, original)
        return issue_invoice(fresh, actor=actor)


def duplicate_invoice(invoice: Invoice, *, actor, due_on: date) -> Invoice:
    """A draft with the same words and prices, belonging to no subscription and to no period."""
    with transaction.atomic():
        copy = create_draft(invoice.account, lines_of(invoice), due_on=due_on, notes=invoice.notes, actor=actor)
        audit(actor, "billing.invoice_duplicated", copy, reason=str(invoice), changes={})
    return copy


def delete_draft(invoice: Invoice, *, actor) -> None:
    """Throw a draft away: it never had a number. AppError "not_a_draft", "of_an_order"."""
    with transaction.atomic():
        invoice = _locked(invoice)
        order = Order.objects.filter(invoice=invoice).first()
        if order:
            raise AppError(_("It belongs to order %(order)s: cancel that instead.") % {"order": order}, code="of_an_order")
        if Quote.objects.filter(rest_invoice=invoice).exists():
            raise AppError(_("It is the rest of a quote that was accepted: it stays until it is issued."), code="of_a_quote")
        free_billables(invoice)
        audit(actor, "billing.draft_deleted", invoice, changes={})
        invoice.delete()


def take_off_drafts(subscription: Subscription, *, actor) -> None:
    """What was ordered and is cancelled before it began is not invoiced. Caller holds the account's lock."""
    drafts = Invoice.objects.filter(state=Invoice.State.DRAFT, lines__subscription=subscription).distinct()
    for draft in drafts.order_by("pk"):
        mine = draft.lines.filter(subscription=subscription)
        give_back_discounts(mine.select_related("subscription"))
        mine.delete()
        fit_deposit(draft, actor=actor)
        if draft.lines.exists():
            draft.taxes.all().delete()
            note_totals(draft)
            audit(actor, "billing.draft_changed", draft)
            continue
        audit(actor, "billing.draft_deleted", draft, changes={})
        Order.objects.filter(invoice=draft).update(invoice=None, updated_at=clock.now())
        draft.delete()


def _kept_with_services(invoice: Invoice, lines: list[NewLine]) -> list[NewLine]:
    """The lines with subscription and period of those whose place they take."""
    ordered = {line.origin: line for line in invoice.lines.select_related("subscription") if line.origin}
    kept = [_of_service(line, ordered.pop(line.origin, None)) for line in lines]
    for lost in () if invoice.corrects_id else ordered.values():
        raise AppError(
            _("“%(line)s” was ordered, so its line stays: cancel the service instead.") % {"line": lost.description},
            code="ordered_line",
        )
    return kept


def _of_service(line: NewLine, ordered: InvoiceLine | None) -> NewLine:
    """A price that includes tax stays while nobody writes another; what is written instead is before tax."""
    if ordered is None:
        return line
    words = {"description": line.description, "tax_class": line.tax_class, "origin": line.origin}
    same = (line.unit_amount, line.quantity) == (ordered.unit_amount, ordered.quantity)
    words["gross_amount"] = ordered.gross_amount if same else None
    return replace(line_again(ordered), unit_amount=line.unit_amount, quantity=line.quantity, **words)


def lines_of(invoice: Invoice) -> list[NewLine]:
    """The lines as they could be written again by hand."""
    return [
        NewLine(
            line.description,
            line.unit_amount,
            line.quantity,
            tax_class=line.tax_class,
            revenue_code=line.revenue_code,
            origin=line.origin,
        )
        for line in invoice.lines.all()
    ]


def _locked(invoice: Invoice) -> Invoice:
    lock_account(invoice.account)
    invoice = Invoice.objects.select_related("client", "account").get(pk=invoice.pk)
    if invoice.state != Invoice.State.DRAFT:
        raise AppError(_("This invoice is issued: it cannot be changed any more."), code="not_a_draft")
    return invoice


def _rewrite(invoice: Invoice, lines: list[NewLine], totals: bool = True) -> None:
    invoice.lines.all().delete()
    invoice.taxes.all().delete()
    write_lines(invoice, lines)
    if totals:
        note_totals(invoice)
