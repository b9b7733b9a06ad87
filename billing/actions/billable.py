"""Use cases of billable items: write them down, invoice them now, or have the renewal run gather them. A charge of an item stands on
one invoice: `BillableCharge` is unique, and the account's lock is held."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Account, BillableCharge, BillableItem, Invoice, InvoiceLine, Period
from billing.options import ORDER_DUE_DAYS
from billing.queries.coverage import covered_from
from billing.queries.proration import prorate
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.localized import native_digits

from .account import lock_account, open_account
from .invoice import NewLine, draft_invoice, issue_invoice

#: A line of an item is known by this beginning of its `part`, which goes on with id and index.
PART = "billable"
#: More charges than this of one item are not caught up in one run; the next run goes on.
MAX_CHARGES_PER_RUN = 15
SCHEDULE = ("action", "first_on", "every", "every_unit")
Action = BillableItem.Action


def create_billable(*, client, actor, **fields) -> BillableItem:
    """Write an item down; "now" invoices it at once. AppError: "no_day" where a day is needed, "client_closed"."""
    with transaction.atomic():
        if client.is_closed:
            raise AppError(_("This account is closed."), code="client_closed", field="client")
        account = lock_account(open_account(client))
        item = BillableItem(client_id=account.client_id, account=account, currency=account.currency, **fields)
        _schedule(item)
        item.save()
        audit(actor, "billing.billable_created", item)
        if item.action == Action.NOW:
            invoice_items(account, [item], actor=actor)
    return item


def update_billable(item: BillableItem, *, actor, **fields) -> BillableItem:
    """Correct an open item. AppError "not_open"; "charged" for the calendar of one that was charged already."""
    with transaction.atomic():
        lock_account(item.account)
        item = _open(item)
        changed = [name for name in SCHEDULE if name in fields and fields[name] != getattr(item, name)]
        if item.times_done and changed:
            words = _("It has been charged already, so its calendar stays. Drop it and write a new one.")
            raise AppError(words, code="charged", field=changed[0])
        for name, value in fields.items():
            setattr(item, name, value)
        _schedule(item)
        item.save()
        audit(actor, "billing.billable_changed", item)
        if item.action == Action.NOW:
            invoice_items(item.account, [item], actor=actor)
            item.refresh_from_db()
    return item


def drop_billable(item: BillableItem, *, actor, reason: str = "") -> BillableItem:
    """It is not charged, or not any more. AppError "not_open"."""
    with transaction.atomic():
        lock_account(item.account)
        item = _open(item)
        item.state, item.next_on = BillableItem.State.DROPPED, None
        item.save(update_fields=["state", "next_on"])
        audit(actor, "billing.billable_dropped", item, reason=reason)
    return item


def bill_again(item: BillableItem, *, actor) -> BillableItem:
    """What stood on an invoice that was cancelled waits for the next one. AppError "nothing" when there is none."""
    with transaction.atomic():
        lock_account(item.account)
        item = BillableItem.objects.get(pk=item.pk)
        freed, _rows = item.charges.filter(invoice__state=Invoice.State.CANCELLED).delete()
        if not freed:
            raise AppError(_("None of its invoices is cancelled."), code="nothing")
        if item.action == Action.NOW:
            item.action = Action.NEXT_INVOICE
        _settle(item)
        audit(actor, "billing.billable_again", item)
    return item


def invoice_items(account: Account, items: list[BillableItem], *, actor) -> Invoice | None:
    """One issued invoice over the next charge of each item that is still open, in the order given; None when none is. Two
    clicks make one: the second finds them charged."""
    with transaction.atomic():
        account = lock_account(account)
        order = {item.pk: place for place, item in enumerate(items)}
        rows = BillableItem.objects.filter(account=account, pk__in=order, state="open")
        fresh = sorted(rows, key=lambda item: order[item.pk])
        if not fresh:
            return None
        lines = [line for item in fresh for line in _lines(item, item.times_done, actor)]
        if not lines:
            return None
        due_on = clock.today() + timedelta(days=ORDER_DUE_DAYS.value)
        draft = draft_invoice(account, lines, kind=Invoice.Kind.MANUAL, due_on=due_on)
        note_billed([draft])
        return issue_invoice(draft, actor=actor)


def billable_lines(account: Account, until: date, days: set[date]) -> dict[date, list[NewLine]]:
    """{due day: lines} that automation adds to the client's invoices: items with a day up to `until`, and those for the next
    invoice on the first of these days and of `days`, on which invoices are written anyway. Caller holds the account's
    lock, writes invoices of them and says so with `note_billed`."""
    by_day = defaultdict(list)
    for item in BillableItem.objects.due_by(until).filter(account=account).prefetch_related("charges").order_by("pk"):
        for index in _due_indexes(item, until):
            by_day[_day(item, index)] += _lines(item, index, SYSTEM)
    every = days | set(by_day)
    if every:
        waiting = BillableItem.objects.for_next_invoice().filter(account=account).order_by("pk")
        by_day[min(every)] += [line for item in waiting for line in _lines(item, item.times_done, SYSTEM)]
    return {day: lines for day, lines in by_day.items() if lines}


def note_billed(invoices: list[Invoice]) -> None:
    """Remember what stands on these invoices, and move the items on. IntegrityError for a charge that stands elsewhere."""
    lines = InvoiceLine.objects.filter(invoice__in=invoices, part__startswith=f"{PART}:")
    charges = [_charge(line) for line in lines]
    if not charges:
        return
    BillableCharge.objects.bulk_create(charges)
    for item in BillableItem.objects.filter(pk__in={charge.item_id for charge in charges}):
        _settle(item)


def free_billables(invoice: Invoice) -> list[BillableItem]:
    """The items of a draft about to be thrown away; their charges are free again. The caller deletes the draft."""
    items = list(BillableItem.objects.filter(charges__invoice=invoice).distinct())
    BillableCharge.objects.filter(invoice=invoice).delete()
    for item in items:
        _settle(item)
    return items


def _due_indexes(item: BillableItem, until: date) -> list[int]:
    """The numbers of the charges up to the day that stand on no invoice."""
    if item.action != Action.RECURRING:
        return [item.times_done]
    taken = {charge.index for charge in item.charges.all()}
    last = item.times_done + MAX_CHARGES_PER_RUN
    last = last if item.times is None else min(last, item.times)
    return [index for index in range(item.times_done, last) if index not in taken and _day(item, index) <= until]


def _charge(line: InvoiceLine) -> BillableCharge:
    _part, item, index = line.part.split(":")
    return BillableCharge(item_id=int(item), index=int(index), invoice_id=line.invoice_id)


def _lines(item: BillableItem, index: int, actor) -> list[NewLine]:
    """Its line; none of a difference whose days have all been given back meanwhile: then the item is dropped."""
    if item.usage_id:
        return [_usage_line(item, index)]
    if item.adjusts is None or item.adjusts_from is None:
        return [_line(item, index)]
    whole, days = Period(item.adjusts_from, item.adjusts.period_end), covered_from(item.adjusts, item.adjusts_from)
    if days is None:
        drop_billable(item, actor=actor, reason=str(item.adjusts.invoice))
        return []
    amount = prorate(item.amount.amount, days, whole, item.currency)
    line = replace(_line(item, index), unit_amount=amount, quantity=Decimal(1), period=days)
    return [replace(line, subscription=item.adjusts.subscription)]


def _line(item: BillableItem, index: int) -> NewLine:
    return NewLine(
        description=_words(item),
        unit_amount=item.unit_amount,
        quantity=item.quantity,
        tax_class=item.tax_class,
        part=f"{PART}:{item.pk}:{index}",
    )


def _usage_line(item: BillableItem, index: int) -> NewLine:
    """Metered use is its service's, and earned with its product."""
    month = item.usage
    names = {"kind": InvoiceLine.Kind.USAGE, "subscription": month.subscription, "period": month.days}
    return replace(_line(item, index), revenue_code=month.metric.product.kind, **names)


def _words(item: BillableItem) -> str:
    """Hours say so: on the document quantity and price stand without a unit."""
    if item.unit_kind != BillableItem.Unit.HOURS:
        return item.description
    language = item.client.language
    with translation.override(language):
        hours = native_digits(f"{item.quantity.normalize():f}", language)
        return _("%(what)s (%(hours)s h)") % {"what": item.description, "hours": hours}


def _schedule(item: BillableItem) -> None:
    """Day of the next charge, and whether there is one."""
    if item.action in (Action.DUE_DATE, Action.RECURRING) and item.first_on is None:
        raise AppError(_("Say on which day."), code="no_day", field="first_on")
    if item.action != Action.RECURRING:
        item.times = None
    _place(item)


def _place(item: BillableItem) -> None:
    is_over = bool(item.times_done) if item.action != Action.RECURRING else item.times is not None and item.times_done >= item.times
    if item.state != BillableItem.State.DROPPED:
        item.state = BillableItem.State.DONE if is_over else BillableItem.State.OPEN
    waits = item.state == BillableItem.State.OPEN and item.action in (Action.DUE_DATE, Action.RECURRING)
    item.next_on = _day(item, item.times_done) if waits else None


def _settle(item: BillableItem) -> None:
    """Its counters from what stands on invoices: the next charge is the first one that stands on none."""
    taken = set(item.charges.values_list("index", flat=True))
    item.times_done = next(index for index in range(len(taken) + 1) if index not in taken)
    _place(item)
    item.save(update_fields=["times_done", "next_on", "state", "action"])


def _day(item: BillableItem, index: int) -> date:
    return item.day_of(index) if item.action == Action.RECURRING else item.first_on


def _open(item: BillableItem) -> BillableItem:
    item = BillableItem.objects.select_related("account", "client").get(pk=item.pk)
    if item.state != BillableItem.State.OPEN:
        raise AppError(_("It is not open any more."), code="not_open")
    return item
