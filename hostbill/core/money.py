"""Money: a Decimal amount with its currency. No floats, no arithmetic across currencies, one rounding function."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.core import get_global
from babel.numbers import format_currency
from django.utils.translation import get_language, to_locale


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum."""


@lru_cache
def exponent(currency: str) -> int:
    """Digits after the point: JPY 0, EUR 2, KWD 3 (CLDR supplemental data)."""
    fractions = get_global("currency_fractions")
    return fractions.get(currency, fractions["DEFAULT"])[0]


@lru_cache
def minor_unit(currency: str) -> Decimal:
    """The smallest amount of the currency, e.g. 0.01."""
    return Decimal(1).scaleb(-exponent(currency))


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Half up, away from zero, to the currency's exponent: -5.025 EUR becomes -5.03, so a credit mirrors its debit."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, order=False)
class Money:
    """An amount in major units (euros, not cents), always held at the currency's exponent."""

    amount: Decimal
    currency: str

    def __post_init__(self):
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"Money takes a Decimal, not {type(self.amount).__name__}")
        object.__setattr__(self, "amount", round_amount(self.amount, self.currency))

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in this currency."""
        return cls(Decimal(0), currency)

    @classmethod
    def from_minor(cls, units: int, currency: str) -> Money:
        """From cents (or the currency's own smallest unit)."""
        return cls(Decimal(units).scaleb(-exponent(currency)), currency)

    def to_minor(self) -> int:
        """In the currency's smallest unit: 12.34 EUR is 1234."""
        return int(self.amount.scaleb(exponent(self.currency)))

    def _same(self, other: Money) -> Decimal:
        if not isinstance(other, Money):
            raise TypeError(f"expected Money, got {type(other).__name__}")
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount

    def __add__(self, other):
        return Money(self.amount + self._same(other), self.currency)

    def __radd__(self, other):
        return self if other == 0 else NotImplemented

    def __sub__(self, other):
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self):
        return Money(-self.amount, self.currency)

    def __abs__(self):
        return Money(abs(self.amount), self.currency)

    def __mul__(self, factor):
        if not isinstance(factor, int | Decimal):
            return NotImplemented
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other):
        return self.amount < self._same(other)

    def __le__(self, other):
        return self.amount <= self._same(other)

    def __gt__(self, other):
        return self.amount > self._same(other)

    def __ge__(self, other):
        return self.amount >= self._same(other)

    def __bool__(self):
        return bool(self.amount)

    @property
    def is_zero(self) -> bool:
        """True for 0.00."""
        return not self.amount

    @property
    def is_positive(self) -> bool:
        """True above zero."""
        return self.amount > 0

    def allocate(self, weights: list) -> list[Money]:
        """Share by weight (largest remainder), so that the parts sum exactly to the whole."""
        total = sum(weights)
        if not total:
            raise ValueError("nothing to allocate by")
        units, sign = abs(self.to_minor()), -1 if self.amount < 0 else 1
        exact = [Decimal(units) * Decimal(weight) / Decimal(total) for weight in weights]
        shares = [int(share.to_integral_value(ROUND_DOWN)) for share in exact]
        by_remainder = sorted(range(len(weights)), key=lambda i: shares[i] - exact[i])
        for index in by_remainder[: units - sum(shares)]:
            shares[index] += 1
        return [Money.from_minor(sign * share, self.currency) for share in shares]

    def __str__(self):
        return f"{self.amount} {self.currency}"


def format_money(money: Money, locale: str | None = None) -> str:
    """For people, in the reader's locale: €1,234.50."""
    return format_currency(money.amount, money.currency, locale=locale or to_locale(get_language() or "en"))
