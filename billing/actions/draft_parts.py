"""Use cases of drafts as a whole: some lines become a draft of their own, several drafts become one."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import BillableCharge, Invoice, InvoiceLine, Order, Quote
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError

from .account import lock_account
from .billable import PART
from .draft import note_totals


def split_draft(invoice: Invoice, *, lines: list[int], due_on: date, actor) -> Invoice:
    """Move these lines (ids) to a new draft. Lines of one service and period stay together: a deduction follows what it was
    made from. AppError: "not_a_draft", "of_a_quote", "no_lines", "all_lines", "foreign_line", "negative_total"."""
    with transaction.atomic():
        invoice = _draft(invoice)
        _refuse_rest(invoice, _("It is the rest of a quote that was accepted: it is issued as a whole."))
        chosen = _whole_services(invoice, set(lines))
        other = Invoice.objects.create(
            client=invoice.client,
            account=invoice.account,
            kind=invoice.kind,
            currency=invoice.currency,
            due_on=due_on,
            notes=invoice.notes,
            tax_supply=invoice.tax_supply,
            tax_country=invoice.tax_country,
            tax_proof=invoice.tax_proof,
        )
        _move(InvoiceLine.objects.filter(pk__in=[line.pk for line in chosen]), other)
        for draft in (invoice, other):
            _new_totals(draft)
            audit(actor, "billing.draft_split", draft, reason=str(invoice), changes={})
    return other


def _draft(invoice: Invoice) -> Invoice:
    lock_account(invoice.account)
    invoice = Invoice.objects.select_related("client", "account").get(pk=invoice.pk)
    if invoice.state != Invoice.State.DRAFT:
        raise AppError(_("This invoice is issued: it cannot be changed any more."), code="not_a_draft")
    if invoice.corrects_id:
        raise AppError(_("A corrective invoice replaces its invoice as a whole."), code="corrective")
    return invoice


def _refuse_rest(invoice: Invoice, words: str) -> None:
    """What a quote's deposit left is issued when the quote says so, and less the deposit: it keeps its place."""
    if Quote.objects.filter(rest_invoice=invoice).exists():
        raise AppError(words, code="of_a_quote")


def _whole_services(invoice: Invoice, ids: set[int]) -> list[InvoiceLine]:
    rows = list(invoice.lines.all())
    chosen = [line for line in rows if line.pk in ids]
    if not chosen or ids - {line.pk for line in rows}:
        raise AppError(_("Choose lines of this draft."), code="no_lines", field="lines")
    services = {(line.subscription_id, line.period_start) for line in chosen if line.subscription_id}
    chosen = [line for line in rows if line in chosen or (line.subscription_id, line.period_start) in services]
    if len(chosen) == len(rows):
        raise AppError(_("At least one line stays: choose fewer."), code="all_lines", field="lines")
    return chosen


def _move(lines, target: Invoice) -> None:
    """Lines change their draft, and the charges of items that stand on them too."""
    rows = list(lines)
    for line in rows:
        if line.part.startswith(f"{PART}:"):
            _part, item, index = line.part.split(":")
            BillableCharge.objects.filter(item_id=item, index=index).update(invoice=target, updated_at=clock.now())
    InvoiceLine.objects.filter(pk__in=[line.pk for line in rows]).update(invoice=target, updated_at=clock.now())


def _new_totals(draft: Invoice) -> None:
    draft.taxes.all().delete()
    note_totals(draft)


def merge_drafts(invoice: Invoice, *, drafts: list[Invoice], actor) -> Invoice:
    """The lines of the other drafts of the same client come onto this one; those are gone. AppError: "not_a_draft",
    "no_drafts", "another_client", "two_orders", "of_a_quote" for the rest of a quote among the others."""
    with transaction.atomic():
        invoice = _draft(invoice)
        others = [_draft(draft) for draft in drafts if draft.pk != invoice.pk]
        if not others:
            raise AppError(_("Choose at least one other draft."), code="no_drafts", field="drafts")
        for other in others:
            _refuse_rest(other, _("%(draft)s is the rest of a quote: merge the others into it.") % {"draft": other})
            if other.account_id != invoice.account_id:
                raise AppError(_("Choose drafts of one client."), code="another_client", field="drafts")
            if Order.objects.filter(invoice__in=[invoice, other]).count() > 1:
                words = _("Each of them belongs to an order, and an order has one invoice.")
                raise AppError(words, code="two_orders", field="drafts")
            _take_in(invoice, other, actor)
        _new_totals(invoice)
        audit(actor, "billing.drafts_merged", invoice, reason=", ".join(str(other) for other in others), changes={})
    return invoice


def _take_in(invoice: Invoice, other: Invoice, actor) -> None:
    last = max((line.sort for line in invoice.lines.all()), default=-1)
    for sort, line in enumerate(other.lines.all(), start=last + 1):
        InvoiceLine.objects.filter(pk=line.pk).update(sort=sort)
    _move(other.lines.all(), invoice)
    Order.objects.filter(invoice=other).update(invoice=invoice, updated_at=clock.now())
    if other.notes and other.notes not in invoice.notes:
        invoice.notes = "\n".join(part for part in (invoice.notes, other.notes) if part)[:1000]
    audit(actor, "billing.draft_deleted", other, changes={})
    other.delete()
