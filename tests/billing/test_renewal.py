"""Renewals: each period once, in order, grouped by the day on which it begins."""

from datetime import date
from decimal import Decimal as D

import pytest

from billing.actions.account import open_account, unpark_account
from billing.actions.cancellation import cancel_subscription, end_subscription, keep_subscription
from billing.actions.renewal import raise_renewals
from billing.actions.subscription import change_price
from billing.jobs import end_cancelled_subscriptions, raise_renewal_invoices
from billing.models import Invoice, InvoiceLine, Subscription
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun
from hostbill.core.money import Money
from tests.billing.factories import active_subscription, make_order, make_product, pay, subscription_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(set_day):
    set_day("2027-01-31")
    return set_day


def renew():
    report = Report(JobRun(name="test", slot=clock.now()))
    raise_renewal_invoices(clock.now(), report)
    return report


def test_month_ends_come_back(cast, today):
    subscription = active_subscription(cast.charlie_client)
    for day in ("2027-02-14", "2027-03-17", "2027-04-16", "2027-05-17"):
        today(day)
        renew()
    lines = InvoiceLine.objects.filter(subscription=subscription).order_by("period_start")
    assert [str(line.period_start) for line in lines] == [
        "2027-01-31",
        "2027-02-28",
        "2027-03-31",
        "2027-04-30",
        "2027-05-31",
    ]
    assert [line.invoice.due_on == line.period_start for line in lines[1:]] == [True] * 4
    assert verify() == []


def test_a_second_run_bills_nothing_again(cast, today):
    active_subscription(cast.charlie_client)
    today("2027-02-20")
    assert renew().counts == {"issued": 1}
    assert renew().counts.get("issued", 0) == 0
    today("2027-02-10")
    assert renew().counts.get("issued", 0) == 0


def test_what_begins_on_one_day_is_one_invoice(cast, today):
    active_subscription(cast.charlie_client, make_product(), make_product())
    active_subscription(cast.alice_client)
    today("2027-02-20")
    renew()
    renewals = Invoice.objects.filter(kind="renewal")
    assert sorted(invoice.lines.count() for invoice in renewals) == [1, 2]


def test_missed_days_are_caught_up_in_order_and_only_once(cast, today):
    for day in ("2026-11-01", "2026-11-02", "2026-11-03"):
        today(day)
        active_subscription(cast.charlie_client)
    today("2026-12-04")
    until = clock.today()
    account = open_account(cast.charlie_client)
    invoices = raise_renewals(account, until=until, actor=SYSTEM)
    assert [str(i.lines.get().period_start) for i in invoices] == ["2026-12-01", "2026-12-02", "2026-12-03"]
    assert [invoice.due_on for invoice in invoices] == [until] * 3
    assert raise_renewals(account, until=until, actor=SYSTEM) == []
    assert verify() == []


def test_a_runaway_parks_the_account(cast, today):
    active_subscription(cast.charlie_client)
    today("2029-01-31")
    renew()
    account = open_account(cast.charlie_client)
    assert Invoice.objects.filter(kind="renewal").count() == 15
    assert account.parked_at and "15" in account.parked_reason
    assert renew().counts.get("issued", 0) == 0
    unpark_account(account, actor=SYSTEM)
    renew()
    assert Invoice.objects.filter(kind="renewal").count() == 24
    assert verify() == []


def test_one_bad_record_does_not_stop_the_others(cast, today):
    broken = active_subscription(cast.alice_client)
    active_subscription(cast.charlie_client)
    Subscription.objects.filter(pk=broken.pk).update(period_index=0, next_due_on=broken.started_on)
    today("2027-02-20")
    report = renew()
    assert report.counts == {"failed": 1, "issued": 1}
    assert report.failures[0]["id"] == open_account(cast.alice_client).pk


def test_a_new_price_counts_from_the_next_period(cast, today):
    subscription = active_subscription(cast.charlie_client)
    change_price(subscription, price=Money(D("12.00"), "EUR"), actor=SYSTEM, reason="prices rise")
    today("2027-02-20")
    renew()
    assert Invoice.objects.get(kind="renewal").net_amount == D("12.00")


def test_one_time_products_do_not_renew(cast, today):
    subscription = active_subscription(cast.charlie_client, cycle="one_time")
    assert (subscription.state, subscription.next_due_on) == ("active", None)
    today("2028-01-31")
    assert renew().counts == {}


def test_cancelled_at_the_end_is_served_to_the_end_and_billed_no_more(cast, today):
    subscription = active_subscription(cast.charlie_client)
    cancel_subscription(subscription, when="end", reason="moving", actor=SYSTEM)
    subscription.refresh_from_db()
    assert (subscription.state, str(subscription.cancel_on)) == ("active", "2027-02-28")
    today("2027-02-27")
    assert renew().counts == {}
    end_cancelled_subscriptions(clock.now(), Report(JobRun(name="test", slot=clock.now())))
    subscription.refresh_from_db()
    assert subscription.state == "active"
    today("2027-02-28")
    end_cancelled_subscriptions(clock.now(), Report(JobRun(name="test", slot=clock.now())))
    subscription.refresh_from_db()
    assert (subscription.state, str(subscription.ended_on)) == ("ended", "2027-02-28")


def test_cancelling_withdraws_the_unpaid_renewal_and_keeps_the_other_service_billed(cast, today):
    order = make_order(cast.charlie_client, make_product(), make_product())
    pay(order.invoice)
    leaving, staying = [line.subscription for line in order.lines.order_by("pk")]
    today("2027-02-20")
    renew()
    cancel_subscription(leaving, when="end", reason="moving", actor=SYSTEM)
    leaving.refresh_from_db()
    assert str(leaving.cancel_on) == "2027-02-28"
    invoice = Invoice.objects.get(kind="renewal")
    assert (invoice.state, [line.subscription for line in invoice.lines.filter(released=False)]) == ("issued", [staying])
    note = invoice.credit_notes.get()
    assert {line.invoice_line.subscription for line in note.lines.all()} == {leaving}
    assert invoice.open == invoice.total - note.total and verify() == []


def test_a_cancellation_taken_back_bills_on_without_a_gap(cast, today):
    subscription = active_subscription(cast.charlie_client)
    today("2027-02-20")
    renew()
    cancel_subscription(subscription, when="end", reason="moving", actor=SYSTEM)
    keep_subscription(subscription, actor=SYSTEM)
    renew()
    lines = InvoiceLine.objects.filter(subscription=subscription, released=False).order_by("period_start")
    assert [str(line.period_start) for line in lines] == ["2027-01-31", "2027-02-28"]
    assert verify() == []


def test_ended_now_keeps_the_debt_of_the_period_begun(cast, today):
    subscription = active_subscription(cast.charlie_client)
    today("2027-03-17")
    renew()
    end_subscription(subscription, actor=SYSTEM, reason="unpaid")
    states = {str(i.lines.get().period_start): i.state for i in Invoice.objects.filter(kind="renewal")}
    assert states == {"2027-02-28": "issued", "2027-03-31": "cancelled"}
    assert subscription_of(subscription.order_line.order).next_due_on is None
    assert verify() == []


@pytest.mark.parametrize("change", [{"period_index": 2}, {"period_index": 0}, {"next_due_on": date(2027, 3, 1)}])
def test_a_period_whose_number_and_day_disagree_is_never_billed(cast, today, change):
    """Somebody wrote into the table: the job says so, the books name the row, the other clients are billed."""
    subscription = active_subscription(cast.charlie_client)
    active_subscription(cast.alice_client)
    Subscription.objects.filter(pk=subscription.pk).update(**change)
    today("2027-02-20")
    report = renew()
    assert report.counts == {"issued": 1, "failed": 1} and "its number says" in report.failures[0]["error"]
    assert not Invoice.objects.filter(client=cast.charlie_client, kind="renewal").exists()
    found = {finding.check: finding.rows for finding in verify()}
    assert [row["subscription"] for row in found["period_index"]] == [subscription.pk]


@pytest.mark.parametrize("cycle", ["monthly", "quarterly", "annual", "triennial"])
def test_the_books_agree_with_every_calendar(cast, today, cycle):
    """Anchors at month ends and on days that the first month has not reached yet."""
    for day in ("2028-02-29", "2028-08-31", "2028-11-30"):
        today(day)
        active_subscription(cast.charlie_client, make_product(prices={cycle: ("10", "0")}), cycle=cycle)
    for anchor in (15, 30, 31):
        subscription = active_subscription(cast.alice_client, make_product(prices={cycle: ("10", "0")}), cycle=cycle)
        Subscription.objects.filter(pk=subscription.pk).update(anchor_day=anchor)
        for index in range(14):
            subscription.refresh_from_db()
            start = subscription.period(index).start
            Subscription.objects.filter(pk=subscription.pk).update(period_index=index, next_due_on=start)
            assert "period_index" not in {finding.check for finding in verify()}, (anchor, index, start)


def test_a_first_invoice_paid_long_after_its_period(cast, today):
    """The calendar stays that of the order, and what began meanwhile is billed at once, each period once."""
    order = make_order(cast.charlie_client, make_product())
    today("2027-04-05")
    assert renew().counts == {}, "nothing is renewed before it has begun"
    pay(order.invoice)
    renew()
    lines = InvoiceLine.objects.filter(subscription=subscription_of(order)).order_by("period_start")
    assert [str(line.period_start) for line in lines] == ["2027-01-31", "2027-02-28", "2027-03-31"]
    assert {line.invoice.due_on for line in lines[1:]} == {date(2027, 4, 5)} and verify() == []
