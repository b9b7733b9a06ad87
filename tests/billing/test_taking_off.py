"""One service is taken off an invoice that has others, whatever it costs there."""

from datetime import timedelta

import pytest

from billing.actions.account import open_account
from billing.actions.cancellation import cancel_subscription
from billing.actions.cart import add_line, create_cart
from billing.actions.order import place_order
from billing.actions.promotion import add_code, create_promotion
from billing.actions.renewal import raise_renewals
from billing.models import Subscription
from billing.queries.books import verify
from billing.queries.quote import quote
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from tests.billing.factories import make_product, make_tax_rate, pay

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("price", ["0", "10.00"])
@pytest.mark.parametrize("when", ["end", "now"])
def test_a_free_service(cast, price, when):
    """Free by its price, or by a discount of all of it: its lines go, and nobody owes more or less."""
    make_tax_rate()
    paid_for, free = make_product(prices={"monthly": ("7.00", "0")}), make_product(prices={"monthly": (price, "0")})
    create_promotion(
        name="Gift", code="GIFT", kind="percent", percent=100, periods=None, products=[free], amounts={}, actor=SYSTEM
    )
    cart = create_cart(currency="EUR", actor=SYSTEM)
    for product in (paid_for, free):
        add_line(cart, product=product, cycle="monthly", answers={}, actor=SYSTEM)
    add_code(cart, text="GIFT", actor=SYSTEM)
    total = quote(cart, client=cast.charlie_client).total.amount
    order = place_order(cart, client=cast.charlie_client, actor=SYSTEM, idempotency_key="k", expected_total=total)
    pay(order.invoice)
    until = clock.today() + timedelta(days=33)
    (renewal,) = raise_renewals(open_account(cast.charlie_client), until=until, actor=SYSTEM)
    service = Subscription.objects.get(product=free)
    cancel_subscription(service, when=when, reason="x", actor=SYSTEM)
    open_before = renewal.open_amount
    renewal.refresh_from_db()
    assert (renewal.state, renewal.open_amount) == ("issued", open_before) and verify() == []
    assert not service.invoice_lines.filter(invoice=renewal, released=False).exists()
    assert raise_renewals(open_account(cast.charlie_client), until=until, actor=SYSTEM) == []
