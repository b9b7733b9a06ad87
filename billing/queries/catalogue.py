"""What the shop shows: plans with their prices as a visitor of a country pays them."""

from dataclasses import dataclass
from decimal import Decimal

from billing.models import Price, Product, ProductGroup, TaxRate
from billing.models.cycle import Cycle, months
from hostbill.core import clock
from hostbill.core.money import Money


@dataclass(frozen=True)
class Plan:
    """One product in one cycle. Amounts are gross for the visitor's country."""

    product: Product
    price: Price
    gross: Money
    setup_gross: Money
    a_month: Money
    saving: Money | None
    tax_percent: Decimal
    tax_name: str

    @property
    def first_total(self) -> Money:
        """What is paid today."""
        return self.gross + self.setup_gross


def gross_of(net: Money, percent: Decimal) -> Money:
    """Net with tax, rounded once."""
    return Money(net.amount * (100 + percent) / 100, net.currency)


def shelves():
    """Groups that have something on sale."""
    return list(ProductGroup.objects.filter(is_hidden=False, products__in=Product.objects.on_sale()).distinct())


def cycles_on_sale(group, currency: str) -> list[str]:
    """The cycles in which anything of the group is sold, shortest first."""
    found = set(
        Price.objects.filter(product__in=Product.objects.on_sale().filter(group=group), currency=currency)
        .values_list("cycle", flat=True)
    )
    return [cycle for cycle in Cycle.values if cycle in found]


def plans(group, currency: str, cycle: str, country: str) -> list[Plan]:
    """The group's plans sold in this cycle, in the shop's order. Two queries and the tax rates."""
    products = Product.objects.on_sale().filter(group=group).prefetch_related("prices").select_related("group")
    found = [plan_of(product, currency, cycle, country) for product in products]
    return [plan for plan in found if plan]


def plan_of(product, currency: str, cycle: str, country: str) -> Plan | None:
    """One product as a plan, or None when it is not sold that way."""
    price = product.price_for(currency, cycle)
    if price is None:
        return None
    rate = TaxRate.find(product.tax_class, country, clock.today())
    percent = rate.percent if rate else Decimal(0)
    gross = gross_of(price.money, percent)
    return Plan(
        product=product,
        price=price,
        gross=gross,
        setup_gross=gross_of(price.setup, percent),
        a_month=gross * (Decimal(1) / (months(cycle) or 1)),
        saving=_saving(product, price, percent),
        tax_percent=percent,
        tax_name=rate.name if rate else "",
    )


def _saving(product, price, percent: Decimal) -> Money | None:
    """Against paying by the month for as long; None when there is none."""
    monthly = product.price_for(price.currency, Cycle.MONTHLY)
    if monthly is None or price.months < 2:
        return None
    saved = gross_of(monthly.money, percent) * price.months - gross_of(price.money, percent)
    return saved if saved.is_positive else None
