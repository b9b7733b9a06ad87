"""Merging on screen and by API: choose, look at both, type the number, done; old addresses lead to the kept client."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from billing.models import Invoice
from billing.queries.pay_link import pay_token
from clients.actions.api_token import create_token
from clients.actions.client import create_client
from clients.actions.merge import merge_clients
from clients.models import Membership
from hostbill.core.access import SYSTEM
from tests.billing.factories import make_order, make_product
from tests.factories import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(cast):
    """(kept, gone)."""
    make_order(cast.charlie_client, make_product())
    return cast.alice_client, cast.charlie_client


def browser(user):
    """Signed in."""
    found = Browser()
    found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found


def page_of(gone):
    return reverse("clients_staff:client_merge", args=[gone.pk])


def test_staff_choose_compare_and_confirm(pair, cast):
    kept, gone = pair
    staff = browser(cast.stella)
    assert page_of(gone) in staff.get(reverse("staff_client", args=[gone.pk])).content.decode()
    chooser = staff.get(page_of(gone), {"find": "Weaves"}).content.decode()
    assert f"?into={kept.pk}" in chooser and f"?into={gone.pk}" not in chooser
    page = staff.get(page_of(gone), {"into": kept.pk}).content.decode()
    for words in ("Norderstrasse 12", "Khulna", "Invoices", "Type C-", "The other way round", "€10.00"):
        assert words in page, words
    wrong = staff.post(page_of(gone), {"into": kept.pk, "typed": "C-1", "reason": "Twice the same"})
    assert wrong.status_code == 422 and "Twice the same" in wrong.content.decode()
    gone.refresh_from_db()
    assert gone.merged_into is None
    done = staff.post(page_of(gone), {"into": kept.pk, "typed": gone.number})
    assert done.status_code == 302 and done.url == reverse("staff_client", args=[kept.pk])
    gone.refresh_from_db()
    assert gone.merged_into == kept and Invoice.objects.get().client == kept


def test_what_stands_in_the_way_is_said_and_there_is_no_button(pair, cast):
    kept, gone = pair
    other = create_client(actor=SYSTEM, company="Dollar Ltd", email="d@people.example", currency="USD")
    page = browser(cast.stella).get(page_of(gone), {"into": other.pk}).content.decode()
    assert "They cannot be merged now" in page and "Merge for good" not in page
    answer = browser(cast.stella).post(page_of(gone), {"into": other.pk, "typed": gone.number})
    assert answer.status_code == 422 and "documents of one currency" in answer.content.decode()
    for into in ("", "0", "999999", "x", "9" * 30):
        assert browser(cast.stella).post(page_of(gone), {"into": into, "typed": gone.number}).status_code == 422


def test_old_addresses_numbers_and_words_lead_to_the_kept_client(pair, cast):
    kept, gone = pair
    link = reverse("store:pay", args=[pay_token(Invoice.objects.get())])
    merge_clients(gone, into=kept, actor=SYSTEM)
    staff = browser(cast.stella)
    for route in ("staff_client", "staff_client_money", "staff_client_tickets"):
        assert staff.get(reverse(route, args=[gone.pk])).url == reverse(route, args=[kept.pk])
    assert staff.get(reverse("staff_client_history", args=[gone.pk])).status_code == 200
    here = staff.get(reverse("staff_client", args=[kept.pk])).content.decode()
    assert gone.number in here and reverse("staff_client_history", args=[gone.pk]) in here
    found = staff.get(reverse("search"), {"q": gone.number}).content.decode()
    assert reverse("staff_client", args=[kept.pk]) in found
    ticket = staff.get(reverse("support_staff:ticket_create"), {"client": gone.pk})
    assert kept.name in ticket.content.decode()
    assert Browser().get(link).status_code == 200


def test_the_people_of_the_client_see_the_kept_account(pair, cast):
    kept, gone = pair
    charlie = browser(cast.charlie)
    session = charlie.session
    session["client_id"] = gone.pk
    session.save()
    third = create_client(actor=SYSTEM, company="Third Ltd", email="t@people.example", currency="EUR")
    Membership.objects.create(user=cast.charlie, client=third, areas=["billing"], is_owner=False)
    merge_clients(gone, into=kept, actor=SYSTEM)
    page = charlie.get(reverse("portal_home")).content.decode()
    assert kept.name in page and gone.name not in page.replace(cast.charlie.label, "")
    number = Invoice.objects.get().number
    assert number in charlie.get(reverse("billing_portal:invoice_list")).content.decode()


def test_by_api_with_the_number_as_confirmation(pair, cast):
    kept, gone = pair
    _token, secret = create_token(actor=cast.stella_actor, label="Script", reach="all")
    ask = {"content_type": "application/json", "headers": {"Authorization": f"Bearer {secret}", "Idempotency-Key": "merge-1"}}
    address = f"/api/v1/clients/{gone.pk}/merge/"
    body = {"into": kept.pk, "reason": "The same"}
    assert Browser().post(address, body, **ask | {"headers": {**ask["headers"], "Idempotency-Key": "m0"}}).status_code == 422
    first = Browser().post(address, body | {"confirm": gone.number}, **ask)
    assert first.status_code == 200, first.content
    assert Browser().post(address, body | {"confirm": gone.number}, **ask).json() == first.json()
    gone.refresh_from_db()
    assert gone.merged_into == kept
    assert first.json()["object"]["merged_into"]["id"] == kept.pk


def test_without_the_right_nothing_is_offered(pair, cast):
    kept, gone = pair
    clerk = browser(make_staff("billing-clerk"))
    assert page_of(gone) not in clerk.get(reverse("staff_client", args=[gone.pk])).content.decode()
    assert clerk.get(page_of(gone)).status_code == 403
    assert clerk.post(page_of(gone), {"into": kept.pk, "typed": gone.number}).status_code == 403
    assert browser(cast.alice).get(page_of(gone)).status_code == 403
