"""Amounts of several currencies as one figure, for reports only, at published rates."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.models import ExchangeRate, Price, Subscription
from hostbill.core import clock
from hostbill.core.money import Money


@dataclass(frozen=True)
class Together:
    """A sum in one currency, the day of the oldest rate used (None: none was needed), and the currencies without a rate."""

    money: Money
    on: date | None
    missing: list[str]


def needs_rates() -> bool:
    """Is something sold or running in more than one currency?"""
    used = set(Price.objects.order_by().values_list("currency", flat=True).distinct()[:3])
    return len(used | set(Subscription.objects.order_by().values_list("currency", flat=True).distinct()[:3])) > 1


def together(amounts: dict[str, Decimal], currency: str, on: date | None = None) -> Together:
    """The sum of {currency: amount} in one currency, at the last rates up to the day; each rounded once, at the end."""
    rates, total, missing, days = rates_on(on), Decimal(0), [], []
    for code, amount in amounts.items():
        if code == currency:
            total += amount
            continue
        pair = [rates.get(code), rates.get(currency)]
        if None in pair:
            missing.append(code)
            continue
        days += [row[1] for row in pair if row[1]]
        total += amount / pair[0][0] * pair[1][0]
    return Together(Money(total, currency), min(days, default=None), sorted(missing))


def rates_on(on: date | None = None) -> dict[str, tuple[Decimal, date | None]]:
    """{currency: (units for one euro, day of the rate)}: the last ones up to the day. One query."""
    rows = ExchangeRate.objects.filter(base="EUR", on__lte=on or clock.today()).order_by("currency", "-on").distinct("currency")
    return {"EUR": (Decimal(1), None), **{row.currency: (row.rate, row.on) for row in rows}}
