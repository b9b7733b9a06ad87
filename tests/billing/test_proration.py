"""Worked cases of proration: exact days, one rounding, nothing lost."""

from datetime import date
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.models.cycle import Cycle, Period
from billing.queries.proration import (
    THIRTY,
    credit_of,
    days,
    first_boundary,
    full_period_before,
    full_period_from,
    pieces,
    prorate,
    ratio,
    round_share,
    split_credit,
    total_ratio,
)


def day(text):
    return date.fromisoformat(text)


def span(start, end):
    return Period(day(start), day(end))


@pytest.mark.parametrize(
    ("start", "end", "bill_day", "cycle", "expected"),
    [
        ("2023-05-23", "2023-06-15", 15, "monthly", Fraction(23, 31)),
        ("2023-02-23", "2023-03-15", 15, "monthly", Fraction(20, 28)),
        ("2024-02-23", "2024-03-15", 15, "monthly", Fraction(21, 29)),
        ("2011-01-31", "2012-01-15", 15, "annual", Fraction(349, 365)),
        ("2011-01-10", "2012-03-04", 17, "annual", 1 + Fraction(7, 365) + Fraction(47, 366)),
        ("2012-03-02", "2012-03-31", 31, "monthly", Fraction(29, 31)),
        ("2016-06-01", "2016-06-15", 15, "monthly", Fraction(14, 31)),
        ("2016-07-15", "2016-08-10", 15, "monthly", Fraction(26, 31)),
        ("2023-02-01", "2023-02-13", 13, "monthly", Fraction(12, 31)),
        ("2023-01-31", "2023-05-31", 31, "monthly", Fraction(4)),
        ("2023-05-01", "2023-05-01", 1, "monthly", Fraction(0)),
    ],
)
def test_the_ratio_is_exact(start, end, bill_day, cycle, expected):
    assert total_ratio(day(start), day(end), bill_day, cycle) == expected


@pytest.mark.parametrize(
    ("amount", "piece", "full", "expected"),
    [
        ("249.95", ("2012-03-02", "2012-03-31"), ("2012-02-29", "2012-03-31"), "233.82"),
        ("249.95", ("2016-06-01", "2016-06-15"), ("2016-05-15", "2016-06-15"), "112.88"),
        ("249.95", ("2016-07-15", "2016-08-10"), ("2016-07-15", "2016-08-15"), "209.64"),
        ("29.95", ("2017-02-15", "2017-03-01"), ("2017-02-01", "2017-03-01"), "14.98"),
        ("-599.95", ("2012-05-07", "2012-06-01"), ("2012-05-01", "2012-06-01"), "-483.83"),
        ("9.95", ("2012-05-07", "2012-06-01"), ("2012-05-01", "2012-06-01"), "8.02"),
        ("599.95", ("2016-05-05", "2016-05-10"), ("2016-04-10", "2016-05-10"), "99.99"),
        ("-249.95", ("2016-05-05", "2016-06-01"), ("2016-05-01", "2016-06-01"), "-217.70"),
        ("-10", ("2023-04-16", "2023-05-01"), ("2023-04-01", "2023-05-01"), "-5.00"),
        ("20", ("2023-04-16", "2023-05-01"), ("2023-04-01", "2023-05-01"), "10.00"),
        ("10.00", ("2023-01-31", "2023-02-01"), ("2023-01-01", "2023-02-01"), "0.32"),
        ("910.00", ("2023-05-20", "2023-06-21"), ("2023-04-01", "2023-07-01"), "320.00"),
        ("100000.00", ("2023-03-18", "2023-04-01"), ("2023-03-01", "2023-04-01"), "45161.29"),
    ],
)
def test_money_is_rounded_once(amount, piece, full, expected):
    assert prorate(D(amount), span(*piece), span(*full), "USD") == D(expected)


@pytest.mark.parametrize(
    ("start", "end", "expected_days", "expected"),
    [
        ("2023-02-15", "2023-02-23", 8, "5.32"),
        ("2023-03-15", "2023-03-23", 8, "5.32"),
        ("2023-02-23", "2023-03-15", 22, "14.63"),
    ],
)
def test_thirty_days_make_every_month_alike(start, end, expected_days, expected):
    piece = span(start, end)
    full = span("2023-02-15", "2023-03-15") if start < "2023-03-01" else span("2023-03-15", "2023-04-15")
    assert days(piece, THIRTY) == expected_days
    assert prorate(D("19.95"), piece, full, "USD", THIRTY) == D(expected)


def test_a_credit_mirrors_its_debit():
    assert round_share(D("10.05"), Fraction(1, 2), "USD") == D("5.03")
    assert round_share(D("-10.05"), Fraction(1, 2), "USD") == D("-5.03")


@pytest.mark.parametrize(("currency", "expected"), [("JPY", "334"), ("USD", "333.50"), ("KWD", "333.500")])
def test_each_currency_has_its_decimals(currency, expected):
    found = round_share(D("667"), Fraction(1, 2), currency)
    assert found == D(expected) and str(found) == expected


def test_what_was_taken_off_before_is_not_given_back():
    assert credit_of(D("249.95"), D("241.89"), D("10.00")) == D("239.95")
    assert credit_of(D("249.95"), D("200.00"), D("10.00")) == D("200.00")
    assert credit_of(D("249.95"), D("100.00"), D("300.00")) == D("0")
    assert credit_of(D("-5.00"), D("-4.00"), D("-2.00")) == D("-3.00")


def test_a_debt_is_reduced_before_credit_is_given():
    assert split_credit(D("30.00"), D("15.00")) == (D("15.00"), D("15.00"))
    assert split_credit(D("30.00"), D("90.00")) == (D("30.00"), D("0"))


def test_a_piece_outside_of_its_period_is_refused():
    with pytest.raises(ValueError):
        ratio(span("2023-05-01", "2023-06-02"), span("2023-05-01", "2023-06-01"))


def test_the_day_of_a_change_belongs_to_the_new_plan():
    """Used and unused days are all the days, whichever day it is."""
    month = span("2023-05-01", "2023-06-01")
    for number in range(1, 32):
        changed = date(2023, 5, number)
        assert ratio(Period(month.start, changed), month) + ratio(Period(changed, month.end), month) == 1


RECURRING = [cycle.value for cycle in Cycle if cycle != Cycle.ONE_TIME]


@given(
    st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(1, 1200), st.integers(1, 31), st.sampled_from(RECURRING)
)
def test_pieces_tile(start, length, bill_day, cycle):
    end = date.fromordinal(start.toordinal() + length)
    found = pieces(start, end, bill_day, cycle)
    assert found[0].period.start == start and found[-1].period.end == end
    for before, after in zip(found, found[1:], strict=False):
        assert before.period.end == after.period.start
    assert all(0 < piece.ratio <= 1 for piece in found)
    assert all(piece.ratio == 1 for piece in found[1:-1])


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(1, 31), st.sampled_from(RECURRING))
def test_a_stub_belongs_to_the_period_that_ends_with_it(start, bill_day, cycle):
    end = first_boundary(start, bill_day, cycle)
    full = full_period_before(end, bill_day, cycle)
    assert start < end and full.start <= start
    assert full_period_from(full.start, bill_day, cycle) == full


@given(
    st.decimals(-(10**6), 10**6, places=4),
    st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    st.integers(1, 31),
    st.sampled_from(RECURRING),
    st.data(),
    st.sampled_from(["JPY", "USD", "KWD"]),
)
def test_used_and_unused_are_the_whole_within_a_minor_unit(amount, start, bill_day, cycle, data, currency):
    start = first_boundary(start, bill_day, cycle)
    full = full_period_from(start, bill_day, cycle)
    cut = date.fromordinal(start.toordinal() + data.draw(st.integers(0, full.days)))
    parts = [prorate(amount, Period(*ends), full, currency) for ends in ((full.start, cut), (cut, full.end))]
    unit = D(1).scaleb(parts[0].as_tuple().exponent)
    assert abs(sum(parts) - prorate(amount, full, full, currency)) <= unit
