"""What a part of a period costs: whole days of the real full period that holds the part, an exact ratio, one rounding.

The denominator of a stub is the full period that it belongs to: for a leading stub the one that ends where the stub ends,
for a trailing one the one that begins where the stub begins. Nothing here asks the database.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from billing.models.cycle import Period, add_months, boundary, months
from hostbill.core.money import exponent

#: How days are counted: as they are, or as if each month had 30 (so a day costs the same in every month).
REAL, THIRTY = "real", "thirty"


@dataclass(frozen=True)
class Piece:
    """A stretch of days to be charged and the full period of which it is a part."""

    period: Period
    full: Period
    count: str = REAL

    @property
    def ratio(self) -> Fraction:
        """Its part of the full period, exactly."""
        return ratio(self.period, self.full, self.count)


def days(period: Period, count: str = REAL) -> int:
    """Days of the period. Counted as "thirty", a month has 30 days whatever the calendar says."""
    if count == REAL:
        return period.days
    start, end = period
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + min(end.day, 30) - min(start.day, 30)


def ratio(piece: Period, full: Period, count: str = REAL) -> Fraction:
    """The exact part of `full` that `piece` is. ValueError when it is not inside."""
    if not full.start <= piece.start <= piece.end <= full.end:
        raise ValueError(f"{piece} is not inside {full}")
    if piece == full:
        return Fraction(1)
    return Fraction(days(piece, count), days(full, count))


def prorate(amount: Decimal, piece: Period, full: Period, currency: str, count: str = REAL) -> Decimal:
    """What `piece` costs when `full` costs `amount` (which may have more decimals than money): rounded once, half up and
    away from zero, to the currency's exponent, so that a credit mirrors its debit."""
    return round_share(amount, ratio(piece, full, count), currency)


def round_share(amount: Decimal, share: Fraction, currency: str) -> Decimal:
    """`amount` times an exact ratio, rounded once."""
    exact = Fraction(amount) * share * 10 ** exponent(currency)
    units = int(abs(exact) + Fraction(1, 2))
    return Decimal(units if exact >= 0 else -units).scaleb(-exponent(currency))


def full_period_before(end: date, anchor_day: int, cycle: str) -> Period:
    """The full period that ends on a boundary: what a leading stub is a part of."""
    return Period(add_months(end, -months(cycle), anchor_day), end)


def full_period_from(start: date, anchor_day: int, cycle: str) -> Period:
    """The full period that begins on a boundary: what a trailing stub is a part of."""
    return Period(start, add_months(start, months(cycle), anchor_day))


def first_boundary(start: date, anchor_day: int, cycle: str) -> date:
    """The first day after `start` on which a full period begins."""
    return boundary(start, anchor_day, cycle, 1)


def is_boundary(day: date, anchor_day: int) -> bool:
    """Does a full period begin on this day?"""
    return add_months(day, 0, anchor_day) == day


def pieces(start: date, end: date, anchor_day: int, cycle: str, count: str = REAL) -> list[Piece]:
    """The days from `start` to `end` (half-open) cut at the boundaries: a leading stub, full periods, a trailing stub."""
    found = []
    following = first_boundary(start, anchor_day, cycle)
    full = Period(start, following)
    if not is_boundary(start, anchor_day):
        full = full_period_before(following, anchor_day, cycle)
    while start < end:
        found.append(Piece(Period(start, min(full.end, end)), full, count))
        start = full.end
        full = full_period_from(start, anchor_day, cycle)
    return found


def total_ratio(start: date, end: date, anchor_day: int, cycle: str, count: str = REAL) -> Fraction:
    """How many full periods the days from `start` to `end` are, exactly."""
    return sum((piece.ratio for piece in pieces(start, end, anchor_day, cycle, count)), Fraction(0))


def credit_of(net: Decimal, price_share: Decimal, adjusted: Decimal = Decimal(0)) -> Decimal:
    """What of a line is given back: the price's share, but never more than the line's net less what was taken off it
    before. Works for negative lines (discounts) the other way round."""
    left = net - adjusted
    if net < 0:
        return max(price_share, min(left, Decimal(0)))
    return min(price_share, max(left, Decimal(0)))


def split_credit(credit: Decimal, open_amount: Decimal) -> tuple[Decimal, Decimal]:
    """(what reduces the debt, what becomes credit) of an amount given back on an invoice with `open_amount` unpaid."""
    against = min(credit, open_amount)
    return against, credit - against
