"""Discounts as arithmetic: the worked cases, and the rules that decide all others."""

from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.queries.discount import BASE, OPTION, SETUP, Charged, Cut, after_period, reductions, shares
from hostbill.core.money import Money, round_amount


def cut(kind="percent", value=None, key="promo:1", **more):
    """A discount with its one figure."""
    names = {"percent": "percent", "fixed": "amount", "override": "amount", "free_months": "months_left"}
    figure = {names[kind]: value if kind == "free_months" else D(value)} if kind in names else {}
    return Cut(key=key, kind=kind, name="Off", **figure, **more)


def taken(charged, *cuts, currency="EUR", cycle="monthly", **more):
    """What is taken off, by discount."""
    lines = [Charged(role, D(amount)) for role, amount in charged]
    return [str(amount) for _cut, amount in reductions(lines, cuts, currency=currency, cycle=cycle, **more)]


@pytest.mark.parametrize(
    ("total", "nets", "parts"),
    [
        ("10.00", ["100.00", "50.00", "30.00", "20.00"], ["5.00", "2.50", "1.50", "1.00"]),  # T9
        ("250.00", ["399.00"], ["250.00"]),  # T11: only the plan it is for
        ("10.00", ["9.00", "9.00", "9.00"], ["3.34", "3.33", "3.33"]),
        ("120.00", ["100.00"], ["120.00"]),  # T31: `reductions` takes no more than there is
        ("5.00", ["0.00", "0.00"], ["2.50", "2.50"]),
        ("5.00", ["0.00", "20.00"], ["0.00", "5.00"]),
    ],
)
def test_an_amount_is_spread_by_net(total, nets, parts):
    assert [str(part.amount) for part in shares(Money(D(total), "EUR"), [D(net) for net in nets])] == parts


@pytest.mark.parametrize(
    ("charged", "cuts", "currency", "expected"),
    [
        ([(BASE, "10.05")], [cut("percent", "50")], "EUR", ["5.03"]),  # T25: half up
        ([(BASE, "100.00")], [cut("fixed", "10"), cut("fixed", "110", key="promo:2")], "EUR", ["10.00", "90.00"]),  # T31
        ([(BASE, "9998")], [cut("percent", "12.5")], "JPY", ["1250"]),
        ([(BASE, "12.345")], [cut("percent", "10")], "KWD", ["1.235"]),
        ([(BASE, "10.00"), (OPTION, "5.00")], [cut("percent", "10")], "EUR", ["1.50"]),
        ([(BASE, "10.00"), (OPTION, "5.00")], [cut("percent", "10", includes_options=False)], "EUR", ["1.00"]),
        ([(BASE, "10.00"), (SETUP, "20.00")], [cut("percent", "10")], "EUR", ["1.00"]),
        ([(BASE, "10.00"), (SETUP, "20.00")], [cut("percent", "10", includes_setup=True)], "EUR", ["3.00"]),
        ([(BASE, "10.00"), (SETUP, "20.00")], [cut("free_setup")], "EUR", ["20.00"]),
        ([(BASE, "10.00"), (OPTION, "5.00")], [cut("override", "4.00")], "EUR", ["6.00"]),
        ([(BASE, "3.00")], [cut("override", "4.00")], "EUR", []),  # never dearer
        ([(BASE, "0.00")], [cut("percent", "50")], "EUR", []),
        ([(BASE, "10.00")], [cut("percent", "50", periods_left=0)], "EUR", []),
    ],
)
def test_what_each_kind_takes_off(charged, cuts, currency, expected):
    assert taken(charged, *cuts, currency=currency) == expected


def test_each_works_on_what_those_before_it_left():
    """A price of its own, then percents, then amounts, whatever the order in which they were entered."""
    cuts = [cut("fixed", "1", key="a"), cut("percent", "10", key="b"), cut("override", "20", key="c")]
    assert taken([(BASE, "30.00")], *cuts) == ["10.00", "2.00", "1.00"]


@pytest.mark.parametrize(
    ("cycle", "months", "each"),
    [("monthly", 2, ["12.00", "12.00", None]), ("quarterly", 4, ["12.00", "4.00", None]), ("annual", 3, ["3.00", None])],
)
def test_free_months_by_cycle(cycle, months, each):
    """Three free months of a year are a quarter of its price; of a monthly service, three periods."""
    offer = cut("free_months", months, periods_left=None)
    for expected in each:
        assert taken([(BASE, "12.00")], offer, cycle=cycle) == ([expected] if expected else [])
        periods, left = after_period(offer, cycle)
        offer = cut("free_months", left, periods_left=periods)


def test_periods_run_out():
    assert after_period(cut("percent", "10", periods_left=2), "monthly") == (1, None)
    assert after_period(cut("percent", "10", periods_left=None), "monthly") == (None, None)


def test_a_price_of_its_own_is_prorated_in_a_stub():
    assert taken([(BASE, "5.00")], cut("override", "8.00"), share=Fraction(1, 2)) == ["1.00"]
    assert taken([(BASE, "20.00")], cut("override", "8.00"), quantity=2) == ["4.00"]


amounts = st.integers(0, 10**9)
kinds = st.one_of(
    st.builds(lambda v: cut("percent", D(v) / 100, includes_setup=True), st.integers(1, 10000)),
    st.builds(lambda v: cut("fixed", D(v) / 100), amounts),
    st.builds(lambda v: cut("override", D(v) / 100), amounts),
    st.builds(lambda v: cut("free_months", v), st.integers(1, 40)),
    st.just(cut("free_setup")),
)


@given(st.lists(amounts, min_size=1, max_size=5), st.lists(kinds, max_size=4), st.sampled_from(["JPY", "EUR", "KWD"]))
def test_never_more_than_there_is(units, cuts, currency):
    """In every currency: whole minor units, each above zero, together at most what is charged."""
    roles = [BASE, OPTION, SETUP, OPTION, OPTION]
    lines = [Charged(role, Money.from_minor(unit, currency).amount) for role, unit in zip(roles, units, strict=False)]
    found = reductions(lines, cuts, currency=currency, cycle="annual")
    assert all(amount > 0 and amount == round_amount(amount, currency) for _cut, amount in found)
    assert sum((amount for _cut, amount in found), D(0)) <= sum(line.amount for line in lines)


@given(amounts, st.lists(amounts, min_size=1, max_size=8), st.sampled_from(["JPY", "EUR", "KWD"]))
def test_shares_are_the_whole(total, nets, currency):
    weights = [Money.from_minor(net, currency).amount for net in nets]
    whole = Money.from_minor(total, currency)
    assert sum((part.amount for part in shares(whole, weights)), D(0)) == whole.amount
