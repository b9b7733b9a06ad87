"""What the shop shows: shelves and plans with their prices as a visitor of a country pays them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from billing.models import Price, Product, ProductGroup
from billing.models.cycle import Cycle
from billing.queries.planned import next_due
from billing.queries.price import price_for
from billing.queries.tax_lines import Amount
from billing.queries.taxing import Taxing, taxing
from hostbill.core import clock
from hostbill.core.money import Money

#: The cycle shown first where it is on sale: most people pay by the year.
PREFERRED = (Cycle.ANNUAL, Cycle.MONTHLY)
#: After an amount: "€119.00 a year".
PER = {
    Cycle.ONE_TIME: _("once"),
    Cycle.MONTHLY: _("a month"),
    Cycle.QUARTERLY: _("every 3 months"),
    Cycle.SEMI_ANNUAL: _("every 6 months"),
    Cycle.ANNUAL: _("a year"),
    Cycle.BIENNIAL: _("every 2 years"),
    Cycle.TRIENNIAL: _("every 3 years"),
}


@dataclass(frozen=True)
class Plan:
    """One product in one cycle. Amounts are gross for the visitor's country, but for `net`."""

    product: Product
    price: Price
    net: Money
    gross: Money
    setup_gross: Money
    a_month: Money | None
    saving: Money | None
    tax_percent: Decimal
    tax_name: str
    renews_on: date | None

    @property
    def first_total(self) -> Money:
        """What is paid today."""
        return self.gross + self.setup_gross

    @property
    def is_free(self) -> bool:
        """Nothing to pay, now or later."""
        return self.first_total.is_zero

    @property
    def per(self):
        """The words after the amount."""
        return PER[self.price.cycle]


@dataclass(frozen=True)
class Shelf:
    """A group as a card of the shop's home page: the least that one of its plans costs."""

    group: ProductGroup
    count: int
    least: Plan | None


class Pricing:
    """Prices products for one country and currency; the tax rules are read once, when the first price is asked for."""

    def __init__(self, currency: str, country: str, client=None):
        self.currency, self.country, self.client = currency, country, client

    @cached_property
    def taxing(self) -> Taxing:
        """The tax of the visitor's country, or of the client's own status."""
        return taxing(self.currency, client=self.client, country=self.country)

    def plan(self, product, cycle: str) -> Plan | None:
        """One product as a plan, or None when it is not sold that way."""
        price = price_for(product, self.currency, cycle, self.client)
        if price is None:
            return None
        treated = self.taxing.of(product.tax_class)
        percent = treated.percent
        net, gross = self._both(product, price.includes_tax, price.money)
        today = clock.today()
        return Plan(
            product=product,
            price=price,
            net=net,
            gross=gross,
            setup_gross=self.with_tax(product, price.setup, price.includes_tax),
            a_month=gross * (Decimal(1) / price.months) if price.months > 1 else None,
            saving=self._saving(product, price),
            tax_percent=percent,
            tax_name=treated.name,
            renews_on=next_due(product, cycle, today),
        )

    def best_plan(self, product, cycle: str) -> Plan | None:
        """In this cycle, else in the one the shop prefers, else in any; None when not sold in this currency."""
        order = (cycle, *PREFERRED, *Cycle.values)
        return next((plan for key in order if key and (plan := self.plan(product, key))), None)

    def plans_of(self, product) -> list[Plan]:
        """The product in every cycle it is sold in, shortest first."""
        return [plan for cycle in Cycle.values if (plan := self.plan(product, cycle))]

    def with_tax(self, product, money: Money, includes_tax: bool) -> Money:
        """What this visitor pays of an amount of the product's that has its tax inside, or has not."""
        return self._both(product, includes_tax, money)[1]

    def net(self, product, money: Money, includes_tax: bool) -> Money:
        """The same before tax."""
        return self._both(product, includes_tax, money)[0]

    def _both(self, product, includes_tax: bool, money: Money) -> tuple[Money, Money]:
        percent = self.taxing.of(product.tax_class).percent
        if not includes_tax:
            return money, gross_of(money, percent)
        line = self.taxing.lines([Amount(product.tax_class, money.amount, money.amount)])[0]
        net = Money(line.net_amount, money.currency)
        return net, money if percent else net

    def _saving(self, product, price) -> Money | None:
        """Against paying by the month for as long; None when there is none."""
        monthly = price_for(product, price.currency, Cycle.MONTHLY, self.client)
        if monthly is None or price.months < 2:
            return None
        dear, cheap = (self.with_tax(product, row.money, row.includes_tax) for row in (monthly, price))
        saved = dear * price.months - cheap
        return saved if saved.is_positive else None


def gross_of(net: Money, percent: Decimal) -> Money:
    """Net with tax, rounded once."""
    return Money(net.amount * (100 + percent) / 100, net.currency)


def shelves() -> list[ProductGroup]:
    """Groups that have something on sale."""
    return list(ProductGroup.objects.filter(is_hidden=False, products__in=Product.objects.on_sale().alone()).distinct())


def offers(pricing: Pricing) -> list[Shelf]:
    """Every shelf with the least price on it. The products and prices of all shelves in two queries."""
    on_shelf: dict = {}
    for product in Product.objects.on_sale().alone().select_related("group").prefetch_related("prices"):
        on_shelf.setdefault(product.group, []).append(product)
    return [Shelf(group, len(products), _least(pricing, products)) for group, products in on_shelf.items()]


def _least(pricing: Pricing, products) -> Plan | None:
    """The cheapest plan, each in its shortest recurring cycle."""
    found = [plans for product in products if (plans := pricing.plans_of(product))]
    firsts = [next((plan for plan in plans if plan.price.months), plans[0]) for plans in found]
    return min(firsts, key=lambda plan: plan.gross.amount / (plan.price.months or 1), default=None)


def cycles_on_sale(group, currency: str) -> list[str]:
    """The cycles in which anything of the group is sold, shortest first."""
    sold = Price.objects.filter(product__in=Product.objects.on_sale().alone().filter(group=group), currency=currency)
    sold = sold.filter(valid_from__lte=clock.today(), price_list=None)
    found = set(sold.values_list("cycle", flat=True))
    return [cycle for cycle in Cycle.values if cycle in found]


def currencies_on_sale() -> list[str]:
    """The currencies in which anything is sold, by name."""
    sold = Price.objects.filter(product__in=Product.objects.on_sale().alone(), valid_from__lte=clock.today(), price_list=None)
    return list(sold.order_by("currency").values_list("currency", flat=True).distinct())


def plans(group, pricing: Pricing, cycle: str) -> list[Plan]:
    """The group's plans in the shop's order; one that is not sold in this cycle stands there in its own."""
    products = Product.objects.on_sale().alone().filter(group=group).prefetch_related("prices").select_related("group")
    return [plan for product in products if (plan := pricing.best_plan(product, cycle))]
