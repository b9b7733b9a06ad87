"""What the lines of a quote come to: nets, tax groups and total for whomever it is for."""

from dataclasses import dataclass

from django.utils import translation

from billing.models import Quote, QuoteLine, TaxGroup
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
    """Net, tax by group, total."""

    net: Money
    groups: list[TaxGroup]
    tax: Money
    total: Money

    def as_json(self) -> list[dict]:
        """The tax groups as a quote keeps them, a row for each component of a tax."""
        return [
            {"tax_class": g.tax_class, "name": g.name, "percent": str(g.percent), "net": str(g.net), "tax": str(g.tax),
             "category": g.category, "reason": g.reason, "compound": g.compound,
             "classes": {name: str(net) for name, net in g.classes.items()}}
            for g in self.groups
        ]  # fmt: skip


def addressee_of(quote: Quote) -> Client:
    """The client, or somebody like one made of the address on the quote; not stored."""
    if quote.client_id:
        return quote.client
    same = {name: getattr(quote, name) for name in SAME_NAME}
    return Client(**same, state=quote.region, currency=quote.currency)


def sum_up(lines: list[QuoteLine], currency: str, addressee: Client) -> QuoteSums:
    """Put net, rate and name of today's tax on lines that need not be stored yet, and add them up; set-up fees are amounts of their
    own."""
    for line in lines:
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
