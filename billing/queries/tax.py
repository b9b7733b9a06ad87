"""How a sale is taxed: by whom to whom, for which product class, on which day.

Everything is decided by pure functions over rows that were read once (`TaxRules`), so thousands of renewals cost no query
each. `load_rules()` reads them; `buyer_of()` tells what counts of a client."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.models import TaxRate
from billing.models.tax import spoken
from billing.models.tax_sums import effective_percent
from billing.queries.vat_area import STATES, tax_country

DOMESTIC, EU_CONSUMER, EU_BUSINESS, OUTSIDE = "domestic", "eu_consumer", "eu_business", "outside"


@dataclass(frozen=True)
class TaxTreatment:
    """What a line is for tax. `category` as in EN 16931, `components` [(name, percent, compound)] in the order in which they
    are charged, `supply` and `country`: what kind of sale it is and whose tax applies (empty where only rates decide)."""

    category: str
    components: tuple = ()
    reason: str = ""
    supply: str = ""
    country: str = ""

    @property
    def percent(self) -> Decimal:
        """Of all components together, on the net amount; four decimals, as lines store it."""
        return self.exact_percent.quantize(Decimal("0.0001"))

    @property
    def exact_percent(self) -> Decimal:
        """The same with all decimals, to find the net of a price that includes tax."""
        return effective_percent(self.as_json)

    @property
    def name(self) -> str:
        """The names of the components, in the language in force."""
        return " + ".join(name for name, _percent, _compound in self.components)[:40]

    @property
    def as_json(self) -> list[dict]:
        """The components as lines store them."""
        return [
            {"name": name, "percent": f"{percent.normalize():f}", "compound": compound}
            for name, percent, compound in self.components
        ]


@dataclass(frozen=True)
class Buyer:
    """What counts of a client for tax. `is_business`: with a VAT number that an office confirmed."""

    country: str = ""
    state: str = ""
    postcode: str = ""
    is_business: bool = False
    exempt_reason: str = ""

    def confirmed(self) -> "Buyer":
        """The same if an office confirmed its number."""
        return replace(self, is_business=True)

    @property
    def tax_country(self) -> str:
        """Whose VAT area it lives in."""
        return tax_country(self.country, self.postcode)


@dataclass(frozen=True)
class TaxRules:
    """The rows that decide, read once. `scheme`: "eu" or "uk" when VAT by place of supply applies, else "". `at_destination`:
    consumers of other EU states are taxed at home, because the limit is passed or the seller chose so. Until then `room` is
    how much net (in euros) may still be sold to them, with the `euros` that one unit of a currency counts; None: no limit
    counts."""

    seller_country: str
    scheme: str
    rates: tuple = ()
    at_destination: bool = False
    room: Decimal | None = None
    euros: dict = field(default_factory=dict, compare=False)
    _found: dict = field(default_factory=dict, compare=False, repr=False)

    def passed(self) -> "TaxRules":
        """The same once the limit is passed: the whole supply moves."""
        return replace(self, at_destination=True, room=None, _found={})

    def treatment(self, buyer: Buyer, tax_class: str, on: date) -> TaxTreatment:
        """How a sale of that class to that buyer is taxed on that day, in the language in force."""
        supply, country = self.supply(buyer)
        if supply == OUTSIDE and not self._own_rows(buyer, tax_class, on):
            return TaxTreatment("O", reason=_("Not subject to VAT here: services to other countries"), supply=supply, country=country)
        if supply == EU_BUSINESS:
            return TaxTreatment("AE", reason=_("Reverse charge"), supply=supply, country=country)
        if buyer.exempt_reason:
            return TaxTreatment("E", reason=buyer.exempt_reason, supply=supply, country=country)
        where = buyer if country == buyer.tax_country else Buyer(country=country, is_business=buyer.is_business)
        return self._by_rates(self._rows(where, tax_class, on), supply, country)

    def home(self, tax_class: str, on: date) -> TaxTreatment:
        """What the seller charges at home: the tax inside a price list that includes it."""
        return self.treatment(Buyer(country=self.seller_country), tax_class, on)

    def supply(self, buyer: Buyer) -> tuple[str, str]:
        """(kind of sale, country whose tax applies)."""
        home, there = tax_country(self.seller_country), buyer.tax_country or tax_country(self.seller_country)
        if not self.scheme:
            return "", there
        if there == home:
            return DOMESTIC, home
        if self.scheme == "eu" and there in STATES:
            if buyer.is_business:
                return EU_BUSINESS, there
            return EU_CONSUMER, there if self.at_destination else home
        return OUTSIDE, there

    def _own_rows(self, buyer: Buyer, tax_class: str, on: date) -> list:
        """Rates of the buyer's own country: the seller is registered there."""
        return [row for row in self._rows(buyer, tax_class, on) if row.country]

    def _by_rates(self, rows: list, supply: str, country: str) -> TaxTreatment:
        if not rows:
            return TaxTreatment("O", reason=_("Not subject to tax"), supply=supply, country=country)
        untaxed = next((row for row in rows if row.category != "S"), None)
        if untaxed is not None:
            return TaxTreatment(untaxed.category, reason=untaxed.reason, supply=supply, country=country)
        parts = tuple((spoken(row.name), row.percent, row.compound) for row in rows)
        category = "S" if any(row.percent for row in rows) else "Z"
        return TaxTreatment(category, parts if category == "S" else (), supply=supply, country=country)

    def _rows(self, buyer: Buyer, tax_class: str, on: date) -> list:
        """One row per step: the narrowest that fits, of equals the newest."""
        key = (buyer, tax_class, on)
        if key not in self._found:
            steps: dict[int, TaxRate] = {}
            for row in sorted((row for row in self.rates if self._fits(row, buyer, tax_class, on)), key=_narrowness):
                steps[row.step] = row
            self._found[key] = [steps[step] for step in sorted(steps)]
        return self._found[key]

    def _fits(self, row: TaxRate, buyer: Buyer, tax_class: str, on: date) -> bool:
        return (
            row.tax_class == tax_class
            and row.valid_from <= on
            and (row.valid_until is None or on <= row.valid_until)
            and row.seller_country in ("", self.seller_country)
            and self._is_of_country(row, buyer)
            and row.buyer in ("", "business" if buyer.is_business else "consumer")
            and (not row.state or _plain(buyer.state) in _several(row.state))
            and (not row.postcode or _plain(buyer.postcode).startswith(tuple(_several(row.postcode))))
        )


    def _is_of_country(self, row: TaxRate, buyer: Buyer) -> bool:
        """A part of a state outside its VAT area is met only by rows that name the part by its postcodes."""
        if row.country in ("", buyer.tax_country):
            return True
        is_part = self.scheme and buyer.tax_country.endswith("*")
        return row.country == buyer.country and bool(row.postcode or not is_part)


def _narrowness(row: TaxRate) -> tuple:
    places = (bool(row.postcode), len(row.postcode), bool(row.state), bool(row.country), bool(row.seller_country))
    return (*places, bool(row.buyer), row.valid_from)


def _plain(text: str) -> str:
    return text.replace(" ", "").replace("-", "").casefold()


def _several(text: str) -> list[str]:
    return [part for part in (_plain(part).rstrip("*") for part in text.split(",")) if part]


def in_one_document(treatments: list[TaxTreatment]) -> list[TaxTreatment]:
    """What is outside the scope of tax may not stand beside taxed lines (EN 16931, BR-O-11): there it is exempt."""
    if all(treatment.category == "O" for treatment in treatments):
        return treatments
    return [replace(row, category="E") if row.category == "O" else row for row in treatments]
