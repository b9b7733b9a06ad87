"""One document takes another's place: the same things with some lines changed, and what referred to the old one refers to the new."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from django.db import transaction

from billing.models import (
    BillableCharge,
    BillableItem,
    Invoice,
    InvoiceLine,
    LineCredit,
    NewLine,
    Order,
    Quote,
    Subscription,
    SubscriptionChange,
)
from billing.queries.crediting import TakenLine
from billing.queries.dunning import TRIGGER
from billing.queries.proration import round_share
from hostbill.core import clock
from hostbill.core.models import RuleRun

from .account import lock_account
from .credit import use_credit
from .credit_note import credit_service, creditable
from .discount import give_back as give_back_discounts
from .invoice import cancel_invoice, draft_invoice, is_cancelled_by_document, issue_invoice, replace_invoice
from .lines import line_again


def reissue_without(invoice: Invoice, subscription: Subscription, *, actor, reason: str) -> Invoice | None:
    """Take one service off an unpaid invoice, but for what was used of it. Its lines are credited and the others stay; without
    credit notes (by the settings, or pro-forma) the invoice is cancelled and the others are invoiced anew. None when nothing else
    was on it."""
    with transaction.atomic():
        lock_account(invoice.account)
        invoice = Invoice.objects.select_related("account", "client").get(pk=invoice.pk)
        mine = invoice.lines.filter(subscription=subscription).exclude(kind=InvoiceLine.Kind.USAGE)
        own = list(mine.select_related("subscription"))
        if not invoice.lines.exclude(pk__in=[line.pk for line in own]).exists():
            cancel_invoice(invoice, actor=actor, reason=reason)
            return None
        if is_cancelled_by_document(invoice):
            return credit_service(invoice, subscription, actor=actor, reason=reason)
        if invoice.kind != Invoice.Kind.CHANGE:
            give_back_discounts(line for line in own if not line.released)
        return rewrite_invoice(invoice, dict.fromkeys(line.pk for line in own), actor=actor, reason=reason)


def rewrite_invoice(invoice: Invoice, changed: dict[int, NewLine | None], *, actor, reason: str) -> Invoice | None:
    """Take an unpaid invoice back without a credit note (it is pro-forma, or the settings want none) and write it anew with these
    lines changed: {line id: as it is now, None: left out}. What had been paid of it is paid of the new one. A pro-forma keeps its
    due date: the debt is as old as it was. None when nothing is left."""
    with transaction.atomic():
        account = lock_account(invoice.account)
        invoice = Invoice.objects.select_related("account", "client").get(pk=invoice.pk)
        rows = [row for row in invoice.lines.select_related("subscription") if changed.get(row.pk, row)]
        if not rows:
            replace_invoice(invoice, account, actor=actor, reason=reason)
            return None
        lines = [replace(changed.get(row.pk) or line_again(row), is_released=row.released) for row in rows]
        # The new lines hold the periods while the old document is still there, so that nobody takes them for unbilled or paid.
        invoice.lines.update(released=True)
        due_on = invoice.due_on if invoice.is_proforma else max(invoice.due_on, clock.today())
        draft = draft_invoice(account, lines, kind=invoice.kind, due_on=due_on, notes=invoice.notes)
        succeed(invoice, draft, list(zip(rows, draft.lines.order_by("sort"), strict=True)))
        issued = issue_invoice(draft, actor=actor)
        replace_invoice(invoice, account, actor=actor, reason=reason)
        issued = Invoice.objects.get(pk=issued.pk)
        if issued.state == Invoice.State.ISSUED:
            use_credit(issued, actor=actor)
    return Invoice.objects.get(pk=issued.pk)


def ask_for_less(invoice: Invoice, amounts: dict[int, Decimal], *, actor, reason: str) -> Invoice | None:
    """What a credit note over `amounts` (net, by id of the line) would take back is left out of an unpaid pro-forma, deductions of
    those lines with it. A period that costs nothing any more stays on it."""
    with transaction.atomic():
        lock_account(invoice.account)
        changed = {each.line.pk: _left_of(each) for each in creditable(invoice).of_lines(amounts).lines}
        return rewrite_invoice(invoice, changed, actor=actor, reason=reason)


def _left_of(taken: TakenLine) -> NewLine | None:
    line, left = taken.line, taken.line.net_amount - taken.net
    if not left and not line.period_end:
        return None
    share = Fraction(left) / Fraction(line.net_amount)
    gross = None if line.gross_amount is None else round_share(line.gross_amount, share, line.currency)
    return replace(line_again(line), unit_amount=left, quantity=Decimal(1), gross_amount=gross)


def succeed(old: Invoice, new: Invoice, pairs: list[tuple[InvoiceLine, InvoiceLine]]) -> None:
    """Orders, quotes, changes and charges of items are the new document's; so is time that was given back by the old one or, by
    its lines (`pairs`), of it. What rules did about the same due date (a reminder, a late fee) counts as done. What is told of the past
    (payments, suspensions, mails) stays. Caller holds the account's lock."""
    now = clock.now()
    for rows in (Order.objects, BillableCharge.objects, SubscriptionChange.objects.under_way(), Quote.objects):
        rows.filter(invoice=old).update(invoice=new, updated_at=now)
    Quote.objects.filter(rest_invoice=old).update(rest_invoice=new, updated_at=now)
    LineCredit.objects.filter(invoice=old, released=False).update(invoice=new, updated_at=now)
    for line, later in pairs:
        LineCredit.objects.filter(line=line, released=False).update(line=later, updated_at=now)
        BillableItem.objects.filter(adjusts=line).update(adjusts=later, updated_at=now)
    done = RuleRun.objects.filter(rule__trigger=TRIGGER, object_id=old.pk, anchor_on=new.due_on)
    done.update(object_id=new.pk)
