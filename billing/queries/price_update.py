"""Whom a change of prices would affect, and how: worked out by group, so that it costs the same for ten services and for a
hundred thousand."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from billing.models import Cycle, Product, Subscription
from billing.models.cycle import months
from billing.queries.price import price_for
from clients.models import ClientGroup
from hostbill.core.money import Money, round_amount

#: What the new price of a subscription depends on.
KEY = ("product_id", "cycle", "client__group_id", "price_includes_tax", "price_amount")


@dataclass(frozen=True)
class Bucket:
    """Services of one product in one cycle that go from one price a piece to another."""

    product: Product
    cycle: str
    was: Money
    new: Money
    services: int
    pieces: int

    @property
    def cycle_words(self):
        """The cycle's name."""
        return Cycle(self.cycle).label

    @property
    def a_month(self) -> Decimal:
        """How much more (or less) comes in per month."""
        return (self.new.amount - self.was.amount) * self.pieces / months(self.cycle)


@dataclass(frozen=True)
class Preview:
    """All that would change; nothing is written."""

    buckets: list[Bucket]
    services: int
    clients: int
    a_month: Money
    left_out: int


def affected(update):
    """The running subscriptions that the change is about."""
    recurring = [cycle for cycle in Cycle.values if months(cycle)]
    rows = Subscription.objects.running().filter(
        currency=update.currency, cycle__in=update.cycles or recurring, cancel_at_end=False, next_due_on__isnull=False
    )
    products = list(update.products.values_list("pk", flat=True))
    rows = rows.filter(product__in=products) if products else rows
    rows = rows.filter(client__group=update.client_group_id) if update.client_group_id else rows
    return rows.filter(price_is_override=False) if update.skips_overrides else rows


class NewPrices:
    """The new price a piece for each kind of subscription; each asked for once."""

    def __init__(self, update):
        self.update, self._found = update, {}
        self._groups = {group.pk: group for group in ClientGroup.objects.all()}
        self._products = {}

    def product(self, pk: int) -> Product:
        """With its prices."""
        if pk not in self._products:
            self._products[pk] = Product.objects.prefetch_related("prices").get(pk=pk)
        return self._products[pk]

    def of(self, product_id: int, cycle: str, group_id: int | None, includes_tax: bool, was: Decimal) -> Decimal | None:
        """The amount, or None when nothing changes for it."""
        key = (product_id, cycle, group_id, includes_tax, was)
        if key not in self._found:
            self._found[key] = self._work_out(*key)
        return self._found[key]

    def _work_out(self, product_id, cycle, group_id, includes_tax, was) -> Decimal | None:
        update = self.update
        if update.how == update.How.LIST:
            price = price_for(self.product(product_id), update.currency, cycle, _InGroup(group_id), update.starts_on)
            new = price.amount if price and price.includes_tax == includes_tax else was
        elif update.how == update.How.PERCENT:
            new = was * (100 + update.percent) / 100
        else:
            new = update.amount if update.how == update.How.EXACT else was + update.amount
        new = round_amount(max(new, Decimal(0)), update.currency)
        return None if new == was else new


@dataclass(frozen=True)
class _InGroup:
    """A client as far as prices look at one."""

    group_id: int | None


def preview(update) -> Preview:
    """Two statements and one per product."""
    rows, prices = affected(update), NewPrices(update)
    groups = rows.order_by(*KEY).values(*KEY).annotate(services=Count("pk"), pieces=Sum("quantity"))
    merged, left_out = {}, 0
    for row in groups:
        new = prices.of(*(row[name] for name in KEY))
        if new is None:
            left_out += row["services"]
            continue
        key = (row["product_id"], row["cycle"], row["price_amount"], new)
        services, pieces = merged.get(key, (0, 0))
        merged[key] = (services + row["services"], pieces + row["pieces"])
    buckets = [_bucket(update, prices, key, counts) for key, counts in merged.items()]
    return Preview(
        buckets,
        sum(bucket.services for bucket in buckets),
        rows.aggregate(count=Count("client", distinct=True))["count"] if buckets else 0,
        Money(sum((bucket.a_month for bucket in buckets), Decimal(0)), update.currency),
        left_out,
    )


def _bucket(update, prices: NewPrices, key: tuple, counts: tuple) -> Bucket:
    product_id, cycle, was, new = key
    return Bucket(
        prices.product(product_id), cycle, Money(was, update.currency), Money(new, update.currency), counts[0], counts[1]
    )
