"""Lines of one document with their tax: treatment of each, and the net of prices that include tax. Pure."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from billing.models.tax_sums import net_of_gross, nets_of_group
from billing.queries.tax import EU_CONSUMER, Buyer, TaxRules, TaxTreatment, in_one_document


@dataclass(frozen=True)
class TaxedLine:
    """What a document stores of a line's tax. `gross_amount` is kept only where tax is inside the price."""

    tax_class: str
    treatment: TaxTreatment
    net_amount: Decimal
    gross_amount: Decimal | None = None

    @property
    def tax_category(self) -> str:
        """In the letters of EN 16931."""
        return self.treatment.category

    @property
    def tax_percent(self) -> Decimal:
        """Of all components together."""
        return self.treatment.percent

    @property
    def tax_name(self) -> str:
        """The names of the components."""
        return self.treatment.name

    @property
    def tax_components(self) -> list[dict]:
        """As stored."""
        return self.treatment.as_json

    @property
    def tax_reason(self) -> str:
        """Why nothing is charged."""
        return self.treatment.reason


@dataclass(frozen=True)
class Amount:
    """A line before tax is known: rounded `net`, or `gross` where the price includes the tax charged at home."""

    tax_class: str
    net: Decimal = Decimal(0)
    gross: Decimal | None = None


def tax_lines(
    rules: TaxRules, buyer: Buyer, amounts: list[Amount], *, on: date, currency: str, euros: Decimal = Decimal(1)
) -> list[TaxedLine]:
    """The lines of one document in the same order. `euros`: what one unit of the currency counts against the limit for sales
    to consumers of other EU states; a sale that passes the limit is taxed at its destination as a whole."""
    lines = _taxed(rules, buyer, amounts, on, currency)
    sold = sum((line.net_amount for line in lines if line.treatment.supply == EU_CONSUMER), Decimal(0)) * euros
    if rules.room is not None and sold > rules.room:
        return _taxed(rules.passed(), buyer, amounts, on, currency)
    return lines


def _taxed(rules: TaxRules, buyer: Buyer, amounts: list[Amount], on: date, currency: str) -> list[TaxedLine]:
    treatments = in_one_document([rules.treatment(buyer, row.tax_class, on) for row in amounts])
    lines = [
        _line(row, treatment, rules, on, currency) for row, treatment in zip(amounts, treatments, strict=True)
    ]
    return spread(lines, currency)


def _line(row: Amount, treatment: TaxTreatment, rules: TaxRules, on: date, currency: str) -> TaxedLine:
    """A price that includes tax is what a taxed buyer pays, wherever; who is charged no tax pays it without that of home."""
    if row.gross is None:
        return TaxedLine(row.tax_class, treatment, row.net)
    if not treatment.percent:
        inside = rules.home(row.tax_class, on).exact_percent
        return TaxedLine(row.tax_class, treatment, net_of_gross(row.gross, inside, currency))
    return TaxedLine(row.tax_class, treatment, net_of_gross(row.gross, treatment.exact_percent, currency), row.gross)


def spread(lines: list[TaxedLine], currency: str, keep: frozenset = frozenset()) -> list[TaxedLine]:
    """Nets of alike lines whose prices include tax sum to the net of their sum. `keep`: places whose nets stay as they are."""
    groups: dict = {}
    for place, line in enumerate(lines):
        if line.gross_amount is not None:
            rates = tuple(part[1:] for part in line.treatment.components)
            groups.setdefault((line.tax_category, rates), []).append(place)
    for places in groups.values():
        known = [lines[place].net_amount if place in keep else None for place in places]
        percent = lines[places[0]].treatment.exact_percent
        nets = nets_of_group([lines[place].gross_amount for place in places], percent, currency, known)
        for place, net in zip(places, nets, strict=True):
            lines[place] = replace(lines[place], net_amount=net)
    return lines
