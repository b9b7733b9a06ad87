"""What a line of a cart becomes: a subscription with its calendar and options, worked out before anything is stored."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing.models import CartLine, NewLine, Subscription, SubscriptionItem
from billing.models.cycle import add_months, boundary, is_recurring, months, on_day
from billing.queries.chosen import items_of
from billing.queries.discount import next_cuts
from billing.queries.granted import cuts_of
from billing.queries.pricing import First, first_count, first_parts, recurring_parts


@dataclass(frozen=True)
class Planned:
    """A subscription and its options, not stored, what is charged for them first, and what discounts take off."""

    subscription: Subscription
    items: list[SubscriptionItem]
    first: First
    cuts: tuple = ()

    @property
    def first_lines(self) -> list[NewLine]:
        """What the order is charged."""
        return first_parts(self.subscription, self.first, items=self.items, cuts=list(self.cuts))

    @property
    def is_part(self) -> bool:
        """Is the first period only a piece of a full one, charged by days?"""
        row = self.subscription
        return is_recurring(row.cycle) and not row.trial and row.period(0).days < row.full_period(row.started_on).days

    @property
    def next_lines(self) -> list[NewLine]:
        """What the next invoice is charged; nothing when there is none."""
        return self.later_lines(0)

    def later_lines(self, step: int) -> list[NewLine]:
        """What the next invoice but `step` is charged."""
        row = self.subscription
        index = row.period_index + step
        if row.next_due_on is None or row.due_on(index) is None:
            return []
        return recurring_parts(row, row.period(index), items=self.items, cuts=self.cuts_after(step))

    def cuts_after(self, step: int) -> list:
        """Its discounts when so many renewals have been invoiced besides the order."""
        cuts = list(self.cuts)
        for _count in range(first_count(self.subscription, self.first) + step):
            cuts = next_cuts(cuts, self.subscription.cycle)
        return cuts

    def steps(self) -> list[int]:
        """After how many further renewals the price becomes another because a discount has run out."""
        cycle, left = months(self.subscription.cycle), set()
        for cut in self.cuts_after(0):
            left |= {cut.periods_left} if cut.periods_left else set()
            left |= {cut.months_left // cycle, -(-cut.months_left // cycle)} if cut.months_left and cycle else set()
        return sorted(left - {0})


def plan(
    row: CartLine,
    price: tuple[Decimal, Decimal, bool, bool],
    *,
    currency: str,
    today: date,
    parent: Subscription | None = None,
    trial_used: bool = False,
) -> Planned:
    """What becomes of a cart line ordered today at `price` (a piece: for a period, for the set-up, and whether it is another
    than the catalogue's, so that the catalogue's changes leave it alone, and whether it includes tax). `parent`: what an addon
    belongs to, stored or itself only planned. `trial_used`: this client had the free days before."""
    subscription = Subscription(
        product=row.product,
        label=row.label,
        currency=currency,
        cycle=row.cycle,
        quantity=row.quantity,
        price_amount=price[0],
        price_is_override=price[2],
        price_includes_tax=price[3],
        answers=row.answers,
        started_on=today,
        anchor_day=today.day,
    )
    trial_days = 0 if trial_used else row.product.trial_days
    follows = bool(parent and row.product.follows_parent and parent.cycle == row.cycle)
    if is_recurring(row.cycle):
        _follow(subscription, parent) if follows else _set_calendar(subscription, trial_days)
    _set_end(subscription, parent)
    first = First(price[1] * row.quantity, _charges_next(subscription))
    if is_recurring(row.cycle):
        subscription.move_to(first_count(subscription, first))
    return Planned(subscription, items_of(subscription, row.options), first)


def planned_again(subscription: Subscription) -> Planned:
    """The same of a stored one that has not begun: as it was ordered, with its discounts as they are. Its next day of billing is set,
    not saved."""
    line = subscription.order_line
    first = First(line.setup_amount * line.quantity if line else Decimal(0), _charges_next(subscription))
    if is_recurring(subscription.cycle):
        subscription.move_to(first_count(subscription, first))
    return Planned(subscription, list(subscription.items.all()), first, tuple(cuts_of(subscription)))


def next_due(product, cycle: str, today: date) -> date | None:
    """The day on which a product ordered today is invoiced again; None when it never is."""
    if not is_recurring(cycle):
        return None
    subscription = Subscription(product=product, cycle=cycle, started_on=today)
    _set_calendar(subscription, product.trial_days)
    _set_end(subscription, None)
    subscription.move_to(first_count(subscription, First(and_next=_charges_next(subscription))))
    return subscription.next_due_on


def _set_calendar(subscription: Subscription, trial_days: int) -> None:
    """Paid periods begin after the free days, on the product's bill day or from that day on."""
    if trial_days:
        subscription.origin_on = subscription.started_on + timedelta(days=trial_days)
    subscription.anchor_day = subscription.product.bill_day or subscription.origin.day


def _follow(subscription: Subscription, parent: Subscription) -> None:
    """An addon's periods are its parent's; the first one is what is left of the parent's current period."""
    subscription.anchor_day = parent.anchor_day
    if parent.trial and subscription.started_on < parent.origin:
        subscription.origin_on = parent.origin
        return
    current = parent.full_period(subscription.started_on).start
    if current != subscription.started_on:
        subscription.origin_on = current


def _set_end(subscription: Subscription, parent: Subscription | None) -> None:
    """The earliest of: the limit of full periods, the limit of days, the end of what it belongs to; and the day for which that was
    cancelled."""
    product, ends = subscription.product, []
    if product.cycles_limit and is_recurring(subscription.cycle):
        count = product.cycles_limit + (1 if _begins_short(subscription) else 0)
        ends.append(boundary(subscription.origin, subscription.anchor_day, subscription.cycle, count))
    if product.terminate_after_days:
        ends.append(subscription.started_on + timedelta(days=product.terminate_after_days))
    if parent and parent.ends_on and parent.ends_on > subscription.started_on:
        ends.append(parent.ends_on)
    if parent and parent.cancel_on and parent.cancel_on > subscription.started_on:
        subscription.cancel_on = parent.cancel_on
    subscription.ends_on = min(ends, default=None)


def _begins_short(subscription: Subscription) -> bool:
    """Is the first period only a piece of one?"""
    first = max(subscription.origin, subscription.started_on)
    return subscription.full_period(first).start < first


def _charges_next(subscription: Subscription) -> bool:
    """Is the order on or after the last "charge the next one too" day before the first fixed billing day?"""
    from_day, product = subscription.product.charge_next_from_day, subscription.product
    if not from_day or not product.bill_day or not is_recurring(subscription.cycle) or subscription.trial:
        return False
    if not _begins_short(subscription):
        return False
    following = subscription.full_period(subscription.started_on).end
    day = on_day(following.year, following.month, from_day)
    if day >= following:
        before = add_months(following, -1)
        day = on_day(before.year, before.month, from_day)
    return subscription.started_on >= day
