"""A year of one subscription on the moved clock: every daily job, the rules, the outbox and the card gateway for real."""

from datetime import timedelta

import pytest

from billing.actions.cancellation import cancel_subscription
from billing.actions.collection import default_method
from billing.actions.payment_method import remove_payment_method
from billing.models import Charge, Invoice, Payment
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import Message
from hostbill.core.rules import seed_defaults
from tests.billing.factories import make_order, pay, subscription_of
from tests.billing.shop import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(sandbox, cast):
    sandbox.control("stripe", "reset", {})
    seed_defaults()
    return Shop(sandbox, cast.charlie_client)


def mails():
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def test_renewed_declined_reminded_suspended_paid_resumed_cancelled_ended(shop, move_clock, drain):
    shop.save_card("pm_card_visa")
    order = make_order(shop.client)
    shop.confirm(charge := shop.open_form(order.invoice), "pm_card_visa")
    shop.ask(charge)
    subscription = subscription_of(order)
    assert subscription.state == "active"

    first_renewal = subscription.next_due_on
    move_clock(first_renewal - timedelta(days=14))
    invoice = Invoice.objects.get(kind="renewal")
    assert (invoice.state, invoice.due_on) == ("issued", first_renewal)
    move_clock(first_renewal)
    invoice.refresh_from_db()
    assert invoice.state == "paid" and "billing.invoice_reminder" not in mails()

    method = default_method(shop.client)
    remove_payment_method(method, actor=SYSTEM)
    while default_method(shop.client):
        remove_payment_method(default_method(shop.client), actor=SYSTEM)
    shop.save_card("pm_card_chargeCustomerFail")
    subscription = subscription_of(order)
    second_renewal = subscription.period(2).start
    move_clock(second_renewal + timedelta(days=13))
    subscription = subscription_of(order)
    assert subscription.state == "active"
    assert Charge.objects.filter(state="failed").count() == 4
    assert mails().count("billing.charge_failed") == 4 and "billing.suspension_warning" in mails()
    move_clock(1)
    assert subscription_of(order).state == "suspended"
    assert mails().count("billing.suspended_for_nonpayment") == 1

    for open_invoice in Invoice.objects.unpaid().filter(due_on__lte=clock.today()):
        pay(open_invoice)
    drain()
    assert subscription_of(order).state == "active"

    cancel_subscription(subscription_of(order), when="end", reason="moving", actor=SYSTEM)
    drain()
    last_day = subscription_of(order).cancel_on
    assert mails().count("billing.subscription_cancelled") == 1
    move_clock(last_day - timedelta(days=1))
    assert subscription_of(order).state == "active"
    move_clock(last_day)
    assert subscription_of(order).state == "ended"
    assert mails()[-1] == "billing.subscription_ended"
    move_clock(3)
    assert not Invoice.objects.unpaid().exists()
    assert Payment.objects.count() == 3
    assert verify() == []
