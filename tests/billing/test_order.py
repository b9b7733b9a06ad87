"""Cart to order to invoice to running subscription."""

from decimal import Decimal

import pytest

from billing.actions.account import open_account
from billing.actions.cart import add_line, create_cart
from billing.actions.order import accept_order, cancel_order, place_order
from billing.models import Invoice, Order, Product
from billing.queries.books import verify
from billing.queries.entitlement import wanted_state
from billing.queries.quote import quote
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Event
from tests.billing.factories import make_cart, make_order, make_product, make_tax_rate, pay, subscription_of

pytestmark = pytest.mark.django_db


def events(name):
    return [row.payload for row in Event.objects.filter(name=name)]


def test_order_issues_an_invoice_and_payment_activates(cast):
    make_tax_rate("19")
    product = make_product(prices={"monthly": ("10.00", "5.00")})
    order = make_order(cast.charlie_client, product)
    invoice = order.invoice
    subscription = subscription_of(order)
    assert (invoice.state, invoice.net_amount, invoice.tax_amount, invoice.total_amount) == (
        "issued",
        Decimal("15.00"),
        Decimal("2.85"),
        Decimal("17.85"),
    )
    assert [line.kind for line in invoice.lines.all()] == ["recurring", "setup"]
    assert subscription.state == "pending" and wanted_state(subscription) == "none"
    assert open_account(cast.charlie_client).balance_amount == Decimal("17.85")
    pay(invoice)
    subscription = subscription_of(order)
    order.refresh_from_db()
    assert (invoice.state, order.state, subscription.state) == ("paid", "accepted", "active")
    assert wanted_state(subscription) == "live"
    assert subscription.paid_until == subscription.next_due_on == subscription.period(0).end
    assert events("billing.subscription_activated") == [{"subscription_id": subscription.pk}]
    assert events("billing.invoice_paid") == [{"invoice_id": invoice.pk}]
    assert verify() == []


def test_the_same_key_gives_the_same_order(cast):
    cart = make_cart(make_product())
    values = {"client": cast.charlie_client, "actor": SYSTEM, "expected_total": Decimal("10.00")}
    first = place_order(cart, idempotency_key="k", **values)
    assert place_order(cart, idempotency_key="k", **values) == first
    with pytest.raises(AppError) as refusal:
        place_order(cart, idempotency_key="other", **values)
    assert refusal.value.code == "already_ordered"
    with pytest.raises(AppError) as refusal:
        place_order(cart, idempotency_key="k", **values | {"client": cast.alice_client})
    assert refusal.value.code == "idempotency_conflict"
    assert Order.objects.count() == Invoice.objects.count() == 1


def test_a_changed_price_is_shown_before_paying(cast):
    product = make_product()
    cart = make_cart(product)
    product.prices.filter(cycle="monthly").update(amount=Decimal("12.00"))
    with pytest.raises(AppError) as refusal:
        place_order(
            cart, client=cast.charlie_client, actor=SYSTEM, idempotency_key="k", expected_total=Decimal("10.00")
        )
    assert refusal.value.code == "price_changed"
    assert refusal.value.details["quote"].total.amount == Decimal("12.00")
    assert not Order.objects.exists()


def test_the_last_one_is_sold_once(cast):
    product = make_product(stock=1)
    carts = [make_cart(product), make_cart(product)]
    values = {"actor": SYSTEM, "expected_total": Decimal("10.00")}
    place_order(carts[0], client=cast.charlie_client, idempotency_key="a", **values)
    with pytest.raises(AppError) as refusal:
        place_order(carts[1], client=cast.alice_client, idempotency_key="b", **values)
    assert refusal.value.code == "out_of_stock"
    assert Product.objects.get().stock == 0


def test_cancelling_an_unpaid_order_withdraws_its_invoice_and_returns_the_stock(cast):
    product = make_product(stock=3)
    order = make_order(cast.charlie_client, product)
    cancel_order(order, actor=SYSTEM, reason="changed my mind")
    order.invoice.refresh_from_db()
    assert (order.invoice.state, subscription_of(order).state) == ("cancelled", "cancelled")
    assert order.invoice.number
    assert wanted_state(subscription_of(order)) == "gone"
    assert Product.objects.get().stock == 3
    assert verify() == []


@pytest.mark.parametrize(
    ("setup_on", "ordered", "paid", "accepted"),
    [
        ("order", "live", "live", "live"),
        ("payment", "none", "live", "live"),
        ("staff", "none", "none", "live"),
        ("never", "none", "none", "none"),
    ],
)
def test_set_up_moment(cast, setup_on, ordered, paid, accepted):
    order = make_order(cast.charlie_client, make_product(setup_on=setup_on))
    assert wanted_state(subscription_of(order)) == ordered
    pay(order.invoice)
    assert wanted_state(subscription_of(order)) == paid
    order.refresh_from_db()
    if order.state == "pending":
        accept_order(order, actor=SYSTEM)
    assert wanted_state(subscription_of(order)) == accepted
    assert subscription_of(order).state == "active"


def test_a_free_order_is_paid_without_a_gateway(cast):
    product = make_product(prices={"monthly": ("0.00", "0")})
    order = make_order(cast.charlie_client, product)
    assert order.invoice.state == "paid" and not order.invoice.charges.exists()
    assert subscription_of(order).state == "active"
    assert verify() == []


def test_the_database_keeps_an_order_as_agreed(cast):
    order = make_order(cast.charlie_client)
    with pytest.raises(Exception, match="was agreed and cannot be changed"):
        Order.objects.filter(pk=order.pk).update(snapshot={})


def test_a_foreign_currency_cart_is_refused(cast):
    product = make_product(currency="USD")
    cart = create_cart(currency="USD", actor=SYSTEM)
    add_line(cart, product=product, cycle="monthly", answers={}, actor=SYSTEM)
    with pytest.raises(AppError) as refusal:
        place_order(
            cart,
            client=cast.charlie_client,
            actor=SYSTEM,
            idempotency_key="k",
            expected_total=quote(cart).total.amount,
        )
    assert refusal.value.code == "currency_mismatch"


@pytest.mark.parametrize(("quantity", "cycle", "code"), [(0, "monthly", "quantity"), (1, "triennial", "not_sold")])
def test_senseless_cart_lines_are_refused(cast, quantity, cycle, code):
    cart = create_cart(currency="EUR", actor=SYSTEM)
    with pytest.raises(AppError) as refusal:
        add_line(cart, product=make_product(), cycle=cycle, quantity=quantity, answers={}, actor=SYSTEM)
    assert refusal.value.code == code
