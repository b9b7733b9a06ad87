"""Tax by period: what was charged by rate beside what the ledger says, the sales that other EU states are told of."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from billing.models import Order, Posting, TaxCategory, TaxClass, TaxLine, TaxYear, tax_code
from billing.models.tax import own_names, spoken
from billing.options import OSS, OSS_LIMIT
from billing.queries.tax import EU_CONSUMER
from billing.queries.tax_rules import eu_turnover
from hostbill.core import clock

ZERO = Decimal(0)
FIGURES = ("documents", "net", "tax")


@dataclass(frozen=True)
class RateRow:
    """One rate of one country and kind in a period. `ledger` is what the tax account of the rate got; where several rows share
    the account it stands at the first of them, with `shared` their tax together."""

    country: str
    category: str
    supply: str
    tax_class: str
    name: str
    percent: Decimal
    step: int
    documents: int
    net: Decimal
    tax: Decimal
    ledger: Decimal | None
    shared: Decimal

    @property
    def kind(self) -> str:
        """What kind of tax, in words."""
        return str(dict(TaxCategory.choices).get(self.category, ""))

    @property
    def class_words(self) -> str:
        """The tax class as people call it."""
        return str(dict(TaxClass.choices).get(self.tax_class, self.tax_class))

    @property
    def differs(self) -> bool:
        """Documents and books disagree."""
        return self.ledger is not None and self.ledger != self.shared


@dataclass(frozen=True)
class Period:
    """Both days included."""

    first: date
    last: date


def period_of(year: int, first: int, last: int) -> Period:
    """From the first to the last of these months."""
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def lines_of(period: Period, currency: str):
    """What was booked in the period."""
    return TaxLine.objects.filter(currency=currency, booked_on__range=(period.first, period.last))


def by_rate(period: Period, currency: str) -> list[RateRow]:
    """Every rate and every kind of untaxed sale; and accounts of the ledger that no document explains."""
    keys = ("country", "category", "supply", "tax_class", "name", "percent", "step")
    rows = lines_of(period, currency).values(*keys).annotate(
        documents=Count("invoice", distinct=True), net=Sum("net_amount"), tax=Sum("tax_amount")
    )
    rows = _folded(rows.order_by("country", "category", "-percent", "supply", "tax_class", "step", "name"))
    codes = [tax_code(row["tax_class"], row["percent"], row["country"]) for row in rows]
    shared = {code: sum((row["tax"] for row, own in zip(rows, codes, strict=True) if own == code), ZERO) for code in codes}
    booked = in_ledger(period, currency)
    found = [RateRow(**row, ledger=booked.pop(code, None), shared=shared[code]) for row, code in zip(rows, codes, strict=True)]
    return found + [_unexplained(code, amount) for code, amount in sorted(booked.items()) if amount]


def _folded(rows) -> list[dict]:
    """Documents name a tax in the language of their client: what is one tax in words of several languages is one row."""
    own, found = own_names(), {}
    for row in rows:
        row["name"] = spoken(own.get(row["name"], row["name"]))
        key = tuple(value for name, value in row.items() if name not in FIGURES)
        standing = found.setdefault(key, row)
        if standing is not row:
            standing |= {name: standing[name] + row[name] for name in FIGURES}
    return list(found.values())


def _unexplained(code: str, amount: Decimal) -> RateRow:
    return RateRow("", "", "", "", code, ZERO, 1, 0, ZERO, ZERO, amount, ZERO)


def in_ledger(period: Period, currency: str) -> dict[str, Decimal]:
    """{account of the ledger: tax owed more}."""
    rows = Posting.objects.filter(
        ledger_account__code__startswith="tax:", currency=currency, entry__booked_on__range=(period.first, period.last)
    )
    rows = rows.values("ledger_account__code").annotate(total=Sum("amount")).order_by("ledger_account__code")
    return {row["ledger_account__code"]: -row["total"] for row in rows}


def other_states(period: Period, currency: str) -> list[dict]:
    """For the OSS return: consumers of other EU states taxed at home, by country and rate."""
    rows = lines_of(period, currency).filter(supply=EU_CONSUMER).exclude(country="")
    rows = rows.values("country", "percent").annotate(net=Sum("net_amount", filter=Q(step=1)), tax=Sum("tax_amount"))
    return list(rows.order_by("country", "-percent"))


def reverse_charges(period: Period, currency: str) -> list[dict]:
    """For the recapitulative statement: firms of other EU states, by VAT number."""
    rows = lines_of(period, currency).filter(category="AE", step=1)
    rows = rows.values("buyer_country", "buyer_tax_id").annotate(
        net=Sum("net_amount"), documents=Count("invoice", distinct=True)
    )
    return list(rows.order_by("buyer_country", "buyer_tax_id"))


@dataclass(frozen=True)
class Limit:
    """How far the limit of sales to consumers of other EU states is used, in euros."""

    sold: Decimal
    before: Decimal
    limit: Decimal
    passed_on: date | None
    follows: str


def limit_now() -> Limit:
    """This year and the last."""
    year = clock.today().year
    sold = eu_turnover(year)
    passed = TaxYear.objects.filter(year__in=[year, year - 1]).order_by("year").first()
    return Limit(sold[year], sold[year - 1], OSS_LIMIT.value, passed.passed_on if passed else None, OSS.value)


def unproved(period: Period):
    """Orders of consumers in other EU states for whom fewer than two signs of the place agree."""
    rows = Order.objects.filter(
        invoice__tax_supply=EU_CONSUMER, invoice__issued_on__range=(period.first, period.last)
    ).select_related("client", "invoice")
    agree = Q(location_evidence__country=F("client__country"))
    return rows.annotate(signs=Count("location_evidence", filter=agree)).filter(signs__lt=2).order_by("-pk")
