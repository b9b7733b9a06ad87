"""Tax for one buyer in one currency, today: what carts, prices and drafts ask."""

from dataclasses import dataclass
from decimal import Decimal

from billing.models import TaxGroup, tax_groups
from billing.queries.tax import Buyer, TaxRules, TaxTreatment
from billing.queries.tax_lines import Amount, TaxedLine, tax_lines
from billing.queries.tax_rules import buyer_of, load_rules
from hostbill.core import clock
from hostbill.core.money import Money


@dataclass(frozen=True)
class Taxing:
    """Asks no query: `rules` were read when it was made."""

    rules: TaxRules
    buyer: Buyer
    currency: str
    euros: Decimal = Decimal(1)

    def of(self, tax_class: str) -> TaxTreatment:
        """How one price of the class is taxed, in the language in force."""
        return self.rules.treatment(self.buyer, tax_class, clock.today())

    def lines(self, amounts: list[Amount]) -> list[TaxedLine]:
        """The lines of one document."""
        return tax_lines(
            self.rules, self.buyer, amounts, on=clock.today(), currency=self.currency, euros=self.euros
        )

    def sums(self, amounts: list[Amount]) -> tuple[Money, list[TaxGroup], Money]:
        """(net, groups, tax) of one document."""
        lines = self.lines(amounts)
        groups = tax_groups(lines, self.currency)
        net = sum((line.net_amount for line in lines), Decimal(0))
        tax = sum((group.tax for group in groups), Decimal(0))
        return Money(net, self.currency), groups, Money(tax, self.currency)


def taxing(
    currency: str, *, client=None, country: str = "", buyer: Buyer | None = None, rules: TaxRules | None = None
) -> Taxing:
    """For a buyer, a client or, without one, for a visitor of a country (default: the seller's own). A client who is about to live in
    another country is taxed as a visitor of that one: what is known of the client belongs to the old address."""
    rules = rules or load_rules()
    if buyer is not None:
        pass
    elif client and country in ("", str(client.country or "")):  # a request's client may be a lazy nothing
        buyer = buyer_of(client)
    else:
        buyer = Buyer(country=country or rules.seller_country)
    return Taxing(rules, buyer, currency, rules.euros.get(currency, Decimal(1)))
