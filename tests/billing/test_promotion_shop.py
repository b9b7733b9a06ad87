"""Codes in the shop: typed, carried by a link, told why not, limited in guesses; what comes later stands before paying."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.core.cache import cache
from django.urls import reverse

from billing.actions.promotion import create_promotion
from billing.models import Cart, Order
from billing.queries.letters import invoice_letter
from hostbill.core.access import SYSTEM
from tests.billing.factories import make_product, make_tax_rate

pytestmark = pytest.mark.django_db
CODE, CART = reverse("store:cart_code"), reverse("store:cart")


@pytest.fixture(autouse=True)
def fresh():
    """No guesses of other tests are remembered."""
    cache.clear()


@pytest.fixture
def product():
    """10.00 a month plus 20 percent."""
    make_tax_rate("20")
    create_promotion(name="Welcome", code="SAVE", kind="percent", percent=D(20), amounts={}, actor=SYSTEM)
    return make_product(name="Start")


def fill(client, product):
    """Into the basket."""
    assert client.post(reverse("store:configure", args=[product.slug]), {"cycle": "monthly"}).status_code == 302


def text_of(answer):
    """The page."""
    return answer.content.decode()


def test_a_code_is_taken_off_and_the_price_after_it_stands_there(client, product):
    fill(client, product)
    assert client.post(CODE, {"code": " save "}).status_code == 302
    page = text_of(client.get(CART))
    assert "−€2.00" in page or "-€2.00" in page
    assert "€9.60" in page and "€12.00" in page  # today, and the next period without it
    assert "SAVE" in text_of(client.get(reverse("store:checkout")))
    client.post(CODE, {"drop": "SAVE"})
    assert Cart.objects.get().codes == []


@pytest.mark.parametrize("typed", ["NOPE", "x" * 500, "S\x00A", "SAVE\u202e", ""])
def test_a_wrong_code_is_told_beside_the_field_and_kept_there(client, product, typed):
    fill(client, product)
    answer = client.post(CODE, {"code": typed})
    assert answer.status_code == 422 and "field-error" in text_of(answer) and 'id="id_code"' in text_of(answer)
    assert Cart.objects.get().codes == []


def test_why_a_known_code_does_not_hold(client, product):
    create_promotion(
        name="Old", code="OLD", kind="percent", percent=D(9), ends_on=date(2020, 1, 1), amounts={}, actor=SYSTEM
    )
    fill(client, product)
    assert "was valid until" in text_of(client.post(CODE, {"code": "OLD"}))


def test_a_code_in_a_link_waits_for_the_basket(client, product):
    page = client.get(product.get_store_url() + "?promo=save", follow=True)
    assert "SAVE" in text_of(page)
    fill(client, product)
    assert Cart.objects.get().codes == ["SAVE"]
    client.get(reverse("store:plans") + "?promo=nobody-knows")
    assert Cart.objects.get().codes == ["SAVE"]


def test_guessing_ends_after_ten(client, product):
    fill(client, product)
    for number in range(10):
        client.post(CODE, {"code": f"GUESS{number}"})
    assert "Too many codes" in text_of(client.post(CODE, {"code": "SAVE"}))
    assert Cart.objects.get().codes == []


def test_in_the_checkout_only_the_sum_is_swapped(client, product):
    fill(client, product)
    url = reverse("store:checkout_sum")
    bad = client.post(url, {"code": "NOPE", "country": "DE"}, headers={"HX-Request": "true"})
    assert bad.status_code == 200 and "field-error" in text_of(bad)
    good = client.post(url, {"code": "SAVE", "country": "DE"}, headers={"HX-Request": "true"})
    assert 'name="expected_total" value="9.60"' in text_of(good)
    assert client.post(url, {"code": "SAVE"}).status_code == 302  # without script


def test_the_mail_of_an_order_tells_what_comes_later(cast, product):
    from tests.billing.test_promotion import basket, buy

    order = buy(basket((product, "monthly")), cast.alice_client)
    (line,) = invoice_letter(order.invoice)["facts"]["side_lines"]
    assert "€12.00" in line.make("en") and Order.objects.get().snapshot["renewals"]
