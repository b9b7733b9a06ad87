"""Pauses and handing over: no day charged that was not served, nobody charged for another's time."""

from datetime import date
from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.cancellation import cancel_subscription, keep_subscription
from billing.actions.pause import pause_subscription, resume_paused
from billing.actions.transfer import accept_transfer, decline_transfer, offer_transfer
from billing.jobs import lift_expired_suspensions, raise_renewal_invoices
from billing.models import CreditNote, Invoice, InvoiceLine
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun
from tests.billing.factories import active_subscription, make_product, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(cast, today):
    return active_subscription(cast.charlie_client, make_product(prices={"monthly": ("31.00", "0")}))


def run(job):
    job(clock.now(), Report(JobRun(name="test", slot=clock.now())))


def test_a_pause_gives_the_days_back_and_a_new_period_begins_after_it(service, today, drain):
    today("2027-05-11")
    pause_subscription(service, actor=SYSTEM)
    service.refresh_from_db()
    assert (service.state, service.next_due_on, CreditNote.objects.get().net_amount) == ("suspended", None, D("21"))
    assert verify() == []
    today("2027-06-20")
    run(raise_renewal_invoices)
    assert Invoice.objects.filter(kind="renewal").count() == 0
    today("2027-07-05")
    resume_paused(service, actor=SYSTEM)
    service.refresh_from_db()
    renewal = Invoice.objects.get(kind="renewal")
    assert (service.state, str(service.next_due_on), renewal.net_amount) == ("active", "2027-08-05", D("31"))
    assert renewal.open_amount == D("10")  # the credit is used
    assert verify() == []
    drain()
    assert Invoice.objects.filter(kind="renewal").count() == 1


def test_a_pause_of_no_day_is_charged_again_at_once(service, today):
    pause_subscription(service, actor=SYSTEM)
    resume_paused(service, actor=SYSTEM)
    service.refresh_from_db()
    renewal = Invoice.objects.get(kind="renewal")
    assert (service.state, renewal.net_amount, renewal.state) == ("active", D("31"), "paid"), "from the credit"
    assert verify() == []


def test_what_ends_while_it_rests_rests_no_more(service, today):
    today("2027-05-11")
    pause_subscription(service, actor=SYSTEM)
    cancel_subscription(service, when="now", reason="x", actor=SYSTEM)
    assert str(service.pauses.get().resumed_on) == "2027-05-11" and verify() == []


def test_a_pause_ends_by_itself_after_its_last_day(service, today, drain):
    today("2027-05-11")
    pause_subscription(service, actor=SYSTEM, until=date(2027, 5, 31))
    today("2027-06-01")
    run(lift_expired_suspensions)
    drain()
    service.refresh_from_db()
    assert (service.state, str(service.next_due_on)) == ("active", "2027-07-01")
    assert verify() == []


def test_without_credit_the_paid_days_count_again_when_it_goes_on_in_time(service, today):
    today("2027-05-11")
    pause_subscription(service, actor=SYSTEM, credit="none")
    today("2027-05-20")
    resume_paused(service, actor=SYSTEM)
    service.refresh_from_db()
    assert str(service.next_due_on) == "2027-06-01" and not CreditNote.objects.exists()
    assert verify() == []


@pytest.mark.parametrize(("credit", "on"), [("none", "2027-05-11"), ("prorated", "2027-05-11"), ("none", "2027-06-01")])
def test_cancelled_while_it_rests_it_is_not_charged_again(service, today, credit, on):
    today("2027-05-11")
    pause_subscription(service, actor=SYSTEM, credit=credit)
    cancel_subscription(service, when="end", reason="x", actor=SYSTEM)
    today(on)
    resume_paused(service, actor=SYSTEM)
    service.refresh_from_db()
    assert (service.state, service.next_due_on, service.cancel_at_end) == ("active", None, True)
    assert not Invoice.objects.filter(kind="renewal").exists() and verify() == []


def test_kept_while_it_rests_it_goes_on_resting(service, today):
    today("2027-05-11")
    pause_subscription(service, actor=SYSTEM, credit="none")
    cancel_subscription(service, when="end", reason="x", actor=SYSTEM)
    keep_subscription(service, actor=SYSTEM)
    today("2027-06-02")
    run(raise_renewal_invoices)
    service.refresh_from_db()
    assert (service.state, service.next_due_on) == ("suspended", None) and not Invoice.objects.filter(kind="renewal").exists()
    resume_paused(service, actor=SYSTEM)
    service.refresh_from_db()
    assert (service.state, str(service.next_due_on)) == ("active", "2027-07-02") and verify() == []


def test_a_paused_service_can_be_ended(service, today):
    today("2027-05-11")
    pause_subscription(service, actor=SYSTEM)
    cancel_subscription(service, when="now", reason="", actor=SYSTEM)
    service.refresh_from_db()
    assert service.state == "ended" and verify() == []


def test_a_transfer_moves_the_service_and_no_money(cast, service, today, drain):
    today("2027-05-11")
    transfer = offer_transfer(service, to_client=cast.alice_client, actor=SYSTEM)
    assert service.client_id != cast.alice_client.pk
    accept_transfer(transfer, actor=SYSTEM)
    drain()
    service.refresh_from_db()
    assert (service.client, service.account) == (cast.alice_client, open_account(cast.alice_client))
    today("2027-05-20")
    run(raise_renewal_invoices)
    renewal = Invoice.objects.get(kind="renewal")
    assert (renewal.client, renewal.net_amount) == (cast.alice_client, D("31"))
    assert InvoiceLine.objects.get(subscription=service, period_start=date(2027, 5, 1)).invoice.client == cast.charlie_client
    assert verify() == []


def test_an_open_invoice_is_paid_before_a_transfer(cast, service, today):
    today("2027-05-20")
    run(raise_renewal_invoices)
    with pytest.raises(AppError) as refused:
        offer_transfer(service, to_client=cast.alice_client, actor=SYSTEM)
    assert refused.value.code == "open_invoice"
    pay(Invoice.objects.get(kind="renewal"))
    transfer = offer_transfer(service, to_client=cast.alice_client, actor=SYSTEM)
    with pytest.raises(AppError) as refused:
        offer_transfer(service, to_client=cast.alice_client, actor=SYSTEM)
    assert refused.value.code == "offered_already"
    assert decline_transfer(transfer, actor=SYSTEM).state == "withdrawn"


def test_it_cannot_be_given_to_oneself_or_into_another_currency(cast, service):
    with pytest.raises(AppError) as refused:
        offer_transfer(service, to_client=cast.charlie_client, actor=SYSTEM)
    assert refused.value.code == "same_client"
    other = cast.alice_client
    other.currency = "USD"
    with pytest.raises(AppError) as refused:
        offer_transfer(service, to_client=other, actor=SYSTEM)
    assert refused.value.code == "currency_mismatch"
