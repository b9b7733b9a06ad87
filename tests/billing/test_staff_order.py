"""Orders that staff place for a client: the shop's own steps, prices of one's own, no invoice, no mail, fraud."""

import uuid
from decimal import Decimal as D

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from billing.actions.order import mark_fraud, place_order
from billing.actions.order_terms import Terms
from billing.models import Invoice, Order, Product, Subscription
from billing.queries.quote import quote
from clients.models import StaffRole
from clients.queries.actor import actor_of
from hostbill.core.errors import AppError
from hostbill.core.models import Message
from tests.billing.factories import make_cart, make_order, make_product, make_tax_rate, pay, subscription_of
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


@pytest.fixture
def staff(client, cast):
    """Stella's browser."""
    client.force_login(cast.stella)
    return client


def send(browser, client, *products, lines=None, **values):
    """Post the order form with a line for each product, or with these lines."""
    lines = lines or [{"product": product.pk} for product in products]
    data = {"begin": "payment", "invoice": "issue", "mail": "on", "key": str(uuid.uuid4())} | values
    data |= {"lines-TOTAL_FORMS": len(lines), "lines-INITIAL_FORMS": 0}
    for index, line in enumerate(lines):
        data |= {f"lines-{index}-{name}": value for name, value in ({"cycle": "monthly", "quantity": 1} | line).items()}
    url = f"{reverse('billing_staff:order_create')}?client={client.pk}"
    return browser.post(url, {name: value for name, value in data.items() if value is not None})


def test_same_steps_as_in_the_shop(staff, cast, drain):
    make_tax_rate()
    answer = send(staff, cast.alice_client, make_product())
    order = Order.objects.get()
    assert answer.url == order.get_absolute_url()
    assert (order.total_amount, order.state, order.invoice.state) == (D("11.90"), "pending", "issued")
    assert order.placed_by == cast.stella.label
    drain()
    assert Message.objects.filter(kind="billing.invoice_issued").exists()
    pay(order.invoice)
    assert subscription_of(order).state == "active"


def test_the_form_sent_twice_is_one_order(staff, cast):
    key, product = str(uuid.uuid4()), make_product()
    first = send(staff, cast.alice_client, product, key=key)
    assert send(staff, cast.alice_client, product, key=key).url == first.url
    assert Order.objects.count() == Invoice.objects.count() == 1


def test_own_price_now_and_for_renewals(staff, cast):
    product = make_product()
    line = {"product": product.pk, "amount": "7,50", "setup": "2"}
    send(staff, cast.alice_client, lines=[line], reason="Agreed on the phone")
    order = Order.objects.get()
    assert order.invoice.net_amount == D("9.50")
    assert subscription_of(order).price_amount == D("7.50")
    terms = order.snapshot["terms"]
    assert terms["reason"] == "Agreed on the phone" and terms["list_prices"][0]["unit"].startswith("10")
    page = staff.get(order.get_absolute_url()).content.decode()
    assert "Agreed on the phone" in page
    Product.objects.update(name="Renamed")
    order.refresh_from_db()
    assert order.snapshot["lines"][0]["product"] == product.name


def test_own_price_needs_a_reason(staff, cast):
    line = {"product": make_product().pk, "amount": "1"}
    assert send(staff, cast.alice_client, lines=[line]).status_code == 422
    assert not Order.objects.exists()


def test_a_forged_price_without_the_right_is_not_taken(client, cast):
    """The field is not on the form, so what is sent under its name counts for nothing; the action refuses by itself."""
    role = StaffRole.objects.create(
        code="seller", name="Seller", permissions=["billing.order.create", "billing.order.view", "clients.client.view"]
    )
    seller = make_staff(role.code)
    client.force_login(seller)
    product = make_product()
    line = {"product": product.pk, "amount": "0.01", "setup": "0"}
    send(client, cast.alice_client, lines=[line], reason="mine", begin="now", invoice="none")
    assert Order.objects.get().invoice.net_amount == D("10.00")
    cart = make_cart(product)
    own = {cart.lines.get().pk: (D("0.01"), D(0))}
    total = quote(cart, country="BD", own_prices=own).total.amount
    with pytest.raises(PermissionDenied):
        place_order(
            cart, client=cast.alice_client, actor=actor_of(seller), idempotency_key="x", expected_total=total,
            terms=Terms(own_prices=own, reason="mine"),
        )  # fmt: skip
    with pytest.raises(PermissionDenied):
        place_order(
            cart, client=cast.alice_client, actor=cast.alice_actor, idempotency_key="y", expected_total=total,
            terms=Terms(begin_now=True),
        )  # fmt: skip


def test_set_up_now_is_accepted_and_still_invoiced(staff, cast):
    send(staff, cast.alice_client, make_product(), begin="now")
    order = Order.objects.get()
    assert (order.state, subscription_of(order).state, order.invoice.state) == ("accepted", "active", "issued")


def test_without_invoice_the_next_period_is_the_first_paid(staff, cast, drain):
    assert send(staff, cast.alice_client, make_product(), invoice="none").status_code == 422
    send(staff, cast.alice_client, make_product(), invoice="none", begin="now")
    order, subscription = Order.objects.get(), Subscription.objects.get()
    assert order.invoice is None and not Invoice.objects.exists()
    assert subscription.state == "active" and subscription.period_index == 1
    drain()
    assert staff.get(order.get_absolute_url()).status_code == 200


def test_without_mail_the_client_hears_nothing(staff, cast, drain):
    send(staff, cast.alice_client, make_product(), mail=None)
    drain()
    assert not Message.objects.filter(client_id=cast.alice_client.pk, audience="client").exists()


def test_totals_follow_without_storing_anything(staff, cast):
    make_tax_rate()
    line = {"product": make_product().pk, "quantity": 3}
    page = send(staff, cast.alice_client, lines=[line, {"product": ""}], verb="check").content.decode()
    assert "35.70" in page
    assert not Order.objects.exists()


def test_nobody_else_s_client_and_no_foreign_product(staff, client, cast):
    product = make_product(currency="USD")
    assert send(staff, cast.alice_client, product).status_code == 422
    assert not Order.objects.exists()
    assert staff.get(reverse("billing_staff:order_create") + "?client=999999").status_code == 200
    client.force_login(cast.alice)
    assert send(client, cast.alice_client, make_product()).status_code == 403


def test_fraud_cancels_what_waits_and_stops_what_runs(cast):
    waiting, running = make_order(cast.alice_client), make_order(cast.alice_client)
    pay(running.invoice)
    for order in (waiting, running):
        mark_fraud(order, actor=cast.stella_actor, reason="stolen card")
    assert subscription_of(waiting).state == "cancelled"
    assert subscription_of(running).state == "suspended"
    waiting.invoice.refresh_from_db()
    assert waiting.invoice.state == "cancelled"
    with pytest.raises(Exception, match="fraud"):
        mark_fraud(waiting, actor=cast.stella_actor, reason="again")


def test_terms_are_checked_by_the_action(cast):
    product = make_product()
    with pytest.raises(AppError) as refused:
        place_order(
            make_cart(product), client=cast.alice_client, actor=cast.stella_actor, idempotency_key="z",
            expected_total=D(10), terms=Terms(invoice="none"),
        )  # fmt: skip
    assert refused.value.code == "nothing_to_pay"
