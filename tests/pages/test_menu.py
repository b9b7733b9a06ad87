"""The console's menu: it is drawn once and kept, and marks the place of each page all the same."""

import re

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
#: A page -> the place of the menu that it belongs to.
PAGES = {
    "billing_staff:payment_list": "payments",
    "billing_staff:bank_line_list": "payments",
    "billing_staff:credit_note_list": "invoices",
    "billing_staff:product_list": None,
    "billing_staff:billable_list": "invoices",
    "billing_staff:subscription_list": "services",
    "billing_staff:ledger_account_list": "reports",
}


def marked(client, route: str) -> str | None:
    """The place that the menu marks."""
    html = client.get(reverse(route)).content.decode()
    found = re.findall(r'class="side-link" href="/staff/(\w+)/" aria-current', html)
    return found[0] if found else None


def test_pages_beside_a_place_mark_it_whichever_was_drawn_first(client, cast):
    client.force_login(cast.stella)
    for _time in range(2):
        assert {route: marked(client, route) for route in PAGES} == PAGES
