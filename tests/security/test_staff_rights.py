"""A role with few rights: what it could still have given away or read beside the pages that are closed to it."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from billing.actions.order_terms import Terms, check_terms
from billing.models import Order
from clients.models import StaffRole
from clients.queries.actor import actor_of
from tests.billing.factories import make_order, make_product, pay
from tests.factories import make_cast, make_staff
from tests.security.conftest import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


def staff_with(*permissions):
    """Somebody of a role with these rights."""
    StaffRole.objects.create(code="few", name="Few", permissions=list(permissions))
    return make_staff("few")


def test_a_first_period_is_not_given_away_without_the_right_to_prices(cast):
    seller = staff_with("billing.order.create", "billing.order.begin", "billing.order.view", "clients.client.view")
    url = f"{reverse('billing_staff:order_create')}?client={cast.alice_client.pk}"
    line = {"product": make_product().pk, "cycle": "monthly", "quantity": 1}
    form = {"begin": "now", "invoice": "none", "key": str(uuid.uuid4()), "lines-TOTAL_FORMS": 1, "lines-INITIAL_FORMS": 0}
    form |= {f"lines-0-{name}": value for name, value in line.items()}
    assert b'name="invoice"' not in browser(seller).get(url).content
    assert browser(seller).post(url, form).status_code == 302
    assert Order.objects.get().invoice is not None
    with pytest.raises(PermissionDenied):
        check_terms(Terms(begin_now=True, invoice="none"), actor_of(seller))
    check_terms(Terms(begin_now=True, invoice="none"), cast.stella_actor)


def test_a_client_s_story_tells_no_money_to_those_who_may_not_see_it(cast):
    invoice = make_order(cast.alice_client).invoice
    pay(invoice, invoice.open)
    page = reverse("staff_client_story", args=[cast.alice_client.pk])
    few, all_of_it = staff_with("clients.client.view"), cast.stella
    payment = str(invoice.allocations.get().payment)
    assert payment in browser(all_of_it).get(page).content.decode()
    shown = browser(few).get(page).content.decode()
    assert payment not in shown and invoice.number not in shown
    assert "Nothing is planned" not in shown, "what may not be seen is not said to be nothing"
