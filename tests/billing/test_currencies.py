"""Currencies without and with three decimals, through the whole path: order, invoice, charge, ledger, document."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.order import place_order
from billing.actions.refund import refund_payment
from billing.jobs import charge_due_invoices
from billing.models import Payment, Posting
from billing.queries.books import verify
from billing.queries.invoice_document import invoice_data, invoice_pdf
from billing.queries.quote import quote
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.money import Money
from tests.billing.factories import make_cart, make_order, make_product, make_tax_rate, subscription_of
from tests.billing.shop import Shop, run, work
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("currency", "price", "net", "tax", "units"),
    [
        ("JPY", "1005", "1005", "101", 1106),
        ("KWD", "10.050", "10.050", "1.010", 11060),
        ("EUR", "10.05", "10.05", "1.01", 1106),
    ],
)
def test_from_the_order_to_the_money(sandbox, currency, price, net, tax, units):
    """KWD: 10.05 x 10 % = 1.005; Stripe takes thousandths that end in 0 only, so the price here makes a round total."""
    sandbox.control("stripe", "reset", {})
    percent = "10.0498" if currency == "KWD" else "10"
    make_tax_rate(percent)
    shop = Shop(sandbox, ClientFactory(currency=currency))
    product = make_product(prices={"monthly": (price, "0")}, currency=currency)
    order = make_order(shop.client, product, currency=currency)
    invoice = order.invoice
    assert (invoice.net_amount, invoice.tax_amount) == (D(net), D(tax))
    shop.save_card("pm_card_visa")
    clock.move_to(clock.start_of(invoice.due_on) + timedelta(hours=12))
    run(charge_due_invoices)
    invoice.refresh_from_db()
    payment = Payment.objects.get()
    assert invoice.state == "paid" and payment.money == Money(D(net) + D(tax), currency)
    assert shop.driver.api.payment_intents.retrieve(payment.remote_id).amount_received == units
    assert subscription_of(order).state == "active"
    assert set(Posting.objects.values_list("currency", flat=True)) == {currency}
    refund_payment(payment, money=payment.money, source="invoice", reason="asked", actor=SYSTEM)
    work()
    assert payment.refunds.get().state == "succeeded"
    assert verify() == []
    assert invoice_pdf(invoice).startswith(b"%PDF")
    assert invoice_data(invoice)


def test_a_cart_in_another_currency_than_the_account_is_refused(cast):
    open_account(cast.charlie_client)
    product = make_product(prices={"monthly": ("10", "0")}, currency="USD")
    cart = make_cart(product, currency="USD")
    total = quote(cart, country="DE").total.amount
    with pytest.raises(AppError) as refusal:
        place_order(cart, client=cast.charlie_client, actor=SYSTEM, idempotency_key="k", expected_total=total)
    assert refusal.value.code == "currency_mismatch"
