"""Bill days, trials, limited terms and addons: which periods there are, and what pieces of them cost."""

from datetime import date
from decimal import Decimal as D

import pytest

from billing.actions.cancellation import cancel_subscription
from billing.actions.cart import Belongs, add_line, create_cart, remove_line, set_addons, update_line
from billing.actions.order import place_order
from billing.jobs import end_cancelled_subscriptions, raise_renewal_invoices
from billing.models import CartLine, Invoice, InvoiceLine, Subscription
from billing.queries.books import verify
from billing.queries.planned import plan
from billing.queries.quote import quote
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun
from tests.billing.factories import make_product, pay, subscription_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(set_day):
    return set_day


@pytest.fixture
def charlie(cast):
    return cast.charlie_client


def planned(start, cycle="monthly", price="10.00", setup="0", **fields):
    """What an order on the day becomes."""
    product = make_product(**fields)
    row = CartLine(product=product, cycle=cycle, quantity=1)
    return plan(row, (D(price), D(setup), False, False), currency="EUR", today=date.fromisoformat(start))


def spans(lines):
    return [f"{line.period.start} {line.period.end}" for line in lines]


@pytest.mark.parametrize(
    ("start", "cycle", "bill_day", "expected", "days"),
    [
        ("2012-01-31", "monthly", 30, "2012-02-29", "29 30"),
        ("2012-01-31", "annual", 30, "2013-01-30", "365 366"),  # D11
        ("2012-07-16", "monthly", 15, "2012-08-15", "30 31"),  # D13
        ("2012-04-30", "monthly", 31, "2012-05-31", "31 31"),  # D15: 30 April is the last day already
        ("2023-05-23", "monthly", 15, "2023-06-15", "23 31"),  # P1
        ("2023-02-23", "monthly", 15, "2023-03-15", "20 28"),  # P3
        ("2024-02-23", "monthly", 15, "2024-03-15", "21 29"),  # P3
        ("2011-01-31", "annual", 15, "2012-01-15", "349 365"),  # P7
        ("2011-01-10", "annual", 17, "2011-01-17", "7 365"),  # P9, first part
        ("2012-03-02", "monthly", 31, "2012-03-31", "29 31"),  # P11
        ("2016-06-01", "monthly", 15, "2016-06-15", "14 31"),  # P13
        ("2016-07-15", "monthly", 10, "2016-08-10", "26 31"),  # P13
        ("2024-02-29", "monthly", 31, "2024-03-31", "31 31"),
        ("2024-05-20", "quarterly", 1, "2024-08-01", "73 92"),
    ],
)
def test_first_period_of_calendar_billing(start, cycle, bill_day, expected, days):
    subscription = planned(start, cycle, bill_day=bill_day).subscription
    piece = subscription.period(0)
    assert (str(piece.start), str(piece.end)) == (start, expected)
    assert f"{piece.days} {subscription.full_period(piece.start).days}" == days
    assert str(subscription.next_due_on) == expected


@pytest.mark.parametrize(
    ("start", "bill_day", "price", "expected"),
    [
        ("2012-03-02", 31, "249.95", "233.82"),  # P11
        ("2016-06-01", 15, "249.95", "112.88"),  # P13
        ("2016-07-15", 10, "249.95", "209.64"),  # P13
        ("2016-06-15", 15, "249.95", "249.95"),
    ],
)
def test_price_of_a_stub(start, bill_day, price, expected):
    (line,) = planned(start, price=price, bill_day=bill_day, setup="0").first_lines
    assert line.unit_amount * line.quantity == D(expected)


def test_setup_is_never_prorated():
    lines = planned("2016-06-01", setup="20.00", bill_day=15, trial_days=0).first_lines
    assert [(line.kind, line.unit_amount) for line in lines] == [("recurring", D("4.52")), ("setup", D("20.00"))]


@pytest.mark.parametrize(
    ("start", "bill_day", "from_day", "expected"),
    [
        ("2026-01-19", 1, 20, ["2026-01-19 2026-02-01"]),
        ("2026-01-20", 1, 20, ["2026-01-20 2026-02-01", "2026-02-01 2026-03-01"]),
        ("2026-02-28", 1, 31, ["2026-02-28 2026-03-01", "2026-03-01 2026-04-01"]),
        ("2026-01-20", 15, 10, ["2026-01-20 2026-02-15"]),
        ("2026-02-12", 15, 10, ["2026-02-12 2026-02-15", "2026-02-15 2026-03-15"]),
        ("2026-02-01", 1, 1, ["2026-02-01 2026-03-01"]),  # a whole period is charged alone
    ],
)
def test_charge_the_next_month_too(start, bill_day, from_day, expected):
    found = planned(start, bill_day=bill_day, charge_next_from_day=from_day)
    assert spans(found.first_lines) == expected
    assert str(found.subscription.next_due_on) == expected[-1].split()[1]
    assert found.subscription.period_index == len(expected)


def test_trial_then_the_paid_stub():
    """P27: 100,000.00, 13 days free, then 14 of 31 days."""
    found = planned("2022-08-05", price="100000.00", trial_days=13, bill_day=1)
    assert [(line.unit_amount, str(line.period.end)) for line in found.first_lines] == [(D(0), "2022-08-18")]
    (line,) = found.next_lines
    assert (line.unit_amount, spans([line])) == (D("45161.29"), ["2022-08-18 2022-09-01"])


def test_trial_of_an_anniversary_product():
    found = planned("2026-01-17", trial_days=14)
    assert found.subscription.anchor_day == 31
    assert [str(found.subscription.due_on(index)) for index in range(3)] == ["2026-01-31", "2026-02-28", "2026-03-31"]


@pytest.mark.parametrize(
    ("fields", "ends"),
    [
        ({"cycles_limit": 3}, "2026-04-15"),
        ({"cycles_limit": 3, "bill_day": 1}, "2026-05-01"),  # three full periods after the short one
        ({"terminate_after_days": 45}, "2026-03-01"),
        ({"terminate_after_days": 45, "cycles_limit": 1}, "2026-02-15"),
        ({"trial_days": 10, "cycles_limit": 1}, "2026-02-25"),
    ],
)
def test_ends_by_itself(fields, ends):
    assert str(planned("2026-01-15", **fields).subscription.ends_on) == ends


def test_the_last_piece_costs_its_days():
    """P9: an annual price for 1 year, 7 of 365 and 47 of 366 days."""
    found = planned("2011-01-10", "annual", price="1000.00", bill_day=17, terminate_after_days=(date(2012, 3, 4) - date(2011, 1, 10)).days)
    row, lines = found.subscription, list(found.first_lines)
    while row.next_due_on:
        lines += found.next_lines
        row.move_to(row.period_index + 1)
    assert spans(lines) == ["2011-01-10 2011-01-17", "2011-01-17 2012-01-17", "2012-01-17 2012-03-04"]
    assert [line.unit_amount for line in lines] == [D("19.18"), D("1000.00"), D("128.42")]


def order(client, cart):
    total = quote(cart, client=client, country=str(client.country)).total.amount
    return place_order(cart, client=client, actor=SYSTEM, idempotency_key=f"o-{cart.pk}", expected_total=total)


def cart_with(product, cycle="monthly"):
    cart = create_cart(currency="EUR", actor=SYSTEM)
    return cart, add_line(cart, product=product, cycle=cycle, answers={}, actor=SYSTEM)


def run(job):
    report = Report(JobRun(name="test", slot=clock.now()))
    job(clock.now(), report)
    assert not report.failures


def test_a_trial_is_free_once_then_billed(charlie, today):
    today("2027-03-05")
    product = make_product(trial_days=10, bill_day=1)
    first = order(charlie, cart_with(product)[0])
    assert (first.invoice.state, first.total_amount, first.invoice.lines.count()) == ("paid", 0, 1)
    subscription = subscription_of(first)
    assert (subscription.state, str(subscription.next_due_on)) == ("active", "2027-03-15")
    today("2027-03-15")
    run(raise_renewal_invoices)
    lines = InvoiceLine.objects.filter(invoice__kind="renewal").order_by("period_start")
    assert [(str(line.period_start), line.net_amount) for line in lines][:1] == [("2027-03-15", D("5.48"))]  # 17 of 31 days
    second = order(charlie, cart_with(product)[0])
    assert second.total_amount > 0
    assert not list(verify())


def test_limited_periods_end_without_anybody(charlie, today):
    today("2027-01-31")
    subscription = subscription_of(order(charlie, cart_with(make_product(cycles_limit=2))[0]))
    pay(Invoice.objects.get())
    for day in ("2027-02-28", "2027-03-31", "2027-04-30"):
        today(day)
        run(raise_renewal_invoices)
        run(end_cancelled_subscriptions)
    subscription.refresh_from_db()
    assert (subscription.state, str(subscription.ended_on)) == ("ended", "2027-03-31")
    assert InvoiceLine.objects.filter(kind="recurring").count() == 2
    assert not list(verify())


@pytest.fixture
def family(db):
    """A product and an addon paid in its cycle, and another with a cycle of its own."""
    parent, follower, other = make_product(), make_product(follows_parent=True), make_product()
    follower.parents.add(parent)
    other.parents.add(parent)
    return parent, follower, other


def test_addons_are_subscriptions_of_their_parent(charlie, family, today):
    today("2027-01-10")
    parent, follower, other = family
    cart, line = cart_with(parent, "annual")
    set_addons(line, {follower.pk: "monthly", other.pk: "monthly"}, actor=SYSTEM)
    assert {row.product_id: row.cycle for row in line.addons.all()} == {follower.pk: "annual", other.pk: "monthly"}
    update_line(line, cycle="monthly", actor=SYSTEM)
    update_line(line, cycle="annual", actor=SYSTEM)
    assert {row.product_id: row.cycle for row in line.addons.all()} == {follower.pk: "annual", other.pk: "monthly"}
    pay(order(charlie, cart).invoice)
    above = Subscription.objects.get(product=parent)
    assert set(above.addons.values_list("state", flat=True)) == {"active"}
    cancel_subscription(above, when="end", reason="x", actor=SYSTEM)
    assert {str(day) for day in above.addons.values_list("cancel_on", flat=True)} == {"2028-01-10"}
    today("2028-01-10")
    run(end_cancelled_subscriptions)
    assert set(Subscription.objects.values_list("state", flat=True)) == {"ended"}


def test_an_addon_ordered_later_ends_its_periods_with_its_parents(charlie, family, today):
    today("2027-03-15")
    parent, follower, _other = family
    cart, _line = cart_with(parent, "annual")
    above = subscription_of(order(charlie, cart))
    pay(Invoice.objects.get())
    above.refresh_from_db()
    today("2027-07-10")
    cart = create_cart(currency="EUR", actor=SYSTEM, client=charlie)
    add_line(cart, product=follower, cycle="monthly", answers={}, belongs=Belongs(subscription=above), actor=SYSTEM)
    later = order(charlie, cart)
    addon = subscription_of(later)
    # 249 of 366 days until 15 March 2028, of 100.00
    assert (addon.cycle, str(addon.next_due_on), later.total_amount) == ("annual", "2028-03-15", D("68.03"))
    pay(later.invoice)
    assert addon.parent == above
    assert not list(verify())


def test_an_addon_is_not_sold_alone(family):
    cart = create_cart(currency="EUR", actor=SYSTEM)
    for wrong in ({}, {"belongs": Belongs(line=cart_with(make_product())[1])}):
        with pytest.raises(AppError) as error:
            add_line(cart, product=family[1], cycle="monthly", answers={}, actor=SYSTEM, **wrong)
        assert error.value.code == "no_parent"


def test_a_line_leaves_with_its_addons(family):
    cart, line = cart_with(family[0])
    set_addons(line, {family[1].pk: "monthly"}, actor=SYSTEM)
    remove_line(line, actor=SYSTEM)
    assert not cart.lines.exists()
