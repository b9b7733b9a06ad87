"""Asking for a change on screen: the price first, then the act, by clients and by staff."""

from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.models import SubscriptionChange
from tests.billing.factories import active_subscription, make_product
from tests.factories import make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    """All four people: pages need logins."""
    return make_cast()


@pytest.fixture
def plans():
    return [make_product(name=name, prices={"monthly": (price, "0")}) for name, price in (("Small", "10"), ("Big", "20"))]


@pytest.fixture
def service(cast, plans):
    return active_subscription(cast.alice_client, plans[0])


@pytest.fixture
def browser(client, cast):
    client.force_login(cast.alice)
    return client


def address(service, place="billing_portal"):
    return reverse(f"{place}:subscription_change", args=[service.pk])


def values(product, **more):
    return {"product": product.pk, "cycle": "monthly", "quantity": 1, "when": "now", **more}


def test_a_client_sees_the_price_then_confirms_and_pays(browser, service, plans):
    assert b"Big" in browser.get(address(service)).content
    shown = browser.post(address(service), values(plans[1]))
    assert shown.status_code == 200 and not SubscriptionChange.objects.exists()
    seen = shown.context["seen"]
    assert seen.due.amount == D("10.00")
    done = browser.post(address(service), values(plans[1], confirm="1", expected=seen.now.total.to_minor()))
    change = SubscriptionChange.objects.get()
    assert done.status_code == 302 and "/pay/" in done.url
    assert (change.state, change.invoice.total_amount) == ("unpaid", D("10"))
    page = browser.get(reverse("billing_portal:subscription_detail", args=[service.pk])).content.decode()
    assert "Change under way" in page
    back = browser.post(reverse("billing_portal:change_withdraw", args=[change.pk]))
    change.refresh_from_db()
    assert (back.status_code, change.state, change.invoice.state) == (302, "withdrawn", "cancelled")


@pytest.mark.parametrize("expected", ["1", "", "a lot", "-5"])
def test_what_was_not_shown_is_not_done(browser, service, plans, expected):
    answer = browser.post(address(service), values(plans[1], confirm="1", expected=expected))
    assert answer.status_code == 422 and not SubscriptionChange.objects.exists()


def test_a_client_gets_no_credit_at_once(browser, cast, plans):
    service = active_subscription(cast.alice_client, plans[1])
    answer = browser.post(address(service), values(plans[0]))
    assert answer.status_code == 422 and "cheaper plan" in answer.content.decode()
    assert browser.post(address(service), values(plans[0], when="term_end")).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"quantity": "-1"}, {"quantity": "0"}, {"cycle": "weekly"}, {"product": "999999"}, {"product": "x"}, {"when": "yesterday"}],
)
def test_senseless_input_is_refused_beside_the_field(browser, service, plans, wrong):
    plans[0].max_quantity = 5
    plans[0].save()
    answer = browser.post(address(service), values(plans[1]) | wrong)
    assert answer.status_code == 422 and answer.context["form"].errors


def test_a_stranger_finds_nothing(client, cast, service):
    client.force_login(cast.charlie)
    assert client.get(address(service)).status_code == 404


def test_staff_change_with_a_price_of_their_own(client, cast, service, plans):
    client.force_login(cast.stella)
    form = values(plans[1], price="15.00", reason="promised")
    shown = client.post(address(service, "billing_staff"), form)
    seen = shown.context["seen"]
    client.post(address(service, "billing_staff"), form | {"confirm": "1", "expected": seen.now.total.to_minor()})
    change = SubscriptionChange.objects.get()
    assert (change.invoice.total_amount, change.after["is_override"]) == (D("5"), True)
    assert client.get(reverse("billing_staff:change_list")).status_code == 200
    assert b"Waits for payment" in client.get(service.get_absolute_url()).content
