"""What the lines of a quote come to: nets, tax groups and total for whomever it is for."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import translation

from billing.models import Quote, QuoteLine, TaxGroup, TaxRate, tax_groups
from clients.models import Client
from hostbill.core import clock, options
from hostbill.core.money import Money

SAME_NAME = (
    "company", "first_name", "last_name", "email", "phone", "address1", "address2", "city", "postcode", "country", "tax_id",
    "language",
)  # fmt: skip


@dataclass(frozen=True)
class QuoteSums:
    """Net, tax by group, total."""

    net: Money
    groups: list[TaxGroup]
    tax: Money
    total: Money

    def as_json(self) -> list[dict]:
        """The tax groups as a quote keeps them."""
        return [
            {"tax_class": g.tax_class, "name": g.name, "percent": str(g.percent), "net": str(g.net), "tax": str(g.tax)}
            for g in self.groups
        ]


def addressee_of(quote: Quote) -> Client:
    """The client, or somebody like one made of the address on the quote; not stored."""
    if quote.client_id:
        return quote.client
    same = {name: getattr(quote, name) for name in SAME_NAME}
    return Client(**same, state=quote.region, currency=quote.currency)


@dataclass(frozen=True)
class _Part:
    tax_class: str
    tax_percent: Decimal
    tax_name: str
    net_amount: Decimal


def tax_lines(lines: list[QuoteLine], addressee: Client) -> None:
    """Put net, rate and name of today's tax on lines that need not be stored yet."""
    country, today = str(addressee.country or options.COMPANY_COUNTRY.value), clock.today()
    rates = {tax_class: TaxRate.find(tax_class, country, today) for tax_class in {line.tax_class for line in lines}}
    with translation.override(addressee.language):
        for line in lines:
            rate = rates[line.tax_class]
            line.tax_percent = rate.percent if rate else Decimal(0)
            line.tax_name = rate.spoken_name if rate else ""
            line.net_amount = QuoteLine.net_of(line.unit_amount, line.quantity, line.discount_percent, line.currency)


def sums_of(lines: list[QuoteLine], currency: str) -> QuoteSums:
    """Of lines with their tax; set-up fees are parts of their own."""
    parts = [part for line in lines for part in _parts(line)]
    groups = tax_groups(parts, currency)
    net = Money(sum((part.net_amount for part in parts), Decimal(0)), currency)
    tax = Money(sum((group.tax for group in groups), Decimal(0)), currency)
    return QuoteSums(net, groups, tax, net + tax)


def _parts(line: QuoteLine) -> list[_Part]:
    nets = [line.net_amount, line.setup.amount] if line.setup_amount else [line.net_amount]
    return [_Part(line.tax_class, line.tax_percent, line.tax_name, net) for net in nets]
