"""What the lines of a quote come to: nets, tax groups and total for whomever it is for."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import translation

from billing.models import Quote, QuoteLine, TaxGroup, tax_groups
from billing.queries.tax_lines import Amount
from billing.queries.taxing import taxing
from clients.models import Client
from hostbill.core.money import Money

SAME_NAME = (
    "company", "first_name", "last_name", "email", "phone", "address1", "address2", "city", "postcode", "country", "tax_id",
    "language",
)  # fmt: skip


@dataclass(frozen=True)
class QuoteSums:
    """Net, tax by group, total. `grosses`: {tax class: sum of the prices that include tax}."""

    net: Money
    groups: list[TaxGroup]
    tax: Money
    total: Money
    grosses: dict = field(default_factory=dict)

    def as_json(self) -> list[dict]:
        """The tax groups as a quote keeps them, a row for each component of a tax."""
        return [
            {"tax_class": g.tax_class, "name": g.name, "percent": str(g.percent), "net": str(g.net), "tax": str(g.tax),
             "category": g.category, "reason": g.reason, "compound": g.compound,
             "classes": {name: str(net) for name, net in g.classes.items()},
             "grosses": {name: str(self.grosses[name]) for name in g.classes if name in self.grosses and g.gross is not None}}
            for g in self.groups
        ]  # fmt: skip


def addressee_of(quote: Quote) -> Client:
    """The client, or somebody like one made of the address on the quote; not stored."""
    if quote.client_id:
        return quote.client
    same = {name: getattr(quote, name) for name in SAME_NAME}
    return Client(**same, state=quote.region, currency=quote.currency)


def sum_up(lines: list[QuoteLine], currency: str, addressee: Client, *, includes_tax: bool = False) -> QuoteSums:
    """Put net, rate and name of today's tax on lines that need not be stored yet, and add them up; set-up fees are amounts of their
    own. `includes_tax`: of prices with tax a taxed buyer pays what is entered, whatever the tax."""
    if includes_tax:
        return _sum_up_gross(lines, currency, addressee)
    for line in lines:
        line.full_net_amount = line.setup_net_amount = None
        line.net_amount = QuoteLine.net_of(line.unit_amount, line.quantity, line.discount_percent, currency)
    with translation.override(addressee.language):
        asked = taxing(currency, client=addressee)
        taxed = asked.lines([Amount(line.tax_class, line.net_amount) for line in lines])
        net, groups, tax = asked.sums([amount for line in lines for amount in _amounts(line)])
    for line, found in zip(lines, taxed, strict=True):
        line.tax_percent, line.tax_name = found.tax_percent, found.tax_name[:40]
    return QuoteSums(net, groups, tax, net + tax)


def _amounts(line: QuoteLine) -> list[Amount]:
    nets = [line.net_amount, line.setup.amount] if line.setup_amount else [line.net_amount]
    return [Amount(line.tax_class, net) for net in nets]


def _sum_up_gross(lines: list[QuoteLine], currency: str, addressee: Client) -> QuoteSums:
    """The amounts are those of the invoice to be, in its order, so both round alike."""
    parts = [part for line in lines if line.product_id for part in _product_parts(line)]
    parts += [part for line in lines for part in _other_parts(line)]
    with translation.override(addressee.language):
        taxed = taxing(currency, client=addressee).lines([Amount(line.tax_class, Decimal(0), gross) for line, _name, gross in parts])
    nets, grosses = defaultdict(Decimal), defaultdict(Decimal)
    for (line, name, _gross), found in zip(parts, taxed, strict=True):
        nets[id(line), name] += found.net_amount
        line.tax_percent, line.tax_name = found.tax_percent, found.tax_name[:40]
        if found.gross_amount is not None:
            grosses[found.tax_class] += found.gross_amount
    for line in lines:
        line.full_net_amount, line.setup_net_amount = nets[id(line), "full"], nets[id(line), "setup"]
        line.net_amount = line.full_net_amount + nets[id(line), "off"]
    groups = tax_groups(taxed, currency)
    net = Money(sum((found.net_amount for found in taxed), Decimal(0)), currency)
    tax = Money(sum((group.tax for group in groups), Decimal(0)), currency)
    return QuoteSums(net, groups, tax, net + tax, dict(grosses))


def _product_parts(line: QuoteLine) -> list[tuple]:
    """(line, name, amount with tax): what the order of a product is charged."""
    setup = Money(line.setup_amount * line.quantity, line.currency).amount
    return [(line, "full", line.asked.amount), *([(line, "setup", setup)] if setup else [])]


def _other_parts(line: QuoteLine) -> list[tuple]:
    """What is written by hand, and discounts."""
    by_hand = [] if line.product_id else [(line, "full", line.asked.amount)]
    return by_hand if line.asked_off.is_zero else [*by_hand, (line, "off", -line.asked_off.amount)]
