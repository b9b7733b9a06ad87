"""Tax for one buyer in one currency, today or on the day of a document that is corrected: what carts, prices and drafts ask."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from billing.models import Invoice, TaxGroup, tax_groups
from billing.queries.tax import EU_BUSINESS, EU_CONSUMER, Buyer, TaxRules, TaxTreatment
from billing.queries.tax_lines import Amount, TaxedLine, tax_lines
from billing.queries.tax_rules import buyer_of, load_rules
from billing.queries.vat_area import tax_country
from billing.queries.vat_id import clean_vat_id
from hostbill.core import clock, options
from hostbill.core.money import Money


@dataclass(frozen=True)
class Taxing:
    """Asks no query: `rules` were read when it was made. `on`: the day that decides about rates; None: today."""

    rules: TaxRules
    buyer: Buyer
    currency: str
    euros: Decimal = Decimal(1)
    on: date | None = None

    def of(self, tax_class: str) -> TaxTreatment:
        """How one price of the class is taxed, in the language in force."""
        return self.rules.treatment(self.buyer, tax_class, self.on or clock.today())

    def lines(self, amounts: list[Amount]) -> list[TaxedLine]:
        """The lines of one document."""
        on = self.on or clock.today()
        return tax_lines(self.rules, self.buyer, amounts, on=on, currency=self.currency, euros=self.euros)

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
    if buyer is not None:
        pass
    elif client and country in ("", str(client.country or "")):  # a request's client may be a lazy nothing
        buyer = buyer_of(client)
    else:
        buyer = Buyer(country=country or (rules.seller_country if rules else options.COMPANY_COUNTRY.value))
    rules = rules or load_rules(buyer=buyer)
    return Taxing(rules, buyer, currency, rules.euros.get(currency, Decimal(1)))


def taxing_of(invoice: Invoice) -> Taxing:
    """What taxes the lines of a draft: today's rules, and those of the day of the document that it corrects, in which only what was
    wrong becomes different. The client is taken as it is now, but a limit or a VAT number is not judged anew."""
    if invoice.corrects is None:
        return taxing(invoice.currency, client=invoice.client)
    first = invoice.corrects
    while first.corrects:
        first = first.corrects
    rules, buyer = load_rules(first.issued_on), buyer_of(invoice.client, first.issued_on)
    if first.tax_supply == EU_CONSUMER:
        rules = replace(rules, at_destination=first.tax_country != tax_country(rules.seller_country).rstrip("*"), room=None)
    if first.tax_supply == EU_BUSINESS and _same_number(invoice.client, first):
        buyer = buyer.confirmed()
    return Taxing(rules, buyer, invoice.currency, rules.euros.get(invoice.currency, Decimal(1)), first.issued_on)


def _same_number(client, first: Invoice) -> bool:
    number = first.tax_proof.get("tax_id")
    return bool(number) and number == clean_vat_id(client.tax_id, str(client.country or ""))
