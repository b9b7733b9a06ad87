"""Prices that hold from a day on, lists for groups, and changes of many running services at once."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from billing.actions.price_list import create_price_list, remove_price, set_price
from billing.actions.price_update import (
    begin_price_update,
    create_price_update,
    schedule_price,
    withdraw_price_update,
    work_on,
)
from billing.actions.product import set_prices
from billing.actions.renewal import raise_renewals
from billing.actions.subscription import change_price
from billing.models import PriceUpdate, ScheduledPrice
from billing.queries.price import coming_prices, price_for, usual_prices
from billing.queries.price_update import preview
from clients.models import ClientGroup
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Message
from hostbill.core.money import Money
from tests.billing.factories import active_subscription, make_product

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def day(monkeypatch):
    """15 January 2026, until a test says otherwise."""

    def be(text):
        monkeypatch.setattr(clock, "now", lambda: clock.start_of(date.fromisoformat(text)) + timedelta(hours=12))

    be("2026-01-15")
    return be


def cost(product, client=None, on=None, cycle="monthly"):
    """What a new order pays."""
    price = price_for(product, "EUR", cycle, client, on)
    return str(price.money.amount) if price else None


def enter(product, amount, **more):
    """One usual monthly price in euros."""
    return set_price(
        product, currency="EUR", cycle="monthly", amount=D(amount), setup_amount=D(0), actor=SYSTEM, **more
    )


def test_a_price_holds_from_its_day_on():
    product = make_product()
    enter(product, "12", valid_from=MARCH)
    assert (cost(product), cost(product, on=date(2026, 2, 28)), cost(product, on=MARCH)) == ("10.00", "10.00", "12.00")
    assert [price.amount for price in coming_prices(product)] == [12]


def test_the_grid_writes_over_the_price_in_force_only(day):
    product = make_product(prices={"monthly": ("10.00", "0")})
    enter(product, "12", valid_from=MARCH)
    set_prices(product, {("EUR", "monthly"): (D(11), D(0))}, actor=SYSTEM)
    assert (cost(product), cost(product, on=MARCH)) == ("11.00", "12.00")
    day("2026-03-02")
    assert usual_prices(product)["EUR", "monthly"].amount == 12
    set_prices(product, {}, actor=SYSTEM)  # not sold so any more: the older price must not come back
    assert cost(product) is None


def test_the_list_of_the_group_comes_first(cast):
    product, group = make_product(), ClientGroup.objects.create(name="Resellers")
    everybody = create_price_list(name="All", currency="EUR", actor=SYSTEM)
    theirs = create_price_list(name="Theirs", currency="EUR", client_group=group, actor=SYSTEM)
    enter(product, "9", price_list=everybody)
    enter(product, "7", price_list=theirs)
    cast.alice_client.group = group
    assert (cost(product), cost(product, cast.charlie_client), cost(product, cast.alice_client)) == ("9.00", "9.00", "7.00")
    assert cost(product, cast.alice_client, cycle="annual") == "100.00"  # what a list does not price
    remove_price(theirs.prices.get(), actor=SYSTEM)
    assert cost(product, cast.alice_client) == "9.00"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda product: enter(product, "-1"), "negative"),
        (lambda product: enter(product, "1", valid_from=date(2026, 1, 15)), "past"),
        (lambda product: remove_price(product.prices.first(), actor=SYSTEM), "in_force"),
        (lambda product: [create_price_list(name=name, currency="EUR", actor=SYSTEM) for name in "AB"], "taken"),
    ],
)
def test_senseless_prices_are_refused(act, code):
    with pytest.raises(AppError) as refusal:
        act(make_product())
    assert refusal.value.code == code


def update(**fields):
    """Five percent on top from March on."""
    values = {"name": "Spring", "how": "percent", "percent": D(5), "currency": "EUR", "starts_on": MARCH, **fields}
    return create_price_update(actor=SYSTEM, **values)


def run(row, times=1):
    """Begun and worked through, perhaps more than once."""
    begin_price_update(row, actor=SYSTEM)
    for _count in range(times):
        assert work_on(row.pk, 60)
    row.refresh_from_db()
    return row


def test_everybody_is_counted_told_and_raised_once(cast):
    product = make_product()
    first, second = active_subscription(cast.alice_client, product), active_subscription(cast.alice_client, product)
    other = active_subscription(cast.charlie_client, product, cycle="annual")
    row = update(reason="Electricity costs more.")
    seen = preview(row)
    assert (seen.services, seen.clients, str(seen.a_month.amount)) == (3, 2, "1.42")  # 2 x 0.50 + 5.00 / 12
    run(row, times=2)
    assert (row.state, row.entered_count, row.told_count) == ("done", 3, 2)
    mails = Message.objects.filter(kind="billing.price_change")
    assert mails.count() == 2 and "Electricity costs more." in mails.first().text
    assert {str(item.money.amount) for item in ScheduledPrice.objects.all()} == {"10.50", "105.00"}
    (invoice,) = raise_renewals(first.account, until=date(2026, 2, 20), actor=SYSTEM)
    assert str(invoice.net.amount) == "20.00"  # the period from 15 February costs what it did
    (invoice,) = raise_renewals(first.account, until=date(2026, 3, 20), actor=SYSTEM)
    assert str(invoice.net.amount) == "21.00"
    second.refresh_from_db(), other.refresh_from_db()
    assert (second.price_amount, other.price_amount) == (D("10.5"), 100)


def test_prices_of_their_own_stay(cast):
    row = active_subscription(cast.alice_client)
    change_price(row, price=Money(D(8), "EUR"), actor=SYSTEM, reason="friend")
    assert preview(update()).services == 0
    assert preview(update(skips_overrides=False)).services == 1


def test_to_the_catalogue_of_that_day_with_the_groups_list(cast):
    product, group = make_product(), ClientGroup.objects.create(name="Resellers")
    cast.alice_client.group = group
    cast.alice_client.save()
    theirs = create_price_list(name="Theirs", currency="EUR", client_group=group, actor=SYSTEM)
    active_subscription(cast.charlie_client, product), active_subscription(cast.alice_client, product)
    enter(product, "12", valid_from=MARCH)
    enter(product, "7", price_list=theirs)
    seen = preview(update(how="list"))
    assert sorted(str(bucket.new.amount) for bucket in seen.buckets) == ["12.00", "7.00"]


def test_withdrawn_before_its_day_nothing_changes(cast):
    subscription = active_subscription(cast.alice_client)
    withdraw_price_update(run(update()), actor=SYSTEM, reason="mistake")
    (invoice, later) = raise_renewals(subscription.account, until=date(2026, 3, 20), actor=SYSTEM)
    assert invoice.net == later.net and not ScheduledPrice.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"percent": None}, "percent"),
        ({"percent": D(-101)}, "percent"),
        ({"how": "exact"}, "amount"),
        ({"how": "exact", "amount": D(-1)}, "amount"),
        ({"starts_on": date(2026, 2, 1)}, "starts_on"),
    ],
)
def test_senseless_changes_are_refused(fields, field):
    with pytest.raises(AppError) as refusal:
        update(**fields)
    assert refusal.value.field == field


def test_nothing_becomes_negative(cast):
    active_subscription(cast.alice_client)
    (bucket,) = preview(update(how="amount", amount=D(-50))).buckets
    assert str(bucket.new.amount) == "0.00"


def test_begun_twice_is_refused(cast):
    row = run(update())
    with pytest.raises(AppError):
        begin_price_update(row, actor=SYSTEM)
    assert PriceUpdate.objects.get().state == "done"


def test_one_subscription_from_a_day_on(cast):
    subscription = active_subscription(cast.alice_client)
    schedule_price(subscription, price=Money(D(8), "EUR"), starts_on=date(2026, 2, 1), actor=SYSTEM, reason="friend")
    (invoice,) = raise_renewals(subscription.account, until=date(2026, 2, 20), actor=SYSTEM)
    assert str(invoice.net.amount) == "8.00"
    with pytest.raises(AppError):
        schedule_price(subscription, price=Money(D(8), "EUR"), starts_on=date(2026, 1, 15), actor=SYSTEM, reason="x")
