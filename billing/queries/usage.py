"""What was used and what it costs: the arithmetic of metered use, the month that is open, and closed ones."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Max, Min, Sum
from django.utils.timezone import localtime

from billing.models import (
    BillableCharge,
    Cycle,
    Invoice,
    Metric,
    MetricTerms,
    Period,
    Subscription,
    SubscriptionChange,
    Transfer,
    UsagePeriod,
    UsageRecord,
)
from billing.models.cycle import full_period
from billing.models.metric import Tier
from hostbill.core import clock
from hostbill.core.money import Money
from hostbill.core.ui.words import number

#: One event that would cost more is a mistake: no invoice could hold a hundred of them.
MOST_COST = Decimal(10**10)
#: More than a line of an invoice can count: its line is one piece at the price of all.
MOST_ON_A_LINE = Decimal("99999999")


@dataclass(frozen=True)
class Part:
    """Units at one price. `above`: the quantity beyond what is included above which the price holds; 0 for the first. `is_fixed`: one
    amount for the range, however many units."""

    above: Decimal
    quantity: Decimal
    unit_amount: Decimal
    is_fixed: bool = False

    @property
    def amount(self) -> Decimal:
        """Exact, not rounded."""
        return self.quantity * self.unit_amount


@dataclass(frozen=True)
class Counted:
    """A month of a metric: what was counted in it, what corrections had taken away beyond the month before, what is charged."""

    metric: Metric
    terms: MetricTerms
    days: Period
    quantity: Decimal
    brought: Decimal
    parts: list[Part]
    currency: str
    #: Where a closed month stands; None while it waits or when it costs nothing.
    invoice: Invoice | None = None

    @property
    def used_words(self) -> str:
        """``12.4 GB``, for screens."""
        return amount_words(self.quantity, self.metric.unit)

    @property
    def included_words(self) -> str:
        """``10 GB``."""
        return amount_words(self.terms.included, self.metric.unit)

    @property
    def charged_quantity(self) -> Decimal:
        """Beyond what is included."""
        return charged_of(self.terms, self.quantity)

    @property
    def amount(self) -> Money:
        """Net: the sum of the lines, each rounded once."""
        return sum((Money(part.amount, self.currency) for part in self.parts), Money.zero(self.currency))


def amount_words(quantity: Decimal, unit: str) -> str:
    """``1,012.4 GB``, exact, as numbers are written in the language in force."""
    decimals = max(0, -quantity.normalize().as_tuple().exponent)
    return f"{number(quantity, decimals)} {unit}".strip()


def charged_of(terms: MetricTerms, quantity: Decimal) -> Decimal:
    """What of a quantity is charged."""
    return max(quantity - terms.included, Decimal(0))


def parts_of(terms: MetricTerms, currency: str, quantity: Decimal) -> list[Part]:
    """What a month's quantity is charged; nothing where it is within what is included, or has no price in the currency. Pure."""
    charged, tiers = charged_of(terms, quantity), terms.prices_in(currency)
    if not charged or not tiers:
        return []
    reached = [tier for tier in tiers if tier.above < charged]
    if terms.model == MetricTerms.Model.VOLUME:
        return _of_range(Decimal(0), charged, reached[-1])
    ends = [tier.above for tier in reached[1:]] + [charged]
    return [part for tier, end in zip(reached, ends, strict=True) for part in _of_range(tier.above, end - tier.above, tier)]


def _of_range(above: Decimal, quantity: Decimal, tier: Tier) -> list[Part]:
    """Its units, then its amount; what costs nothing is not there."""
    found = [Part(above, quantity, tier.price), Part(above, Decimal(1), tier.fixed, is_fixed=True)]
    return [part for part in found if part.unit_amount]


def month_of(subscription: Subscription, on: date) -> Period:
    """The month of use that contains the day: on the subscription's billing day, whatever its cycle."""
    return full_period(subscription.origin, subscription.anchor_day, Cycle.MONTHLY, on)


def last_closed(subscription: Subscription, metric: Metric) -> UsagePeriod | None:
    """The newest closed month."""
    return UsagePeriod.objects.filter(subscription=subscription, metric=metric).order_by("-starts_on").first()


def open_days(subscription: Subscription, metric: Metric, on: date, until: date | None = None) -> Period:
    """The days of the month of a day that are not closed; `until`: the first day not metered any more. The days before are closed when
    nothing is left, and then the period is of no days."""
    closed = last_closed(subscription, metric)
    month = month_of(subscription, max(on, closed.ends_on) if closed else on)
    start = max(month.start, closed.ends_on if closed else subscription.started_on)
    return Period(start, min(month.end, until) if until else month.end)


def counted(subscription: Subscription, metric: Metric, days: Period) -> Counted:
    """All that no closed month counts and that happened before the end of these days. Of values that are not added up only those of
    the days themselves count."""
    rows = UsageRecord.objects.open().filter(subscription=subscription, metric=metric, occurred_on__lt=days.end)
    terms, closed = metric.terms_on(days.start), last_closed(subscription, metric)
    brought = Decimal(0)
    if metric.kind == Metric.Kind.SUM:
        brought = min(closed.quantity, Decimal(0)) if closed else brought
        quantity = (rows.aggregate(total=Sum("quantity"))["total"] or Decimal(0)) + brought
    else:
        rows = rows.filter(occurred_on__gte=days.start)
        quantity = _last(rows) if metric.kind == Metric.Kind.LAST else rows.aggregate(most=Max("quantity"))["most"]
    quantity = quantity or Decimal(0)
    parts = parts_of(terms, subscription.currency, quantity)
    return Counted(metric, terms, days, quantity, brought, parts, subscription.currency)


def _last(rows) -> Decimal | None:
    return rows.order_by("-occurred_at", "-pk").values_list("quantity", flat=True).first()


def first_open_day(subscription: Subscription, metric: Metric) -> date | None:
    """The day of the oldest record that no closed month counts."""
    rows = UsageRecord.objects.open().filter(subscription=subscription, metric=metric)
    return rows.aggregate(first=Min("occurred_on"))["first"]


def product_on(changes: list[SubscriptionChange], subscription: Subscription, day: date) -> int:
    """The id of the product that it was on the day. `changes`: those of `changes_of_product`."""
    return next((change.from_product_id for change in changes if change.effective_on > day), subscription.product_id)


def changes_of_product(subscription: Subscription) -> list[SubscriptionChange]:
    """Those that made it another product, the oldest first."""
    rows = subscription.changes.filter(state=SubscriptionChange.State.DONE).exclude(from_product=F("to_product"))
    return list(rows.order_by("effective_on", "pk"))


def handed_over_on(subscription: Subscription) -> date | None:
    """The first day of the client whose it is, where it was somebody else's before."""
    moment = subscription.transfers.filter(state=Transfer.State.ACCEPTED).aggregate(last=Max("accepted_at"))["last"]
    return localtime(moment, clock.seller_zone()).date() if moment else None


def cost_of(metric: Metric, currency: str, quantity: Decimal, day: date) -> Decimal:
    """What so much would cost beyond what is included, with the prices of the day; exact."""
    terms = metric.terms_on(day)
    return sum((part.amount for part in parts_of(terms, currency, abs(quantity) + terms.included)), Decimal(0))


def metrics_of(subscription: Subscription) -> list[Metric]:
    """What its product meters now, and what was used of others and is not charged yet."""
    used = set(UsageRecord.objects.open().filter(subscription=subscription).values_list("metric_id", flat=True).distinct())
    rows = Metric.objects.filter(product_id=subscription.product_id, ended_on=None) | Metric.objects.filter(pk__in=used)
    return list(rows.distinct().prefetch_related("terms").order_by("pk"))


def read_metrics() -> dict[int, list[Metric]]:
    """What servers are asked for, by the product's key."""
    found = defaultdict(list)
    for metric in Metric.objects.exclude(source=Metric.Source.TOLD).filter(ended_on=None).order_by("pk"):
        found[metric.product_id].append(metric)
    return found


def running_use(subscription: Subscription) -> list[Counted]:
    """What each metric has counted so far in the month that is open, and what it would cost if it ended now. In the first hour of a
    month that is the one before, until it is closed."""
    today, found = clock.today(), []
    for metric in metrics_of(subscription):
        first = first_open_day(subscription, metric) or today
        found.append(counted(subscription, metric, open_days(subscription, metric, min(first, today))))
    return found


def closed_use(subscription: Subscription, most: int = 24) -> list[Counted]:
    """Its latest closed months, with the invoices that they stand on."""
    rows = UsagePeriod.objects.filter(subscription=subscription).select_related("metric", "terms__metric")[:most]
    charges = BillableCharge.objects.filter(item__usage__in=[row.pk for row in rows]).select_related("item", "invoice__account")
    invoices = {charge.item.usage_id: charge.invoice for charge in charges}
    return [
        Counted(row.metric, row.terms, row.days, row.quantity, row.brought,
                parts_of(row.terms, subscription.currency, row.quantity), subscription.currency, invoices.get(row.pk))
        for row in rows
    ]  # fmt: skip
