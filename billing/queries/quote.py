"""What a cart costs: today, and from the next period on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.models import Cart, CartLine, Price, Product, TaxGroup
from billing.models.cycle import boundary, is_recurring
from billing.queries.price import price_for
from billing.queries.tax_lines import Amount
from billing.queries.taxing import Taxing, taxing
from hostbill.core import clock
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
    tax_name: str
    renews_on: date | None
    problem: str = ""


@dataclass(frozen=True)
class Renewal:
    """What is due again on one day, with tax at today's rate: one invoice, as renewals are invoiced by day."""

    on: date
    lines: list[QuoteLine]
    net: Money
    total: Money


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
    taxing: Taxing

    @property
    def is_orderable(self) -> bool:
        """Something in it and nothing wrong."""
        return bool(self.lines) and not any(line.problem for line in self.lines)

    @property
    def renewals(self) -> list[Renewal]:
        """What comes again and costs something, the next first."""
        days = sorted({line.renews_on for line in self.lines if line.renews_on and line.recurring.is_positive})
        return [self._renewal(day) for day in days]

    def _renewal(self, day: date) -> Renewal:
        lines = [line for line in self.lines if line.renews_on == day]
        net, _groups, tax = self.taxing.sums([_amount(line, line.recurring) for line in lines])
        return Renewal(day, lines, net, net + tax)


def quote(cart: Cart, *, country: str = "", own_prices: dict | None = None, client=None) -> Quote:
    """Price every line with the prices, stock and tax rules in force now, for a client (default: the cart's) or a visitor of
    that country (default: the seller's own). `own_prices` {cart line id: (net price a piece, net set-up fee)} stand in for
    the catalogue's."""
    rows = cart.lines.select_related("product__group").prefetch_related("product__prices")
    return quote_rows(cart.currency, rows, country=country, own_prices=own_prices, client=client or cart.client)


def quote_rows(currency: str, rows, *, country: str = "", own_prices: dict | None = None, client=None) -> Quote:
    """The same for cart lines that need not be stored."""
    tax = taxing(currency, client=client, country=country)
    lines = [
        _price_line(currency, row, price_for(row.product, currency, row.cycle, client), tax, (own_prices or {}).get(row.pk))
        for row in rows
    ]
    net, groups, taxes = tax.sums([_amount(line, money) for line in lines for money in (line.recurring, line.setup)])
    return Quote(currency, lines, net, groups, taxes, net + taxes, tax.buyer.country or tax.rules.seller_country, tax)


def _amount(line: QuoteLine, money: Money) -> Amount:
    return Amount(line.product.tax_class, money.amount)


def _price_line(currency: str, row: CartLine, price: Price | None, tax: Taxing, own: tuple | None) -> QuoteLine:
    if price and own:
        price = Price(product=row.product, currency=currency, cycle=row.cycle, amount=own[0], setup_amount=own[1])
    zero = Money.zero(currency)
    recurring = price.money * row.quantity if price else zero
    setup = price.setup * row.quantity if price else zero
    today, treated = clock.today(), tax.of(row.product.tax_class)
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
        tax_percent=treated.percent,
        tax_name=treated.name,
        renews_on=boundary(today, today.day, row.cycle, 1) if is_recurring(row.cycle) else None,
        problem=_problem(row, price),
    )


def _problem(row: CartLine, price: Price | None) -> str:
    if price is None or row.product.is_retired:
        return "not_sold"
    if row.product.stock is not None and row.product.stock < row.quantity:
        return "out_of_stock"
    return ""
