"""Every way in which one invoice could be paid twice, by the real driver against the sandbox."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.actions.account import open_account, park_account, unpark_account
from billing.actions.charge import note_checkout, request_charge, settle_charge, start_checkout
from billing.actions.dunning import suspend_for
from billing.actions.invoice import cancel_invoice
from billing.actions.refund import refund_payment, settle_refund
from billing.actions.renewal import raise_renewals
from billing.gateways.base import ChargeRequest, ChargeResult
from billing.jobs import charge_due_invoices, check_open_charges
from billing.models import Charge, Payment
from billing.queries.books import verify
from billing.queries.pay_link import pay_token
from hostbill.core import clock, outgoing
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Outgoing
from hostbill.core.money import Money
from tests.billing.factories import active_subscription, pay
from tests.billing.shop import run, work

pytestmark = pytest.mark.django_db


def eur(amount):
    return Money(D(amount), "EUR")


def taken(shop):
    """What the gateway really took, in cents."""
    intents = shop.driver.api.payment_intents.list({"limit": 100}).data
    return sum(intent.amount_received for intent in intents)


def send(kind):
    """Only rows of one kind: the worker takes them in no certain order."""
    for row in Outgoing.objects.filter(kind=kind, state="queued"):
        outgoing.process(row.pk)


def test_a_form_paid_just_before_the_saved_card_is_charged(shop):
    method, invoice = shop.save_card("pm_card_visa"), shop.bill()
    form = shop.open_form(invoice)
    charge = request_charge(invoice, method, actor=SYSTEM)
    shop.confirm(form, "pm_card_visa")
    send("billing.charge")
    work()
    for row in (charge, form, invoice):
        row.refresh_from_db()
    assert (charge.state, form.state, invoice.state) == ("cancelled", "succeeded", "paid")
    assert taken(shop) == 2000
    assert verify() == []


def test_the_replaced_form_cannot_be_paid_once_the_saved_card_was_charged(shop):
    method, invoice = shop.save_card("pm_card_visa"), shop.bill()
    form = shop.open_form(invoice)
    request_charge(invoice, method, actor=SYSTEM)
    send("billing.charge")
    shop.confirm(form, "pm_card_visa")
    work()
    assert taken(shop) == 2000
    assert verify() == []


def test_a_form_that_comes_back_after_it_was_replaced_is_not_shown(shop):
    method, invoice = shop.save_card("pm_card_visa"), shop.bill()
    form = start_checkout(invoice, shop.gateway, actor=SYSTEM, consent_text="keep it")
    start = shop.driver.checkout(ChargeRequest(form.money, form.key, customer_id=method.customer_id))
    request_charge(invoice, method, actor=SYSTEM)
    form = note_checkout(form, remote_id=start.remote_id, client_secret=start.client_secret)
    assert not form.is_live
    work()
    shop.confirm(form, "pm_card_visa")
    assert taken(shop) == 2000


def test_a_form_open_while_the_transfer_is_booked_cannot_be_paid(shop):
    invoice = shop.bill()
    form = shop.open_form(invoice)
    pay(invoice)
    work()
    shop.confirm(form, "pm_card_visa")
    assert taken(shop) == 0
    form.refresh_from_db()
    assert form.state == "cancelled"


def test_a_part_payment_replaces_the_form_by_one_of_the_rest(shop):
    invoice = shop.bill()
    old = shop.open_form(invoice)
    pay(invoice, eur("5"))
    new = shop.open_form(invoice)
    assert new != old and new.money == eur("15")
    shop.confirm(new, "pm_card_visa")
    work()
    shop.ask(new)
    assert taken(shop) == 1500
    assert verify() == []


@pytest.mark.parametrize("part", [None, "5"])
def test_a_queued_charge_of_what_was_paid_meanwhile_is_not_sent(shop, part):
    method, invoice = shop.save_card("pm_card_visa"), shop.bill()
    charge = request_charge(invoice, method, actor=SYSTEM)
    pay(invoice, eur(part) if part else None)
    work()
    charge.refresh_from_db()
    assert charge.state == "cancelled" and taken(shop) == 0
    assert verify() == []


def test_a_late_success_of_a_cancelled_invoice_is_credit(shop):
    invoice = shop.bill()
    form = shop.open_form(invoice)
    shop.confirm(form, "pm_card_visa")
    cancel_invoice(invoice, actor=SYSTEM, reason="wrong")
    work()
    account = open_account(shop.client)
    assert (account.balance_amount, account.credit_amount) == (D(0), D(20))
    assert verify() == []


def test_a_slow_debit_of_a_withdrawn_form_comes_back_to_life(shop):
    invoice = shop.bill()
    form = shop.open_form(invoice)
    pay(invoice, eur("5"))
    settle_charge(form, ChargeResult("processing", form.remote_id))
    form.refresh_from_db()
    assert form.state == "processing"
    with pytest.raises(AppError):
        start_checkout(invoice, shop.gateway, actor=SYSTEM)
    settle_charge(form, ChargeResult("succeeded", form.remote_id))
    assert open_account(shop.client).credit_amount == D(5)
    assert verify() == []


def test_what_was_refunded_is_never_charged_again_by_itself(shop):
    shop.save_card("pm_card_visa")
    invoice = shop.bill()
    run(charge_due_invoices)
    payment = Payment.objects.get()
    refund_payment(payment, money=payment.money, source="invoice", reason="asked", actor=SYSTEM)
    work()
    for day in (3, 5, 7, 30):
        clock.move_to(clock.start_of(invoice.due_on + timedelta(days=day)) + timedelta(hours=12))
        run(charge_due_invoices)
    shop.save_card("pm_card_mastercard")
    assert invoice.charges.count() == 1


def test_an_invoice_with_a_refund_under_way_cannot_be_cancelled(shop):
    shop.save_card("pm_card_visa")
    invoice = shop.bill()
    run(charge_due_invoices)
    payment = Payment.objects.get()
    refund_payment(payment, money=payment.money, source="invoice", reason="asked", actor=SYSTEM)
    with pytest.raises(AppError) as refusal:
        cancel_invoice(invoice, actor=SYSTEM, reason="wrong")
    assert refusal.value.code == "refund_under_way"
    work()
    cancel_invoice(invoice, actor=SYSTEM, reason="wrong")
    assert verify() == []


def test_a_parked_account_is_left_alone_until_it_is_not(shop):
    shop.save_card("pm_card_visa")
    account, invoice = open_account(shop.client), shop.bill()
    park_account(account, actor=SYSTEM, reason="look")
    assert run(charge_due_invoices) == {}
    unpark_account(account, actor=SYSTEM)
    assert run(charge_due_invoices) == {"charged": 1}
    assert invoice.charges.get().state == "succeeded"


def test_the_pay_page_in_two_languages_asks_for_the_same_payment(shop, client):
    invoice = shop.bill()
    url = reverse("store:pay", args=[pay_token(invoice)])
    client.get(url)
    Charge.objects.update(client_secret="", remote_id="")
    page = client.get(url, headers={"Accept-Language": "de"})
    assert "element_error" not in page.context
    assert Charge.objects.get().client_secret


def test_a_slow_debit_that_fails_in_the_end_leaves_the_invoice_open(shop):
    invoice = shop.bill()
    form = shop.open_form(invoice)
    settle_charge(form, ChargeResult("processing", form.remote_id))
    with pytest.raises(AppError):
        start_checkout(invoice, shop.gateway, actor=SYSTEM)
    failed = ChargeResult("declined", form.remote_id, decline_code="insufficient_funds", message="no money")
    for _time in range(2):
        settle_charge(form, failed)
    form.refresh_from_db()
    invoice.refresh_from_db()
    assert (form.state, invoice.state) == ("failed", "issued")
    assert shop.open_form(invoice).is_live
    assert verify() == []


def test_cancelling_the_unpaid_invoice_lifts_the_suspension_for_it(shop):
    subscription = active_subscription(shop.client)
    invoice = raise_renewals(subscription.account, until=subscription.next_due_on, actor=SYSTEM)[0]
    clock.move_to(clock.start_of(invoice.due_on + timedelta(days=20)))
    suspend_for(invoice, actor=SYSTEM)
    cancel_invoice(invoice, actor=SYSTEM, reason="goodwill")
    subscription.refresh_from_db()
    assert subscription.state == "active"
    assert verify() == []


def test_a_refund_that_bounced_cannot_reopen_the_invoice_a_second_time(shop):
    shop.save_card("pm_card_visa")
    invoice = shop.bill()
    run(charge_due_invoices)
    payment = Payment.objects.get()
    refund = refund_payment(payment, money=payment.money, source="invoice", reason="asked", actor=SYSTEM)
    settle_refund(refund, state="succeeded", remote_id="re_1", message="")
    settle_refund(refund, state="failed", remote_id="re_1", message="closed card")
    with pytest.raises(AppError) as refusal:
        refund_payment(payment, money=payment.money, source="invoice", reason="again", actor=SYSTEM)
    assert refusal.value.code == "too_much"
    invoice.refresh_from_db()
    assert invoice.open_amount == D(20) and open_account(shop.client).credit_amount == D(20)
    assert verify() == []


@pytest.mark.parametrize(("fault", "state", "cents"), [("drop_after", "succeeded", 2000), ("drop_before", "failed", 0)])
def test_a_lost_call_that_nobody_could_ask_about_for_hours_is_not_called_failed(shop, fault, state, cents):
    method, invoice = shop.save_card("pm_card_visa"), shop.bill()
    shop.control("faults", {"match": "payment_intents.create", "kind": fault, "times": 1})
    charge = request_charge(invoice, method, actor=SYSTEM)
    work()
    old = {"created_at": clock.now() - timedelta(days=1), "attempts": 9, "next_try_at": clock.now()}
    Outgoing.objects.filter(kind="billing.charge").update(**old)
    shop.control("faults", {"match": "payment_intents.list", "kind": "500", "times": 9})
    work()
    assert Outgoing.objects.get(kind="billing.charge").state == "failed"
    charge.refresh_from_db()
    assert charge.state == "unknown"
    shop.sandbox.control("stripe", "faults", method="DELETE")
    run(check_open_charges)
    charge.refresh_from_db()
    assert (charge.state, taken(shop)) == (state, cents)
