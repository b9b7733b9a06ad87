"""Everything but typing a card number works in a browser that runs no script: a client orders, waits, pays and asks; staff look
through lists, edit, and act on many rows. What waits asks again by itself (a refresh in the head), forms send themselves."""

import re
import uuid

import pytest

from tests.journeys import acts

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

#: An invoice that the client owes; prints its number.
OWES = """
from decimal import Decimal
from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
client = Client.objects.get(email="{email}")
lines = [NewLine("Migration {tag}", Decimal("{net}"))]
print(write_invoice(open_account(client), lines, due_on=clock.today(), actor=SYSTEM).number)
"""


@pytest.fixture
def plain(visit):
    """A page that runs no script."""
    return lambda width=1280: visit(width, java_script_enabled=False)


def pay_by_saved_card(page) -> None:
    """On the pay page; ends when the waiting page, which asks by itself, tells that it is paid."""
    page.get_by_role("button", name=re.compile("^Pay ")).first.click()
    page.wait_for_url(re.compile("/return/"))
    page.get_by_text(re.compile("paid, thank you")).wait_for()


def test_a_client_orders_pays_and_asks_without_script(stack, plain):
    login, tag, page = stack.up.clients[1], uuid.uuid4().hex[:8], plain(390)
    domain = f"plain-{tag}.example"
    acts.sign_in(page, login, "/account/")
    acts.choose(page, "Start", domain)
    acts.order(page)
    assert "Paying by card needs JavaScript" in page.locator("main").inner_text(), "of a new card; a saved one does not"
    pay_by_saved_card(page)
    page.get_by_role("link", name=re.compile("Watch it being set up|Look at it|Open")).first.click()
    page.get_by_role("link", name="Go to my service").click()
    page.get_by_role("heading", name=domain, level=1).wait_for()
    page.get_by_text("Online").first.wait_for()

    number = stack.shell(OWES.format(email=login["email"], tag=tag, net="12.00")).splitlines()[-1]
    page.goto("/account/invoices/")
    page.get_by_role("link", name=re.compile(number)).first.click()
    page.get_by_role("link", name=re.compile("^Pay ")).locator("visible=true").first.click()
    page.wait_for_url(re.compile("/pay/"))
    pay_by_saved_card(page)
    page.get_by_role("link", name="Go to my client area").click()
    page.wait_for_url("**/account/")

    page.goto("/account/tickets/new/")
    page.get_by_label("What is it about?").fill(f"No script here {tag}")
    page.get_by_label("Your message").fill("Does it still work?")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name=f"No script here {tag}").wait_for()

    staff = plain()
    acts.sign_in(staff, stack.up.staff, "/staff/tickets/")
    staff.get_by_role("searchbox", name="Search in this list").fill(tag)
    staff.keyboard.press("Enter")
    staff.wait_for_url(re.compile(tag))
    staff.get_by_role("link", name=re.compile(tag)).first.click()
    staff.get_by_label("Your answer").fill("It does.")
    staff.get_by_role("button", name="Send to the client").click()
    staff.locator("main").get_by_text("It does.").wait_for()
    page.reload()
    page.get_by_text("It does.").wait_for()
    stack.books()


def test_staff_search_filter_edit_and_act_on_rows_without_script(stack, plain):
    tag, page = uuid.uuid4().hex[:6], plain()
    acts.sign_in(page, stack.up.staff, "/staff/")
    page.get_by_role("link", name="Clients", exact=True).first.click()
    page.wait_for_url("**/staff/clients/**")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name="New client").first.click()
    for label, text in (("First name", "Paula"), ("Last name", f"Plain {tag}"), ("E-mail", f"{tag}@plain.example")):
        page.get_by_label(label, exact=False).first.fill(text)
    page.get_by_label("Country", exact=False).first.select_option("DE")
    page.get_by_role("button", name=re.compile("^(Create|Save|Add)")).first.click()
    page.wait_for_url(re.compile(r"/staff/clients/\d+/"))
    page.get_by_role("link", name="Edit", exact=True).last.click()
    page.get_by_label("Company").first.fill(f"Plain & Sons {tag}")
    page.get_by_role("button", name="Save").first.click()
    page.get_by_text(f"Plain & Sons {tag}").first.wait_for()

    page.goto(f"/staff/clients/?q={tag}")
    page.get_by_role("row").filter(has_text=tag).get_by_role("checkbox").check()
    assert page.locator(".bulk").is_visible(), "what can be done to the chosen appears by style alone"
    page.get_by_role("button", name=re.compile("^Close accounts")).click()
    page.get_by_label(re.compile("Reason|Why")).first.fill("Never wanted one")
    page.locator("main form").get_by_role("button", name=re.compile("Close")).first.click()
    page.get_by_text("Close accounts: done for 1.").first.wait_for()
    page.goto(f"/staff/clients/?tab=closed&q={tag}")
    assert "Closed" in page.get_by_role("row").filter(has_text=tag).inner_text()
