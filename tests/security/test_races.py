"""The same thing many times at the same moment: one order, one payment, one last item."""

import hashlib
import hmac
import json
import time
import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from billing.actions.cart import add_line, create_cart
from billing.actions.order import place_order
from billing.models import Cart, GatewayEvent, Invoice, Order, Payment, Product
from billing.queries.books import verify
from clients.models import Client as Account
from clients.models import User
from hostbill.core import modules, outgoing
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import ModuleConfig, Outgoing
from tests.billing.factories import make_cart, make_order, make_product
from tests.billing.shop import Shop
from tests.factories import ClientFactory, UserFactory
from tests.security.conftest import browser
from tests.security.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def bank():
    """A way to pay that needs no network."""
    values = {"account_holder": "Nordhost", "iban": "DE02100100100006820101", "bic": "FOERDE21XXX", "bank_name": "F"}
    return modules.store_values(ModuleConfig(kind="gateway", driver="bank_transfer", label="Bank"), values)


def checkout_form(gateway, total="10.00", **more):
    """What the last page sends."""
    key = str(uuid.uuid4())
    return {"gateway": gateway.pk, "terms": "on", "idempotency_key": key, "expected_total": total, **more}


def fill_cart(client, product):
    """Put the product into this browser's basket through the shop."""
    response = client.post(reverse("store:configure", args=[product.slug]), {"cycle": "monthly"})
    assert response.url == reverse("store:cart")


def copies(client, count):
    """The same browser in several tabs."""
    tabs = []
    for _number in range(count):
        tab = Client(raise_request_exception=False)
        tab.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
        tabs.append(tab)
    return tabs


def test_one_checkout_sent_ten_times_is_one_order():
    """A double click, many times over: every answer leads to the same invoice or back to the basket."""
    user = UserFactory()
    ClientFactory(user=user)
    gateway, product = bank(), make_product(stock=50)
    client = browser(user)
    fill_cart(client, product)
    form, tabs = checkout_form(gateway), copies(client, 10)
    answers = at_once(10, lambda number: tabs[number].post("/checkout/", form).status_code)
    assert set(answers) <= {302, 422}, answers
    assert Order.objects.count() == Invoice.objects.count() == 1
    assert Product.objects.get().stock == 49
    assert verify() == []


def test_one_sign_up_sent_ten_times_is_one_customer():
    """A visitor's checkout makes login, account and order; all or nothing, once."""
    gateway, product = bank(), make_product()
    client = browser()
    fill_cart(client, product)
    person = {"email": "new@people.example", "password": "Lantern-Meadow-42", "first_name": "Nina", "last_name": "New"}
    person |= {"address1": "Road 1", "city": "Town", "country": "DE"}
    form, tabs = checkout_form(gateway, **person), copies(client, 10)
    answers = at_once(10, lambda number: tabs[number].post("/checkout/", form).status_code)
    assert set(answers) <= {302, 422}, answers
    assert Order.objects.count() == User.objects.count() == Account.objects.count() == 1


def test_one_basket_with_ten_keys_is_one_order():
    """Changing the hidden key does not order the same basket twice."""
    user = UserFactory()
    ClientFactory(user=user)
    gateway = bank()
    client = browser(user)
    fill_cart(client, make_product())
    tabs = copies(client, 10)
    answers = at_once(10, lambda number: tabs[number].post("/checkout/", checkout_form(gateway)).status_code)
    assert set(answers) <= {302, 422}, answers
    assert Order.objects.count() == 1


def test_the_last_item_is_sold_once():
    """Eight people at the same moment."""
    product = make_product(stock=1)
    accounts, carts = [ClientFactory() for _n in range(8)], [make_cart(product) for _n in range(8)]

    def buy(number):
        return place_order(
            carts[number],
            client=accounts[number],
            actor=SYSTEM,
            idempotency_key=f"last-{number}",
            expected_total=Decimal("10.00"),
        )

    results = at_once(8, buy)
    sold = [result for result in results if isinstance(result, Order)]
    assert len(sold) == 1, results
    assert {result.code for result in results if isinstance(result, AppError)} == {"out_of_stock"}
    assert Product.objects.get().stock == 0 and Order.objects.count() == 1


def signed(payload: dict, secret: str, at=None) -> dict:
    """Body and signature header as Stripe sends them."""
    at, body = at or int(time.time()), json.dumps(payload)
    mark = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return {"data": body, "content_type": "application/json", "HTTP_STRIPE_SIGNATURE": f"t={at},v1={mark}"}


def succeeded(charge, event="evt_race"):
    """The gateway's message that the charge worked."""
    thing = {"id": charge.remote_id, "object": "payment_intent"}
    return {"id": event, "object": "event", "type": "payment_intent.succeeded", "data": {"object": thing}}


def test_one_message_twenty_times_is_one_payment(sandbox, drain):
    """Delivered in parallel, and worked off in parallel."""
    sandbox.control("stripe", "reset", {})
    account = ClientFactory()
    shop = Shop(sandbox, account)
    charge = shop.open_form(make_order(account).invoice)
    shop.confirm(charge, "pm_card_visa")
    hook = reverse("billing_hooks:gateway", args=[shop.gateway.pk])

    def deliver(number):
        message = succeeded(charge, "evt_same" if number < 15 else f"evt_{number}")
        return (
            Client(raise_request_exception=False)
            .post(hook, **signed(message, sandbox.stripe.webhook_secret))
            .status_code
        )

    assert at_once(20, deliver) == [200] * 20
    assert GatewayEvent.objects.count() == 6
    rows = list(Outgoing.objects.filter(kind="billing.gateway_event").values_list("pk", flat=True))
    at_once(6, lambda number: [outgoing.process(row) for row in rows])
    drain()
    assert Payment.objects.count() == 1
    charge.invoice.refresh_from_db()
    assert charge.invoice.state == "paid"
    assert verify() == []


def test_baskets_changed_while_ordering_stay_whole():
    """Lines added while the order is placed are either in it or refused, never lost in between."""
    product, account = make_product(), ClientFactory()
    cart = create_cart(currency="EUR", actor=SYSTEM)
    add_line(cart, product=product, cycle="monthly", answers={}, actor=SYSTEM)

    def act(number):
        if number == 0:
            key = {"idempotency_key": "whole", "expected_total": Decimal("10.00")}
            return place_order(Cart.objects.get(pk=cart.pk), client=account, actor=SYSTEM, **key)
        return add_line(Cart.objects.get(pk=cart.pk), product=make_product(), cycle="monthly", answers={}, actor=SYSTEM)

    results = at_once(4, act)
    assert all(not isinstance(r, Exception) or isinstance(r, AppError) for r in results), results
    if isinstance(results[0], Order):
        assert results[0].lines.count() == Cart.objects.get(pk=cart.pk).lines.count()
