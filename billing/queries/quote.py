"""What a cart costs: today, and from the next period on."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from billing.models import Cart, CartLine, InvoiceLine, Product, Subscription, TaxGroup
from billing.queries.chosen import WITH_PRODUCT_OPTIONS, clean_choices
from billing.queries.discount import Granted
from billing.queries.granted import group_cuts
from billing.queries.planned import Planned, plan
from billing.queries.price import price_for
from billing.queries.pricing import charge_of, charged_as
from billing.queries.promotion import Basket, Code, Item, offers_for
from billing.queries.tax import Buyer
from billing.queries.tax_lines import Amount
from billing.queries.taxing import Taxing, taxing
from hostbill.core import clock
from hostbill.core.errors import AppError
from hostbill.core.money import Money


@dataclass(frozen=True)
class QuoteLine:
    """One cart line priced. Amounts are net and cover the whole quantity with its options: `setup` all set-up fees, `today`
    what the order is charged, `recurring` the rest of that, `renewal` what the next invoice is charged on `renews_on`.

    Discounts are not taken off `today` and `recurring`: `discount` is what they take off the order (negative or nothing), and
    `renewal` is what is left of `full_renewal` after them. `problem` says why it cannot be ordered ("not_sold" in this cycle and
    currency, "out_of_stock", "options") or is empty.
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
    full_renewal: Money
    discount: Money
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
    def may_change_cycle(self) -> bool:
        """Not in a bundle, and not an addon that follows its parent."""
        row = self.cart_line
        is_addon = row.parent_id or row.for_subscription_id
        return not row.bundle_item_id and not (is_addon and row.product.follows_parent)

    @property
    def may_change(self) -> bool:
        """Has it a page on which its domain, options and addons are chosen? Addons and parts of a bundle have none."""
        return not self.cart_line.parent_id and not self.cart_line.bundle_item_id

    @property
    def is_part(self) -> bool:
        """Is the first period charged by days?"""
        return bool(self.planned and self.planned.is_part)

    @property
    def discounts(self) -> list:
        """The lines of the order that take something off."""
        return [line for line in self.planned.first_lines if is_discount(line)] if self.planned else []

    @property
    def includes_tax(self) -> bool:
        """Are its amounts what a consumer pays?"""
        return bool(self.planned and self.planned.subscription.price_includes_tax)


@dataclass(frozen=True)
class Step:
    """A later price of one line, when a discount has run out: net, and with tax at today's rate."""

    line: QuoteLine
    on: date
    net: Money
    total: Money


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
    codes: list[Code] = field(default_factory=list)

    @property
    def discount(self) -> Money:
        """What all discounts take off the order; negative or nothing."""
        return sum((line.discount for line in self.lines), Money.zero(self.currency))

    @property
    def taken_off(self) -> list[tuple[str, Money]]:
        """Each discount in words, with its negative amount."""
        parts = [part for line in self.lines for part in line.discounts]
        return [(part.description, Money(charge_of(part, self.currency), self.currency)) for part in parts]

    @property
    def promotions(self) -> dict:
        """{promotion that holds: what it takes off the order}."""
        lines = [part for line in self.lines for part in line.discounts]
        taken = {code.promotion: f"code:{code.promotion.pk}" for code in self.codes if code.promotion and not code.refusal}
        return {
            row: -sum((Money(part.unit_amount, self.currency) for part in lines if part.part == key), Money.zero(self.currency))
            for row, key in taken.items()
        }

    @property
    def steps(self) -> list[Step]:
        """Prices that come later than the next renewal, the first one first."""
        found = [step for line in self.lines if line.planned for step in self._steps(line)]
        return sorted(found, key=lambda step: step.on)

    def _steps(self, line: QuoteLine) -> list[Step]:
        steps, last = [], line.renewal
        for count in line.planned.steps():
            parts = line.planned.later_lines(count)
            net = sum(_nets(parts, self.currency), Money.zero(self.currency))
            if parts and net != last:
                before_tax, _groups, tax = self.taxing.sums(_amounts(parts, self.currency))
                steps.append(Step(line, parts[0].period.start, before_tax, before_tax + tax))
            last = net
        return steps

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


def quote(
    cart: Cart, *, country: str = "", own_prices: dict | None = None, client=None, granted: Granted | None = None,
    buyer: Buyer | None = None,
) -> Quote:
    """Price every line with the prices, stock and tax rules in force now, for a client (default: the cart's) or a visitor of
    that country (default: the seller's own), of whom `buyer` tells more. `own_prices` {cart line id: (price a piece, set-up fee,
    and perhaps whether they include tax)} stand in for the catalogue's; `granted` is what staff take off."""
    rows = cart.lines.select_related("product__group", "for_subscription__product", "bundle_item__bundle", "parent")
    rows = rows.prefetch_related("product__prices", "bundle_item__prices", WITH_PRODUCT_OPTIONS).order_by("pk")
    return quote_rows(
        cart.currency,
        rows,
        country=country,
        own_prices=own_prices,
        client=client or cart.client,
        codes=cart.codes,
        granted=granted,
        buyer=buyer,
    )


def quote_rows(
    currency: str, rows, *, country: str = "", own_prices: dict | None = None, client=None, codes=(), granted=None, buyer=None
) -> Quote:
    """The same for cart lines that need not be stored."""
    tax, rows = taxing(currency, client=client, country=country, buyer=buyer), list(rows)
    prices = [_price_of(row, currency, client, (own_prices or {}).get(row.pk)) for row in rows]
    plans = _plans(currency, rows, prices, client)
    items = [_item(row, planned, currency) for row, planned in zip(rows, plans, strict=True)]
    charged = [part for planned in plans if planned for part in _amounts(planned.first_lines, currency)]
    basket = Basket(currency, items, client, net=tax.sums(charged)[0] if codes else None)
    offers = offers_for(list(codes), basket, granted)
    lines = [
        _price_line(currency, row, price, tax, planned and replace(planned, cuts=(*cuts, *group_cuts(client))))
        for row, price, planned, cuts in zip(rows, prices, plans, offers.cuts, strict=True)
    ]
    firsts = [part for line in lines if line.planned for part in _amounts(line.planned.first_lines, currency)]
    net, groups, taxes = tax.sums(firsts)
    return Quote(currency, lines, net, groups, taxes, net + taxes, _place(tax, firsts), tax, offers.codes)


def _place(tax: Taxing, amounts: list[Amount]) -> str:
    """The country whose tax is charged, or would be."""
    lines = tax.lines(amounts)
    country = lines[0].treatment.country if lines else ""
    return (country or tax.buyer.country or tax.rules.seller_country).rstrip("*")


def _plans(currency: str, rows: list[CartLine], prices: list, client) -> list[Planned | None]:
    """What each row becomes, addons knowing what they belong to."""
    found, trials_used, subscriptions = [], products_had(client, rows), {}
    for row, price in zip(rows, prices, strict=True):
        parent = row.for_subscription or subscriptions.get(row.parent_id)
        known = {"parent": parent, "trial_used": row.product_id in trials_used}
        planned = plan(row, price, currency=currency, today=clock.today(), **known) if price else None
        trials_used.add(row.product_id)
        found.append(planned)
        if planned:
            subscriptions[row.pk] = planned.subscription
    return found


def _item(row: CartLine, planned: Planned | None, currency: str) -> Item:
    """A row as promotions look at it."""
    lines = planned.first_lines if planned else []
    return Item(row.product_id, row.cycle, row.quantity, charged_as(lines, currency))


def _amounts(lines: list, currency: str) -> list[Amount]:
    """Lines of a document to be, as its tax is worked out."""
    return [Amount(line.tax_class, charge_of(line, currency), line.gross_amount) for line in lines]


def _nets(lines: list, currency: str) -> list[Money]:
    return [Money(charge_of(line, currency), currency) for line in lines]


def _price_of(row: CartLine, currency: str, client, own: tuple | None) -> tuple | None:
    """(price a piece, set-up fee a piece, whether it is not the catalogue's, whether it includes tax): staff's own, a bundle's,
    else the catalogue's.
    None when it is not sold so."""
    price = price_for(row.product, currency, row.cycle, client)
    if price is None:
        return None
    bundled = row.bundle_item.price_in(currency) if row.bundle_item else None
    if own:
        amount, setup, *includes_tax = own
        return (amount, setup, True, bool(includes_tax and includes_tax[0]))
    found = bundled or price
    return (found.amount, found.setup_amount, bool(bundled), not bundled and price.includes_tax)


def is_discount(line) -> bool:
    """Does the line take something off?"""
    return line.kind == InvoiceLine.Kind.DISCOUNT


def _sum(lines: list, currency: str) -> Money:
    return sum(_nets(lines, currency), Money.zero(currency))


def _price_line(currency: str, row: CartLine, price: tuple | None, tax: Taxing, planned: Planned | None) -> QuoteLine:
    zero, treated = Money.zero(currency), tax.of(row.product.tax_class)
    firsts = planned.first_lines if planned else []
    nexts = planned.next_lines if planned else []
    discount = _sum([line for line in firsts if is_discount(line)], currency)
    today = _sum(firsts, currency) - discount
    setup = _sum([line for line in firsts if line.kind == InvoiceLine.Kind.SETUP], currency)
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
        renewal=_sum(nexts, currency),
        full_renewal=_sum([line for line in nexts if not is_discount(line)], currency),
        discount=discount,
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
