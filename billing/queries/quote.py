"""What a cart costs: today, and from the next period on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.models import Cart, CartLine, InvoiceLine, Product, Subscription, TaxGroup
from billing.queries.chosen import WITH_PRODUCT_OPTIONS, clean_choices
from billing.queries.planned import Planned, plan
from billing.queries.price import price_for
from billing.queries.tax_lines import Amount
from billing.queries.taxing import Taxing, taxing
from hostbill.core import clock
from hostbill.core.errors import AppError
from hostbill.core.money import Money


@dataclass(frozen=True)
class QuoteLine:
    """One cart line priced. Amounts are net and cover the whole quantity with its options: `setup` all set-up fees, `today`
    what the order is charged, `recurring` the rest of that, `renewal` what the next invoice is charged on `renews_on`.

    `problem` says why it cannot be ordered ("not_sold" in this cycle and currency, "out_of_stock", "options") or is empty.
    `planned` is the subscription to be, None when there is a problem with its price."""

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
    renewal: Money
    problem: str = ""
    planned: Planned | None = None

    @property
    def trial(self):
        """The days free of charge at first, as a Period, or None."""
        return self.planned.subscription.trial if self.planned else None

    @property
    def ends_on(self) -> date | None:
        """The first day not served any more, when it ends by itself."""
        return self.planned.subscription.ends_on if self.planned else None

    @property
    def items(self) -> list:
        """Its options, not stored."""
        return self.planned.items if self.planned else []

    @property
    def is_part(self) -> bool:
        """Is another sum due today than for a full period of its price and options?"""
        return bool(self.renews_on) and self.recurring != self.renewal


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
        days = sorted({line.renews_on for line in self.lines if line.renews_on and line.renewal.is_positive})
        return [self._renewal(day) for day in days]

    def _renewal(self, day: date) -> Renewal:
        lines = [line for line in self.lines if line.renews_on == day]
        net, _groups, tax = self.taxing.sums([part for line in lines for part in _amounts(line.planned.next_lines, self.currency)])
        return Renewal(day, lines, net, net + tax)


def quote(cart: Cart, *, country: str = "", own_prices: dict | None = None, client=None) -> Quote:
    """Price every line with the prices, stock and tax rules in force now, for a client (default: the cart's) or a visitor of
    that country (default: the seller's own). `own_prices` {cart line id: (net price a piece, net set-up fee)} stand in for
    the catalogue's."""
    rows = cart.lines.select_related("product__group", "for_subscription__product", "bundle_item__bundle", "parent")
    rows = rows.prefetch_related("product__prices", "bundle_item__prices", WITH_PRODUCT_OPTIONS).order_by("pk")
    return quote_rows(cart.currency, rows, country=country, own_prices=own_prices, client=client or cart.client)


def quote_rows(currency: str, rows, *, country: str = "", own_prices: dict | None = None, client=None) -> Quote:
    """The same for cart lines that need not be stored."""
    tax, rows = taxing(currency, client=client, country=country), list(rows)
    lines, trials_used, planned = [], products_had(client, rows), {}
    for row in rows:
        price = _price_of(row, currency, client, (own_prices or {}).get(row.pk))
        parent = row.for_subscription or planned.get(row.parent_id)
        line = _price_line(currency, row, price, tax, parent=parent, trial_used=row.product_id in trials_used)
        trials_used.add(row.product_id)
        lines.append(line)
        if line.planned:
            planned[row.pk] = line.planned.subscription
    firsts = [part for line in lines if line.planned for part in _amounts(line.planned.first_lines, currency)]
    net, groups, taxes = tax.sums(firsts)
    return Quote(currency, lines, net, groups, taxes, net + taxes, tax.buyer.country or tax.rules.seller_country, tax)


def _amounts(lines: list, currency: str) -> list[Amount]:
    """Lines of a document to be, as its tax is worked out."""
    nets = _nets(lines, currency)
    return [Amount(line.tax_class, net.amount, line.gross_amount) for line, net in zip(lines, nets, strict=True)]


def _nets(lines: list, currency: str) -> list[Money]:
    return [Money(line.unit_amount * line.quantity, currency) for line in lines]


def _price_of(row: CartLine, currency: str, client, own: tuple | None) -> tuple | None:
    """(price a piece, set-up fee a piece, whether it is not the catalogue's): staff's own, a bundle's, else the catalogue's.
    None when it is not sold so."""
    price = price_for(row.product, currency, row.cycle, client)
    if price is None:
        return None
    bundled = row.bundle_item.price_in(currency) if row.bundle_item else None
    if own:
        return (*own, True)
    found = bundled or price
    return (found.amount, found.setup_amount, bool(bundled))


def _price_line(currency: str, row: CartLine, price: tuple | None, tax: Taxing, **known) -> QuoteLine:
    planned = plan(row, price, currency=currency, today=clock.today(), **known) if price else None
    zero, treated = Money.zero(currency), tax.of(row.product.tax_class)
    firsts = planned.first_lines if planned else []
    today = sum(_nets(firsts, currency), zero)
    setup = sum(_nets([line for line in firsts if line.kind == InvoiceLine.Kind.SETUP], currency), zero)
    return QuoteLine(
        cart_line=row,
        product=row.product,
        label=row.label,
        cycle=row.cycle,
        quantity=row.quantity,
        unit=Money(price[0], currency) if price else zero,
        setup=setup,
        recurring=today - setup,
        today=today,
        tax_percent=treated.percent,
        tax_name=treated.name,
        renews_on=planned.subscription.next_due_on if planned else None,
        renewal=sum(_nets(planned.next_lines, currency), zero) if planned else zero,
        problem=_problem(row, planned, currency),
        planned=planned,
    )


def products_had(client, rows: list[CartLine]) -> set[int]:
    """The products with free days that the client has had already: those days come once."""
    tried = {row.product_id for row in rows if row.product.trial_days}
    if client is None or not tried:
        return set()
    had = Subscription.objects.filter(client=client, product__in=tried).exclude(state="cancelled")
    return set(had.values_list("product_id", flat=True))


def _problem(row: CartLine, planned: Planned | None, currency: str) -> str:
    if planned is None or row.product.is_retired:
        return "not_sold"
    if row.product.stock is not None and row.product.stock < row.quantity:
        return "out_of_stock"
    try:
        chosen = clean_choices(row.product, currency, row.cycle, row.options)
    except AppError:
        return "options"
    return "" if chosen == row.options else "options"
