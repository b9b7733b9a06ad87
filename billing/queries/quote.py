"""What a cart costs: today, and from the next period on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.models import Cart, CartLine, Price, Product, TaxGroup, TaxRate, tax_groups
from billing.models.cycle import boundary, is_recurring
from hostbill.core import clock, options
from hostbill.core.money import Money


@dataclass(frozen=True)
class QuoteLine:
    """One cart line priced. Amounts are net and cover the whole quantity; `problem` says why it cannot be ordered
    ("not_sold" in this cycle and currency, "out_of_stock") or is empty."""

    cart_line: CartLine
    product: Product
    label: str
    cycle: str
    quantity: int
    unit: Money
    setup: Money
    recurring: Money
    today: Money
    tax_percent: Decimal
    renews_on: date | None
    problem: str = ""


@dataclass(frozen=True)
class Quote:
    """A cart priced for a client (or, without one, for a visitor in the seller's country)."""

    currency: str
    lines: list[QuoteLine]
    net: Money
    taxes: list[TaxGroup]
    tax: Money
    total: Money
    country: str

    @property
    def is_orderable(self) -> bool:
        """Something in it and nothing wrong."""
        return bool(self.lines) and not any(line.problem for line in self.lines)

    def renewal_total(self, cycle: str) -> Money:
        """What all lines of a cycle cost per period later, net."""
        lines = [line.recurring for line in self.lines if line.cycle == cycle]
        return sum(lines, Money.zero(self.currency))


@dataclass(frozen=True)
class _TaxPart:
    tax_class: str
    tax_percent: Decimal
    tax_name: str
    net_amount: Decimal


def quote(cart: Cart, *, country: str = "") -> Quote:
    """Price every line with the prices, stock and tax rates in force now, for a client of that country (default: the
    seller's own)."""
    country = country or options.COMPANY_COUNTRY.value
    parts, lines = [], []
    rows = cart.lines.select_related("product__group").prefetch_related("product__prices")
    for row in rows:
        rate = TaxRate.find(row.product.tax_class, country, clock.today())
        line = _price_line(cart, row, rate)
        lines.append(line)
        for money in (line.recurring, line.setup):
            percent, name = (rate.percent, rate.name) if rate else (Decimal(0), "")
            parts.append(_TaxPart(row.product.tax_class, percent, name, money.amount))
    groups = tax_groups(parts, cart.currency)
    net = Money(sum((part.net_amount for part in parts), Decimal(0)), cart.currency)
    tax = Money(sum((group.tax for group in groups), Decimal(0)), cart.currency)
    return Quote(cart.currency, lines, net, groups, tax, net + tax, country)


def _price_line(cart: Cart, row: CartLine, rate: TaxRate | None) -> QuoteLine:
    price = row.product.price_for(cart.currency, row.cycle)
    zero = Money.zero(cart.currency)
    recurring = price.money * row.quantity if price else zero
    setup = price.setup * row.quantity if price else zero
    today = clock.today()
    return QuoteLine(
        cart_line=row,
        product=row.product,
        label=row.label,
        cycle=row.cycle,
        quantity=row.quantity,
        unit=price.money if price else zero,
        setup=setup,
        recurring=recurring,
        today=recurring + setup,
        tax_percent=rate.percent if rate else Decimal(0),
        renews_on=boundary(today, today.day, row.cycle, 1) if is_recurring(row.cycle) else None,
        problem=_problem(row, price),
    )


def _problem(row: CartLine, price: Price | None) -> str:
    if price is None or row.product.is_retired:
        return "not_sold"
    if row.product.stock is not None and row.product.stock < row.quantity:
        return "out_of_stock"
    return ""
