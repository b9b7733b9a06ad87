"""Billing cycles as pure date arithmetic: anchored months and half-open periods [start, end).

Every boundary is computed from the origin (anchor date, anchor day, index) and never from the boundary before it, so
that a subscription begun on 31 January bills on 28 February and again on 31 March.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class Cycle(models.TextChoices):
    """How often a price recurs."""

    ONE_TIME = "one_time", _("One-time")
    MONTHLY = "monthly", _("Monthly")
    QUARTERLY = "quarterly", _("Quarterly")
    SEMI_ANNUAL = "semi_annual", _("Semi-annually")
    ANNUAL = "annual", _("Annually")
    BIENNIAL = "biennial", _("Every 2 years")
    TRIENNIAL = "triennial", _("Every 3 years")


_MONTHS = {
    Cycle.ONE_TIME: 0,
    Cycle.MONTHLY: 1,
    Cycle.QUARTERLY: 3,
    Cycle.SEMI_ANNUAL: 6,
    Cycle.ANNUAL: 12,
    Cycle.BIENNIAL: 24,
    Cycle.TRIENNIAL: 36,
}


@dataclass(frozen=True)
class Period:
    """Half-open dates: `start` is the first day served, `end` the first day not served any more."""

    start: date
    end: date

    @property
    def last_day(self) -> date:
        """The last day included: what people read on the invoice."""
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        """Number of days served."""
        return (self.end - self.start).days

    def __iter__(self):
        return iter((self.start, self.end))


def months(cycle: str) -> int:
    """Months in one period of the cycle; 0 for a one-time price. KeyError for an unknown cycle."""
    return _MONTHS[Cycle(cycle)]


def is_recurring(cycle: str) -> bool:
    """Does the price come again?"""
    return months(cycle) > 0


def on_day(year: int, month: int, day: int) -> date:
    """That day of the month, or the month's last day where it has no such day."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def add_months(origin: date, count: int, anchor_day: int | None = None) -> date:
    """`origin` moved by whole months, on the anchor day (default: the origin's own day) or the month's end."""
    total = origin.year * 12 + origin.month - 1 + count
    return on_day(total // 12, total % 12 + 1, anchor_day or origin.day)


def boundary(anchor_on: date, anchor_day: int, cycle: str, index: int) -> date:
    """Start of period number `index` (0 is the first). ValueError for one-time cycles beyond the first."""
    if index == 0:
        return anchor_on
    step = months(cycle)
    if not step:
        raise ValueError("a one-time price has no second period")
    first = add_months(anchor_on, 0, anchor_day)
    skipped = 1 if first > anchor_on else 0
    return add_months(anchor_on, step * (index - skipped), anchor_day)


def period(anchor_on: date, anchor_day: int, cycle: str, index: int) -> Period:
    """Period number `index` of a recurring cycle, half-open."""
    return Period(boundary(anchor_on, anchor_day, cycle, index), boundary(anchor_on, anchor_day, cycle, index + 1))


def full_period(anchor_on: date, anchor_day: int, cycle: str, on: date) -> Period:
    """The full period that contains the day, as if there had always been periods on the anchor day: the whole of which a
    first or last piece is a part. Also for days before the origin."""
    step = months(cycle)
    first = boundary(anchor_on, anchor_day, cycle, 1)
    count = ((on.year - first.year) * 12 + on.month - first.month) // step * step
    while add_months(first, count, anchor_day) > on:
        count -= step
    while add_months(first, count + step, anchor_day) <= on:
        count += step
    return Period(add_months(first, count, anchor_day), add_months(first, count + step, anchor_day))


def whole_months(start: date, end: date) -> int:
    """How many whole months fit between two dates, counted on the start's day."""
    count = (end.year - start.year) * 12 + end.month - start.month
    return count - 1 if add_months(start, count) > end else count
