"""Anchored months: every boundary from the origin, half-open, and never a drift."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.models.cycle import Cycle, boundary, months, period, whole_months
from hostbill.core import clock


def starts(anchor, day, cycle, count):
    return [boundary(anchor, day, cycle, index).isoformat() for index in range(count)]


@pytest.mark.parametrize(
    ("anchor", "day", "cycle", "expected"),
    [
        ("2023-01-31", 31, "monthly", "2023-01-31 2023-02-28 2023-03-31 2023-04-30 2023-05-31 2023-06-30"),
        ("2024-01-31", 31, "monthly", "2024-01-31 2024-02-29 2024-03-31 2024-04-30"),
        ("2023-02-28", 28, "monthly", "2023-02-28 2023-03-28 2023-04-28"),
        ("2024-01-31", 31, "annual", "2024-01-31 2025-01-31 2026-01-31"),
        ("2024-02-29", 29, "annual", "2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29"),
        ("2022-11-30", 30, "quarterly", "2022-11-30 2023-02-28 2023-05-30 2023-08-30"),
        ("2023-08-31", 31, "semi_annual", "2023-08-31 2024-02-29 2024-08-31"),
        ("2012-01-31", 30, "monthly", "2012-01-31 2012-02-29 2012-03-30"),
        ("2012-01-31", 30, "annual", "2012-01-31 2013-01-30"),
        ("2012-07-16", 15, "monthly", "2012-07-16 2012-08-15 2012-09-15"),
        ("2012-04-30", 31, "monthly", "2012-04-30 2012-05-31 2012-06-30"),
        ("2011-01-10", 17, "annual", "2011-01-10 2011-01-17 2012-01-17"),
        ("2023-05-31", 31, "biennial", "2023-05-31 2025-05-31"),
        ("2024-02-29", 29, "triennial", "2024-02-29 2027-02-28 2030-02-28"),
    ],
)
def test_period_starts(anchor, day, cycle, expected):
    expected = expected.split()
    assert starts(date.fromisoformat(anchor), day, cycle, len(expected)) == expected


def test_month_end_comes_back_after_february():
    found = {d.isoformat() for d in (boundary(date(2022, 4, 30), 30, "monthly", i) for i in range(24))}
    assert {"2023-02-28", "2023-03-30", "2024-02-29", "2024-03-30"} <= found


def test_a_one_time_price_has_no_second_period():
    assert months(Cycle.ONE_TIME) == 0
    with pytest.raises(ValueError, match="one-time"):
        boundary(date(2024, 1, 1), 1, "one_time", 1)


@pytest.mark.parametrize(
    ("end", "expected"), [("2012-09-15", 1), ("2012-09-16", 2), ("2012-07-16", 0), ("2012-08-15", 0), ("2012-08-16", 1)]
)
def test_whole_months(end, expected):
    assert whole_months(date(2012, 7, 16), date.fromisoformat(end)) == expected


@given(
    st.dates(date(1990, 1, 1), date(2080, 1, 1)),
    st.integers(1, 31),
    st.sampled_from([c for c in Cycle.values if c != "one_time"]),
    st.integers(0, 100),
)
def test_periods_tile(anchor, day, cycle, index):
    this, following = period(anchor, day, cycle, index), period(anchor, day, cycle, index + 1)
    assert this.start < this.end == following.start
    assert this.days <= 31 * months(cycle)


def test_the_last_day_is_printed_inclusive():
    assert period(date(2024, 1, 31), 31, "monthly", 0).last_day == date(2024, 2, 28)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("instant", "expected"), [((2027, 3, 1, 0, 0), "2027-02-28"), ((2027, 3, 1, 5, 0), "2027-03-01")]
)
def test_days_are_the_sellers(instant, expected, monkeypatch):
    monkeypatch.setattr(clock, "_zone_source", lambda: "America/Bogota")
    monkeypatch.setattr(clock, "real_now", lambda: datetime(*instant, tzinfo=ZoneInfo("UTC")))
    assert clock.today().isoformat() == expected
