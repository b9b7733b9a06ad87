"""Cards by the real driver against the sandbox: checkout, renewals, refusals, lost answers, webhooks."""

import json
from datetime import timedelta
from decimal import Decimal as D

import pytest
import stripe
from django.urls import reverse

from billing.actions.charge import request_charge, start_checkout
from billing.actions.invoice import cancel_invoice
from billing.actions.payment_method import (
    remove_payment_method,
)
from billing.actions.refund import refund_payment
from billing.jobs import charge_due_invoices, check_open_charges, fetch_missed_events
from billing.models import GatewayEvent, Payment, PaymentMethod
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Message, Outgoing
from tests.billing.factories import make_order, subscription_of
from tests.billing.shop import run, work

pytestmark = pytest.mark.django_db


def test_paying_an_order_keeps_the_card_and_starts_the_service(shop):
    order = make_order(shop.client)
    charge = shop.open_form(order.invoice)
    assert shop.open_form(order.invoice) == charge
    shop.confirm(charge, "pm_card_visa")
    shop.ask(charge)
    shop.ask(charge)
    order.invoice.refresh_from_db()
    payment = Payment.objects.get()
    assert (order.invoice.state, subscription_of(order).state) == ("paid", "active")
    assert payment.remote_id == charge.remote_id and payment.fee_amount > 0
    method = PaymentMethod.objects.get()
    assert (method.last4, method.consent_text, method.is_default) == ("4242", "keep it", True)
    assert verify() == []


def test_a_refused_card_leaves_the_form_open_for_another(shop):
    charge = shop.open_form(shop.bill())
    shop.confirm(charge, "pm_card_visa_chargeDeclined")
    shop.ask(charge)
    charge.refresh_from_db()
    assert (charge.state, charge.decline_code) == ("open", "generic_decline")
    shop.confirm(charge, "pm_card_visa")
    shop.ask(charge)
    charge.refresh_from_db()
    assert charge.state == "succeeded"
    assert verify() == []


def test_a_due_invoice_is_charged_once(shop):
    shop.save_card("pm_card_visa")
    invoice = shop.bill()
    assert run(charge_due_invoices)["charged"] == 1
    assert run(charge_due_invoices) == {}
    invoice.refresh_from_db()
    assert invoice.state == "paid" and invoice.charges.count() == 1
    assert verify() == []


@pytest.mark.parametrize("fault", ["drop_after", "500_after", "html"])
def test_a_lost_answer_is_looked_up_and_never_charged_twice(shop, fault):
    method, invoice = shop.save_card("pm_card_visa"), shop.bill()
    shop.control("faults", {"match": "payment_intents.create", "kind": fault, "times": 1})
    charge = request_charge(invoice, method, actor=SYSTEM)
    work()
    charge.refresh_from_db()
    assert charge.state == "unknown"
    with pytest.raises(AppError) as refusal:
        request_charge(invoice, method, actor=SYSTEM)
    assert refusal.value.code == "charge_under_way"
    work()
    charge.refresh_from_db()
    assert charge.state == "succeeded"
    intents = shop.driver.api.payment_intents.list({"customer": method.customer_id})
    assert len(intents.data) == 1
    assert verify() == []


def test_a_declined_card_is_tried_on_the_days_of_the_schedule_and_then_left(shop):
    shop.save_card("pm_card_chargeCustomerFail")
    invoice, start = shop.bill(), clock.now()
    tried = []
    for day in range(12):
        clock.move_to(max(start + timedelta(days=day), clock.now()))
        if run(charge_due_invoices).get("charged"):
            tried.append(day)
    assert tried == [0, 3, 5, 7]
    assert set(invoice.charges.values_list("state", flat=True)) == {"failed"}
    assert verify() == []


def test_a_missed_run_makes_one_try_not_several(shop):
    shop.save_card("pm_card_chargeCustomerFail")
    invoice, start = shop.bill(), clock.now()
    for day in (6, 6, 7):
        clock.move_to(max(start + timedelta(days=day), clock.now()))
        run(charge_due_invoices)
    assert invoice.charges.count() == 2


def test_a_final_refusal_stops_the_tries_until_there_is_a_new_card(shop, drain):
    method = shop.save_card("pm_card_visa")
    PaymentMethod.objects.update(remote_id="pm_gone_at_stripe")
    invoice, start = shop.bill(), clock.now()
    for day in range(8):
        clock.move_to(max(start + timedelta(days=day), clock.now()))
        run(charge_due_invoices)
    charge = invoice.charges.get()
    assert charge.is_hard_decline and charge.state == "failed"
    remove_payment_method(method, actor=SYSTEM)
    shop.save_card("pm_card_mastercard")
    drain()
    invoice.refresh_from_db()
    assert invoice.state == "paid"


def test_a_wish_for_confirmation_is_no_decline_and_the_payer_can_finish_it(shop, drain):
    shop.save_card("pm_card_authenticationRequired")
    invoice = shop.bill()
    run(charge_due_invoices)
    charge = invoice.charges.get()
    assert charge.state == "needs_action" and charge.client_secret
    assert run(charge_due_invoices) == {"left": 1}
    drain()
    assert Message.objects.filter(kind="billing.charge_needs_action").count() == 1
    shown = start_checkout(invoice, shop.gateway, actor=SYSTEM, consent_text="keep it")
    assert shown == charge
    shop.confirm(charge, "pm_card_authenticationRequired")
    shop.control("authenticate", {"payment_intent": charge.remote_id})
    run(check_open_charges)
    invoice.refresh_from_db()
    assert invoice.state == "paid" and Payment.objects.count() == 1
    assert verify() == []


def post_events(shop, client):
    """Deliver every message of the sandbox to the hook, signed, each three times and the newest first."""
    url, secret = reverse("billing_hooks:gateway", args=[shop.gateway.pk]), shop.sandbox.stripe.webhook_secret
    answers = []
    for event in shop.driver.api.events.list({"limit": 100}).data:
        body = json.dumps(event.to_dict())
        stamp = int(clock.real_now().timestamp())
        signature = stripe.WebhookSignature._compute_signature(f"{stamp}.{body}", secret)
        headers = {"Stripe-Signature": f"t={stamp},v1={signature}"}
        for _time in range(3):
            answers.append(client.post(url, body, content_type="application/json", headers=headers).status_code)
    return answers


def test_webhooks_in_any_order_and_number_pay_once(shop, client):
    invoice = shop.bill()
    shop.confirm(shop.open_form(invoice), "pm_card_visa")
    assert set(post_events(shop, client)) == {200}
    work()
    invoice.refresh_from_db()
    assert invoice.state == "paid" and Payment.objects.count() == 1
    assert GatewayEvent.objects.filter(state="received").count() == 0
    assert (
        Outgoing.objects.filter(kind="billing.gateway_event").count()
        == GatewayEvent.objects.filter(state="done").count()
    )
    assert verify() == []


def test_a_forged_message_is_refused_and_not_kept(shop, client):
    url = reverse("billing_hooks:gateway", args=[shop.gateway.pk])
    headers = {"Stripe-Signature": "t=1,v1=00"}
    assert client.post(url, "{}", content_type="application/json", headers=headers).status_code == 400
    assert client.get(url).status_code == 405
    assert not GatewayEvent.objects.exists()


def test_messages_that_never_came_are_fetched(shop):
    invoice = shop.bill()
    shop.confirm(shop.open_form(invoice), "pm_card_visa")
    run(fetch_missed_events)
    work()
    invoice.refresh_from_db()
    assert invoice.state == "paid"


def test_a_form_of_another_amount_is_withdrawn(shop):
    invoice = shop.bill()
    old = shop.open_form(invoice)
    cancel_invoice(invoice, actor=SYSTEM, reason="wrong")
    work()
    old.refresh_from_db()
    assert old.state == "cancelled"
    assert shop.driver.look_up(old.remote_id).state == "cancelled"


def test_a_refund_goes_through_the_gateway_and_reopens_the_invoice(shop):
    shop.save_card("pm_card_visa")
    invoice = shop.bill()
    run(charge_due_invoices)
    payment = Payment.objects.get(allocations__invoice=invoice)
    refund = refund_payment(payment, money=payment.money, source="invoice", reason="asked", actor=SYSTEM)
    work()
    refund.refresh_from_db()
    invoice.refresh_from_db()
    assert (refund.state, invoice.state, invoice.open_amount) == ("succeeded", "issued", D("20.00"))
    assert verify() == []
