"""Discounts of running subscriptions: granted by staff, used up by invoiced periods, given back, ended."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import DiscountKind, InvoiceLine, Subscription, SubscriptionDiscount
from billing.models.cycle import months
from billing.queries.discount import after_period
from billing.queries.granted import cut_of
from billing.queries.pricing import first_count
from hostbill.core import clock
from hostbill.core.access import require
from hostbill.core.audit import audit
from hostbill.core.errors import AppError

from .account import lock_account

#: What staff may grant by hand.
GRANTED = (DiscountKind.PERCENT, DiscountKind.FIXED, DiscountKind.OVERRIDE, DiscountKind.FREE_MONTHS)


def use_up(subscription: Subscription, day) -> None:
    """A period beginning on the day has been put on an invoice: each discount has one less, and a price scheduled for it is the
    subscription's. Saves discounts; the caller saves the subscription and holds the account's lock."""
    for row in subscription.discounts.all():
        if row.is_live:
            _count_down(row, subscription.cycle)
    take_scheduled_price(subscription, day)


def take_scheduled_price(subscription: Subscription, day) -> None:
    """A price scheduled for the day or before is the subscription's. The caller saves it."""
    for row in subscription.scheduled_prices.all():
        if row.applied_at is None and row.starts_on <= day:
            subscription.price_amount, row.applied_at = row.amount, clock.now()
            row.save(update_fields=["applied_at"])


def use_up_first(subscription: Subscription, planned) -> None:
    """The same for all that an order was charged with: its periods, or the one-time price. Free days use nothing up but a free
    set-up."""
    count = first_count(subscription, planned.first) if subscription.is_recurring else 1
    for row in subscription.discounts.all():
        if row.kind == DiscountKind.FREE_SETUP:
            _count_down(row, subscription.cycle)
        for _period in range(count):
            if row.is_live:
                _count_down(row, subscription.cycle)


def _count_down(row: SubscriptionDiscount, cycle: str) -> None:
    before = (row.periods_left, row.months_left)
    row.periods_left, row.months_left = after_period(cut_of(row), cycle)
    if (row.periods_left, row.months_left) != before:
        row.save(update_fields=["periods_left", "months_left"])


def give_back(lines) -> None:
    """Periods with a discount were taken off an invoice for good: they do not count. `lines` of that invoice."""
    lines = list(lines)
    for line, row in _discounted(lines):
        if row.periods_left is not None:
            row.periods_left += 1
        if row.months_left is not None:
            row.months_left += _months_given(line, lines)
        row.save(update_fields=["periods_left", "months_left"])


def _discounted(lines: list[InvoiceLine]) -> list[tuple[InvoiceLine, SubscriptionDiscount]]:
    """Each discount line of a period with the discount it comes from."""
    found = [line for line in lines if line.kind == InvoiceLine.Kind.DISCOUNT and line.period_end]
    keys = {line.pk: line.part.partition(":")[2] for line in found if line.part.startswith("promo:")}
    rows = {str(row.pk): row for row in SubscriptionDiscount.objects.filter(pk__in=keys.values(), ended_at=None)}
    return [(line, rows[keys[line.pk]]) for line in found if keys.get(line.pk) in rows]


def _months_given(line: InvoiceLine, lines: list[InvoiceLine]) -> int:
    """How many free months its amount stands for."""
    same = [row for row in lines if (row.subscription_id, row.period_start) == (line.subscription_id, line.period_start)]
    full = sum(row.net_amount for row in same if row.kind == InvoiceLine.Kind.RECURRING)
    return int(round(months(line.subscription.cycle) * -line.net_amount / full)) if full else 0


def grant_discount(subscription: Subscription, *, kind: str, value, periods: int | None, reason: str, actor, name: str = ""):
    """Staff take something off the coming periods, with a reason. `value`: percent, amount off a period, price a piece, or
    months. `periods` None: for ever. AppError: "reason", "value", "ended", "not_recurring"."""
    require(actor, "billing.subscription.discount")
    _check_grant(subscription, kind, value, reason)
    with transaction.atomic():
        lock_account(subscription.account)
        subscription.refresh_from_db()
        row = SubscriptionDiscount.objects.create(
            subscription=subscription,
            kind=kind,
            name=(name.strip() or _("Discount"))[:80],
            percent=value if kind == DiscountKind.PERCENT else None,
            currency=subscription.currency,
            amount=value if kind in (DiscountKind.FIXED, DiscountKind.OVERRIDE) else None,
            periods_left=None if kind == DiscountKind.FREE_MONTHS else periods,
            months_left=int(value) if kind == DiscountKind.FREE_MONTHS else None,
            reason=reason.strip()[:300],
            granted_by=actor.label[:200],
            ends_on_change=False,
        )
        audit(actor, "billing.discount_granted", subscription, reason=reason, changes={"discount": [None, describe_grant(row)]})
    return row


def _check_grant(subscription: Subscription, kind: str, value, reason: str) -> None:
    if kind not in GRANTED:
        raise AppError(_("Choose a kind of discount."), code="kind", field="kind")
    if not reason.strip():
        raise AppError(_("Say why."), code="reason", field="reason")
    if value is None or value < 0 or (value == 0 and kind != DiscountKind.OVERRIDE):
        raise AppError(_("Enter a figure above zero."), code="value", field="value")
    if kind == DiscountKind.PERCENT and value > 100:
        raise AppError(_("At most 100 percent."), code="value", field="value")
    if kind == DiscountKind.FREE_MONTHS and (value != int(value) or value > 120):
        raise AppError(_("Enter whole months, 120 at most."), code="value", field="value")
    if subscription.state in ("ended", "cancelled"):
        raise AppError(_("It has ended."), code="ended")
    if not subscription.is_recurring:
        raise AppError(_("It is paid once; there is no next period."), code="not_recurring")


def describe_grant(row: SubscriptionDiscount) -> str:
    """For the log: kind, figure, periods."""
    figure = row.percent or row.amount or row.months_left
    periods = "" if row.periods_left is None else f" x {row.periods_left}"
    return f"{row.name}: {row.kind} {figure:g}{periods}"


def end_discount(row: SubscriptionDiscount, *, actor, reason: str = "") -> SubscriptionDiscount:
    """The next period costs the full price again; what is invoiced stays."""
    require(actor, "billing.subscription.discount")
    with transaction.atomic():
        lock_account(row.subscription.account)
        row = SubscriptionDiscount.objects.select_related("subscription").get(pk=row.pk)
        if row.ended_at is None:
            row.ended_at = clock.now()
            row.save(update_fields=["ended_at"])
            audit(
                actor,
                "billing.discount_ended",
                row.subscription,
                reason=reason,
                changes={"discount": [describe_grant(row), None]},
            )
    return row


def end_on_change(subscription: Subscription) -> None:
    """The plan has changed: promotions that were for the old one are over. Caller holds the account's lock."""
    subscription.discounts.filter(ended_at=None, ends_on_change=True).update(ended_at=clock.now())
