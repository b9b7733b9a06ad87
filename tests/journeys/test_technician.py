"""A technician: a server is down and an account stuck; the pages say so, and once the server is back one press mends it."""

import re
import uuid

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

#: A colleague with the technician's role, and somebody who orders and pays; prints the domain.
BEGIN = """
from billing.actions.cart import add_line, create_cart
from billing.actions.order import place_order
from billing.actions.payment import book_bank_payment
from billing.models import Product
from billing.queries.quote import quote
from clients.actions.client import create_client
from clients.actions.user import create_staff
from clients.models import StaffRole
from hostbill.core import clock
from hostbill.core.access import SYSTEM
tech = create_staff("tech-{tag}@nordhost.example", actor=SYSTEM, roles=[StaffRole.objects.get(code="technician")], name="Tilda Tech")
tech.set_password("{password}")
tech.save()
client = create_client(actor=SYSTEM, first_name="Nusrat", last_name="{tag}", email="{tag}@stuck.example", address1="Norderstrasse 12",
    postcode="24939", city="Flensburg", country="DE", currency="EUR")
cart = create_cart(currency="EUR", actor=SYSTEM, client=client)
add_line(cart, product=Product.objects.get(slug="start"), cycle="monthly", answers={"domain": "{tag}.example"}, actor=SYSTEM)
order = place_order(cart, client=client, actor=SYSTEM, idempotency_key="{tag}", agreed={"terms": "1"},
    expected_total=quote(cart, country="DE").total.amount)
book_bank_payment(order.invoice.account, reference="{tag}", money=order.invoice.open, received_on=clock.today(), actor=SYSTEM)
"""


def begin(stack, tag: str) -> dict:
    """Somebody has ordered and paid; the technician's login."""
    stack.shell(BEGIN.replace("{tag}", tag).replace("{password}", acts.PASSWORD))
    return {"email": f"tech-{tag}@nordhost.example", "password": acts.PASSWORD}


def test_a_server_is_down_and_the_stuck_account_is_mended(stack, visit):
    """Home names the server; the server's page, what waits for it; from there each step is a link or a button of the page before."""
    tag = f"stuck-{uuid.uuid4().hex[:8]}"
    stack.control("whm", "faults", {"match": ".*", "kind": "refuse", "times": None})
    try:
        login, page = begin(stack, tag), visit(1440)
        acts.sign_in(page, login, "/staff/")
        told_at_home(page).click()
        stuck = page.get_by_role("row").filter(has_text=tag)
        stuck.get_by_role("link").first.click()
        page.wait_for_url(re.compile(r"/operations/\d+/"))
        page.get_by_text(re.compile("did not answer|answer lost|not reach|refused|unreachable", re.I)).first.wait_for()
        page.go_back()
        page.get_by_role("button", name="Test the connection").click()
        page.get_by_text(re.compile("The test failed")).first.wait_for()
        page.get_by_text("Does not answer well").first.wait_for()
    finally:
        stack.control("whm", "faults", method="DELETE")
    page.get_by_role("button", name="Test the connection").click()
    page.get_by_text(re.compile("The panel answers")).first.wait_for()
    if stuck.count():  # the worker may have been faster
        stuck.get_by_role("link").first.click()
        page.wait_for_url(re.compile(r"/operations/\d+/"))
        if page.get_by_role("button", name="Try now").count():
            page.get_by_role("button", name="Try now").first.click()
    made = eventually(lambda: [a for a in stack.accounts().values() if a["domain"] == f"{tag}.example"], 90)
    assert len(made) == 1
    page.get_by_role("link", name=re.compile(f"^{tag}")).first.click()
    page.wait_for_url(re.compile(r"/services/\d+/"))
    eventually(lambda: page.reload() and page.get_by_text("Online").count(), 60)
    assert acts.mail_with(stack, f"{tag}@stuck.example", "is online")


def told_at_home(page):
    """The link by which the home page leads to the server that is down."""
    found = page.get_by_role("link", name=re.compile("^Look and mend ?: .+: Does not answer well"))
    eventually(lambda: found.count() or not page.reload(), 120)
    return found.first
