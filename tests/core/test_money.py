"""Money rounds once, half up, and its parts sum to the whole."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostbill.core.money import CurrencyMismatch, Money, format_money, round_amount


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("5.025", "EUR", "5.03"), ("-5.025", "EUR", "-5.03"), ("0.5", "JPY", "1"), ("1.0005", "KWD", "1.001")],
)
def test_rounds_half_away_from_zero_at_the_currencys_exponent(amount, currency, expected):
    assert round_amount(D(amount), currency) == D(expected)


def test_no_arithmetic_across_currencies():
    with pytest.raises(CurrencyMismatch):
        Money(D(1), "EUR") + Money(D(1), "USD")


def test_floats_are_refused():
    with pytest.raises(TypeError):
        Money(1.5, "EUR")


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(sum),
    st.sampled_from(["JPY", "EUR", "KWD"]),
)
def test_allocated_parts_sum_to_the_whole(units, weights, currency):
    whole = Money.from_minor(units, currency)
    parts = whole.allocate(weights)
    assert sum(parts, Money.zero(currency)) == whole
    assert all(part.is_zero for part, weight in zip(parts, weights, strict=True) if weight == 0)


def test_minor_units_round_trip():
    assert Money(D("12.34"), "EUR").to_minor() == 1234
    assert Money.from_minor(1234, "JPY") == Money(D(1234), "JPY")


def test_formats_for_the_reader():
    assert format_money(Money(D("1234.5"), "EUR"), "en") == "€1,234.50"
    assert "1.234,50" in format_money(Money(D("1234.5"), "EUR"), "de")
