"""What a subscription's periods cost, as lines of an invoice. Pure: everything is read from the rows given, nothing is asked.

Whoever prices many subscriptions hands over rows with `PRICED` fetched beforehand."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Cycle, InvoiceLine, NewLine, Period, Subscription, SubscriptionItem
from billing.models.cycle import is_recurring
from billing.queries.discount import BASE, OPTION, SETUP, Charged, Cut, next_cuts, reductions_by_line
from billing.queries.granted import cuts_of
from billing.queries.proration import prorate
from hostbill.core.money import Money
from hostbill.core.ui.words import day_words

#: What has to be fetched with subscriptions that are priced.
PRICED = ("items__option", "discounts", "scheduled_prices")


def recurring_parts(
    subscription: Subscription, period: Period, *, items: list | None = None, cuts: list[Cut] | None = None
) -> list[NewLine]:
    """The lines of one period, in the language in force: the price, each option that costs something, each discount. A
    period that is only a piece of a full one costs its days' share, worked out over the whole line and rounded once.

    `items` and `cuts` stand in for the stored options and discounts of a subscription that is not stored yet."""
    parts = _period_parts(subscription, period, items)
    cuts = cuts_of(subscription) if cuts is None else cuts
    return _as_priced(subscription, parts + discount_parts(subscription, parts, cuts, period=period))


def _as_priced(subscription: Subscription, lines: list[NewLine]) -> list[NewLine]:
    """Where the price includes tax, so does every line of it."""
    if not subscription.price_includes_tax:
        return lines
    return [replace(line, gross_amount=charge_of(line, subscription.currency)) for line in lines]


def charge_of(line: NewLine, currency: str) -> Decimal:
    """What a line is charged, rounded once."""
    return Money(line.unit_amount * line.quantity, currency).amount


def discount_parts(subscription: Subscription, parts: list[NewLine], cuts: list[Cut], *, period: Period | None) -> list[NewLine]:
    """What is taken off these lines, a line for each discount; what of it is off set-up fees has a line of its own without days, so
    that the rest is given back by the day like the price. Without a period: of something that is charged once."""
    share = Fraction(period.days, subscription.full_period(period.start).days) if period else Fraction(1)
    charged, common = charged_as(parts, subscription.currency), {"currency": subscription.currency, "cycle": subscription.cycle}
    found = reductions_by_line(charged, cuts, **common, quantity=subscription.quantity, share=share)
    lines = []
    for cut, amounts in found:
        once = sum((amount for amount, line in zip(amounts, charged, strict=True) if period and line.role == SETUP), Decimal(0))
        lines += _discount_lines(subscription, cut, sum(amounts, Decimal(0)) - once, once, period)
    return lines


def _discount_lines(subscription: Subscription, cut: Cut, amount: Decimal, once: Decimal, period: Period | None) -> list[NewLine]:
    """`amount` off the price, `once` off the set-up fees beside it."""
    words, common = _discount_words(cut, subscription), _common(subscription) | {"kind": InvoiceLine.Kind.DISCOUNT}
    begins = {"starts_on": subscription.started_on}
    lines = [NewLine(words, -amount, part=cut.key, **common, **({"period": period} if period else begins))] if amount else []
    if once:
        words = _("%(discount)s · set-up") % {"discount": words} if amount else words
        lines.append(NewLine(words, -once, part=f"{cut.key}:setup", **common, **begins))
    return lines


def charged_as(lines: list[NewLine], currency: str) -> list[Charged]:
    """Lines as discounts see them."""
    return [Charged(role_of(line), charge_of(line, currency), line.choice) for line in lines]


def role_of(line: NewLine) -> str:
    """What a line is to a discount."""
    if line.kind == InvoiceLine.Kind.SETUP:
        return SETUP
    return OPTION if line.part.startswith("option:") else BASE


def _discount_words(cut: Cut, subscription: Subscription) -> str:
    """Its name, how much it is in percent, and of what."""
    percent = f"{cut.percent.normalize():f} %" if cut.percent else ""
    return " · ".join(part for part in (cut.name, percent, subscription.label or subscription.product.name) if part)


def _period_parts(subscription: Subscription, period: Period, items: list | None) -> list[NewLine]:
    """Before discounts."""
    full = subscription.full_period(period.start)
    items = list(subscription.items.all()) if items is None else items
    price = price_on(subscription, period.start)
    parts = [_part(subscription, describe(subscription), price, subscription.quantity, period, full)]
    for item in items:
        if item.unit_amount:
            words, count = describe_item(item, subscription), item.quantity * subscription.quantity
            part = _part(subscription, words, item.unit_amount, count, period, full)
            parts.append(replace(part, part=item.part, choice=item.choice_id))
    return parts


def _part(subscription, words: str, unit: Decimal, quantity: int, period: Period, full: Period) -> NewLine:
    if period.days < full.days:
        unit = prorate(unit * quantity, period, full, subscription.currency)
        words, quantity = piece_words(words, quantity, period, full), 1
    return NewLine(
        description=words,
        unit_amount=unit,
        quantity=Decimal(quantity),
        kind=InvoiceLine.Kind.RECURRING,
        tax_class=subscription.product.tax_class,
        revenue_code=subscription.product.kind,
        subscription=subscription,
        period=period,
    )


def piece_words(words: str, quantity: int, period: Period, full: Period) -> str:
    """What a share is a share of: "3 × Extra disk · 12 of 31 days"."""
    days = ngettext("%(part)s of %(days)s day", "%(part)s of %(days)s days", full.days) % {"part": period.days, "days": full.days}
    return f"{quantity} × {words} · {days}" if quantity > 1 else f"{words} · {days}"


@dataclass(frozen=True)
class First:
    """What an order for a subscription is invoiced with at once. `setup` is the product's own set-up fee for the whole
    quantity; `and_next`: the short first period is charged together with the next one."""

    setup: Decimal = Decimal(0)
    and_next: bool = False


def price_on(subscription: Subscription, day) -> Decimal:
    """The price a piece for a period that begins on the day: the stored one, or one scheduled for that day or before."""
    changes = (row for row in subscription.scheduled_prices.all() if row.applied_at is None) if not subscription._state.adding else ()
    due = [row for row in changes if row.starts_on <= day]
    return max(due, key=lambda row: row.starts_on).amount if due else subscription.price_amount


def first_parts(
    subscription: Subscription, first: First, *, items: list | None = None, cuts: list[Cut] | None = None
) -> list[NewLine]:
    """The lines of an order in the language in force: the first period (two of them, or a free trial, or the one-time
    price), the set-up fees, never prorated, and what discounts take off."""
    items = list(subscription.items.all()) if items is None else items
    cuts = cuts_of(subscription) if cuts is None else cuts
    setup = _setup_parts(subscription, first, items)
    if not is_recurring(subscription.cycle):
        once = _one_time_parts(subscription, items)
        return _as_priced(subscription, [*once, *setup, *discount_parts(subscription, once + setup, cuts, period=None)])
    if subscription.trial:
        off = discount_parts(subscription, setup, cuts, period=None)
        return _as_priced(subscription, [_trial_part(subscription), *setup, *off])
    lines = []
    for index in range(first_count(subscription, first)):
        period = subscription.period(index)
        parts = _period_parts(subscription, period, items) + (setup if index == 0 else [])
        lines += parts + discount_parts(subscription, parts, cuts, period=period)
        cuts = next_cuts(cuts, subscription.cycle)
    return _as_priced(subscription, lines)


def first_count(subscription: Subscription, first: First) -> int:
    """How many periods an order is charged for: none of a trial, two where the next one is charged too."""
    if not is_recurring(subscription.cycle) or subscription.trial:
        return 0
    return 2 if first.and_next and subscription.due_on(1) else 1


def _one_time_parts(subscription: Subscription, items: list) -> list[NewLine]:
    common = _common(subscription) | {"kind": InvoiceLine.Kind.ONE_TIME, "starts_on": subscription.started_on}
    quantity = subscription.quantity
    lines = [NewLine(describe(subscription), subscription.price_amount, Decimal(quantity), **common)]
    for item in items:
        if item.unit_amount:
            words = describe_item(item, subscription)
            count = Decimal(item.quantity * quantity)
            lines.append(NewLine(words, item.unit_amount, count, part=item.part, choice=item.choice_id, **common))
    return lines


def _trial_part(subscription: Subscription) -> NewLine:
    """The days without charge: a line over nothing, so that they stand in a document."""
    words = _("%(name)s · free until %(day)s") % {"name": describe(subscription), "day": day_words(subscription.trial.last_day)}
    common = _common(subscription) | {"kind": InvoiceLine.Kind.RECURRING, "period": subscription.trial}
    return NewLine(words, Decimal(0), Decimal(subscription.quantity), **common)


def _setup_parts(subscription: Subscription, first: First, items: list) -> list[NewLine]:
    common = _common(subscription) | {"kind": InvoiceLine.Kind.SETUP, "starts_on": subscription.started_on}
    lines = []
    if first.setup:
        lines.append(NewLine(_("Set-up: %(name)s") % {"name": subscription}, first.setup, **common))
    for item in items:
        if item.setup_amount:
            words = _("Set-up: %(name)s") % {"name": describe_item(item, subscription)}
            count = Decimal(item.quantity * subscription.quantity)
            lines.append(NewLine(words, item.setup_amount, count, part=item.part, choice=item.choice_id, **common))
    return lines


def _common(subscription: Subscription) -> dict:
    product = subscription.product
    return {"tax_class": product.tax_class, "revenue_code": product.kind, "subscription": subscription}


def describe(subscription: Subscription) -> str:
    """The words of an invoice line, in the language in force: product, domain, cycle."""
    parts = [subscription.product.name, subscription.label, str(Cycle(subscription.cycle).label)]
    return " · ".join(part for part in parts if part)


def describe_item(item: SubscriptionItem, subscription: Subscription) -> str:
    """The words of an option's line: what was chosen, and for which domain."""
    return " · ".join(part for part in (item.description, subscription.label) if part)
