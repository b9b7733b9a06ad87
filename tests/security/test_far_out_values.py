"""Numbers and verbs that no page offers: refused beside the field or ignored, never a broken page or an amount that the
database cannot hold."""

import pytest
from django.urls import reverse

from billing.models import Invoice
from hostbill.core.models import SavedView
from tests.security.conftest import browser

pytestmark = pytest.mark.django_db

HUGE = "1" * 5000


@pytest.fixture
def stella(world):
    return browser(world.people["stella"])


def lines(**values) -> dict:
    """The editor's form with one line."""
    line = {"description": "x", "quantity": "1", "unit_amount": "10", "tax_class": "standard"}
    form = {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "due_on": "2099-01-01", "verb": "save"}
    form |= {f"lines-0-{name}": value for name, value in line.items()}
    return form | {f"lines-0-{name}" if name in line else name: value for name, value in values.items()}


@pytest.mark.parametrize(
    "line",
    [
        {"quantity": "99999999.9999", "unit_amount": "99999999999999.9999"},
        {"quantity": "999999", "unit_amount": "9999999999"},
        {"unit_amount": "-10000000000000"},
        {"unit_amount": "Infinity"},
        {"quantity": "NaN"},
    ],
)
def test_a_draft_takes_no_line_that_the_books_cannot_hold(stella, world, line):
    url = f"{reverse('billing_staff:invoice_create')}?client={world.client.pk}"
    before = Invoice.objects.count()
    assert stella.post(url, lines(**line)).status_code == 422
    assert stella.post(url, lines(**line, verb="check")).status_code == 200
    assert Invoice.objects.count() == before


def test_the_largest_line_can_be_kept(stella, world):
    url = f"{reverse('billing_staff:invoice_create')}?client={world.client.pk}"
    assert stella.post(url, lines(quantity="10", unit_amount="999999999.9999")).status_code == 302


@pytest.mark.parametrize("values", [{"verb": f"remove-{HUGE}"}, {"verb": "more", "lines-TOTAL_FORMS": HUGE}])
def test_verbs_of_the_draft_editor_with_absurd_numbers(stella, world, values):
    url = f"{reverse('billing_staff:invoice_create')}?client={world.client.pk}"
    assert stella.post(url, lines(**values)).status_code in (200, 302, 422)


@pytest.mark.parametrize("amount", ["9" * 16, "NaN", "Infinity", "1e999999", "-1"])
def test_amounts_that_no_account_can_hold(stella, world, amount):
    given = {"amount": amount, "note": "x", "reason": "x", "reference": "r-1", "received_on": "2020-01-01"}
    for route in ("billing_staff:client_credit", "billing_staff:invoice_pay"):
        noun = "client" if "client" in route else "invoice"
        url = reverse(route, args=[world.objects[noun].pk])
        assert stella.post(url, given).status_code == 422, route


@pytest.mark.parametrize("verb", ["view_delete", "view_rename", "view_update"])
def test_a_saved_view_that_is_not_named_cannot_be_changed_even_by_superusers(stella, world, verb):
    answer = stella.post(reverse("clients_staff:client_list"), {"do": verb, "name": "x"})
    assert answer.status_code == 403 and not SavedView.objects.exists()
