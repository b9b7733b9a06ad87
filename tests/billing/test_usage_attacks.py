"""Metered use against those who send too much, too late, twice at once, or for somebody else; and what happens to a service meanwhile."""

from decimal import Decimal as D

import pytest

from billing.actions.cancellation import cancel_subscription
from billing.actions.change import request_change
from billing.actions.pause import pause_subscription
from billing.actions.transfer import accept_transfer, offer_transfer
from billing.actions.usage import UsageEvent, record_usage
from billing.jobs import begin_changes, close_months_of_use, end_cancelled_subscriptions, raise_renewal_invoices
from billing.models import BillableItem, InvoiceLine, UsagePeriod, UsageRecord
from billing.queries.books import verify
from billing.queries.wish import Wish
from clients.actions.merge import merge_clients
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun
from tests.billing.factories import (
    active_subscription,
    make_metric,
    make_order,
    make_product,
    pay,
    subscription_of,
    use,
)
from tests.billing.test_races import at_once, bugs
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


def run(*jobs):
    """Each job, as the night does."""
    for job in jobs or (close_months_of_use, begin_changes, raise_renewal_invoices):
        report = Report(JobRun(name="test"))
        job(clock.now(), report)
        assert not report.failures, report.failures


@pytest.fixture
def metered(cast, today):
    """Alice's service since 1 May 2027, monthly at 10.00, with traffic at 0.50 beyond 10 GB."""
    product = make_product()
    make_metric(product)
    return active_subscription(cast.alice_client, product)


def lines():
    return list(InvoiceLine.objects.filter(kind="usage").select_related("invoice").order_by("pk"))


@pytest.mark.django_db(transaction=True)
def test_one_event_sent_five_times_by_two_at_once_counts_once():
    """U7."""
    product = make_product()
    make_metric(product)
    service = active_subscription(ClientFactory(), product)
    event = UsageEvent("one", product.metrics.get(), D("3"), clock.now())
    results = at_once(*[lambda: record_usage(service, [event, event], actor=SYSTEM)] * 5)
    assert bugs(results) == []
    assert sum(len(done.rows) for done in results) == 1 and UsageRecord.objects.count() == 1


@pytest.mark.parametrize("quantity", ["99999999999999.9999", "20000000001"])
def test_what_no_invoice_could_hold_is_refused(metered, quantity):
    with pytest.raises(AppError) as refusal:
        use(metered, quantity)
    assert refusal.value.code == "too_much"
    assert not UsageRecord.objects.exists()


def test_the_most_that_is_taken_can_be_invoiced(metered, today):
    use(metered, "20000000000")
    today("2027-06-24")
    run()
    assert lines()[0].net_amount == D("9999999995.00") and verify() == []


def test_the_metric_of_another_product_is_refused(metered):
    other = make_metric(make_product())
    with pytest.raises(AppError) as refusal:
        use(metered, "1", metric=other)
    assert refusal.value.code == "other_product"


def test_use_before_a_hand_over_is_not_the_takers(metered, cast, today):
    early = clock.now()
    today("2027-05-20")
    metered = accept_transfer(offer_transfer(metered, to_client=cast.charlie_client, actor=SYSTEM), actor=SYSTEM)
    with pytest.raises(AppError) as refusal:
        use(metered, "50", early)
    assert refusal.value.code == "handed_over"
    use(metered, "50")
    today("2027-06-24")
    run()
    assert [line.invoice.client_id for line in lines()] == [cast.charlie_client.pk]


def test_recorded_by_a_stale_row_after_a_hand_over(metered, cast, today):
    """What was read before is not what is locked: it is looked at anew."""
    stale = type(metered).objects.select_related("account").get(pk=metered.pk)
    today("2027-05-20")
    accept_transfer(offer_transfer(metered, to_client=cast.charlie_client, actor=SYSTEM), actor=SYSTEM)
    with pytest.raises(AppError) as refusal:
        record_usage(stale, [UsageEvent("a", stale.product.metrics.get(), D(1), clock.now())], actor=SYSTEM)
    assert refusal.value.code == "not_running"


def test_a_plan_changed_in_the_middle_charges_each_by_its_own_prices(metered, today, drain):
    """12 GB by the old plan (2 beyond), then 30 by the new one (10 beyond, at 0.20); a late event of the old days is of the old plan."""
    big = make_product(prices={"monthly": ("20.00", "0")})
    make_metric(big, included="20", tiers=[("0", "0.20")])
    old, early = metered.product.metrics.get(), clock.now()
    use(metered, "12")
    today("2027-05-11")
    pay(request_change(metered, Wish(product_id=big.pk), when="now", actor=SYSTEM, for_staff=True).invoice)
    drain()
    metered.refresh_from_db()
    use(metered, "30", metric=big.metrics.get())
    use(metered, "1", early, metric=old)
    today("2027-06-24")
    run()
    assert [line.net_amount for line in lines()] == [D("1.50"), D("2.00")]
    assert verify() == []


def test_another_billing_day_in_the_middle(metered, today, drain):
    use(metered, "12")
    today("2027-05-05")
    asked = request_change(metered, Wish(anchor_day=20), when="now", actor=SYSTEM, for_staff=True)
    if asked.invoice and asked.invoice.open_amount:
        pay(asked.invoice)
    drain()
    metered.refresh_from_db()
    use(metered, "4")
    for day in ("2027-05-20", "2027-06-19", "2027-06-20"):
        today(day)
        run()
    assert [(str(row.starts_on), str(row.ends_on), row.quantity) for row in UsagePeriod.objects.order_by("starts_on")] == [
        ("2027-05-01", "2027-05-20", D(16))
    ]
    assert verify() == []


def test_merged_with_use_that_is_open_and_use_that_waits(metered, cast, today):
    use(metered, "12")
    today("2027-06-02")
    run(close_months_of_use)
    use(metered, "14")
    assert BillableItem.objects.get().state == "open"
    merge_clients(cast.alice_client, into=cast.charlie_client, actor=SYSTEM)
    for day in ("2027-06-24", "2027-07-02", "2027-07-24"):
        today(day)
        run()
    charlie = cast.charlie_client.pk
    assert [(line.invoice.client_id, line.net_amount) for line in lines()] == [(charlie, D("1.00")), (charlie, D("2.00"))]
    assert verify() == []


def test_a_free_plan_charges_its_use(cast, today):
    product = make_product(prices={"monthly": ("0.00", "0")})
    make_metric(product)
    service = subscription_of(make_order(cast.alice_client, product))
    use(service, "12")
    for day in ("2027-06-01", "2027-06-24", "2027-07-01", "2027-07-05"):
        today(day)
        run()
    assert [line.net_amount for line in lines()] == [D("1.00")] and verify() == []


def test_paused_the_use_before_is_charged(metered, today):
    use(metered, "12")
    today("2027-05-10")
    pause_subscription(metered, until=None, reason="holiday", actor=SYSTEM)
    for day in ("2027-06-01", "2027-06-24", "2027-07-01", "2027-07-10"):
        today(day)
        run()
    assert [line.net_amount for line in lines()] == [D("1.00")] and verify() == []


def test_cancelled_at_the_end_of_its_month(metered, today):
    use(metered, "12")
    today("2027-05-20")
    cancel_subscription(metered, when="end", reason="x", actor=SYSTEM)
    use(metered, "4")
    for day in ("2027-05-31", "2027-06-01", "2027-06-02"):
        today(day)
        run(end_cancelled_subscriptions, close_months_of_use, raise_renewal_invoices)
    assert [(line.net_amount, line.invoice.state) for line in lines()] == [(D("3.00"), "issued")] and verify() == []


@pytest.mark.parametrize(("currency", "price", "used", "net"), [("JPY", "0.5", "13", "2"), ("KWD", "0.0005", "13", "0.002")])
def test_other_exponents(cast, today, currency, price, used, net):
    """3 beyond what is included: 1.5 yen are 2; 0.0015 dinars are 0.002."""
    product = make_product(prices={"monthly": ("10", "0")}, currency=currency)
    make_metric(product, tiers=[("0", price)], currency=currency)
    cast.alice_client.currency = currency
    cast.alice_client.save()
    order = make_order(cast.alice_client, product, currency=currency)
    pay(order.invoice)
    use(subscription_of(order), used)
    today("2027-06-24")
    run()
    assert [line.net_amount for line in lines()] == [D(net)] and verify() == []
