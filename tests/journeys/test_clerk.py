"""A billing clerk: finds a transfer that names nobody by its amount and books it, and writes an invoice by hand."""

import re
import uuid
from decimal import Decimal

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

#: A colleague with the clerk's role, and a client who owes; prints the invoice's number and the client's id.
BEGIN = """
from datetime import timedelta
from decimal import Decimal
from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from clients.actions.client import create_client
from clients.actions.user import create_staff
from clients.models import StaffRole
from hostbill.core import clock
from hostbill.core.access import SYSTEM
clerk = create_staff("clerk-{tag}@nordhost.example", actor=SYSTEM, roles=[StaffRole.objects.get(code="billing-clerk")], name="Clara Clerk")
clerk.set_password("{password}")
clerk.save()
client = create_client(actor=SYSTEM, first_name="Tanvir", last_name="Hossain {tag}", company="Weaves {tag}", email="{tag}@weaves.example",
    address1="14 Khan Jahan Ali Road", city="Khulna", country="BD", currency="EUR")
lines = [NewLine("Web hosting, a year", Decimal("{amount}"))]
invoice = write_invoice(open_account(client), lines, due_on=clock.today() - timedelta(days=20), actor=SYSTEM)
print(invoice.number, client.pk, invoice.total_amount)
"""


def begin(stack) -> dict:
    """What the story needs: tag, number, client, total and the clerk's login."""
    tag = uuid.uuid4().hex[:8]
    amount = f"{180 + int(tag[:2], 16)}.{10 + int(tag[2:4], 16) % 89}"
    code = BEGIN.replace("{tag}", tag).replace("{password}", acts.PASSWORD).replace("{amount}", amount)
    number, client, total = stack.shell(code).splitlines()[-1].split()
    login = {"email": f"clerk-{tag}@nordhost.example", "password": acts.PASSWORD}
    return {"tag": tag, "number": number, "client": client, "total": f"{Decimal(total):.2f}", "login": login}


@pytest.fixture
def clerk(stack, visit):
    """Signed in, with what the story needs."""
    story, page = begin(stack), visit(1440)
    acts.sign_in(page, story["login"], "/staff/")
    page.story = story
    return page


def test_finds_a_transfer_by_its_amount_and_books_it_with_the_keyboard(stack, clerk):
    """The sender is a private account: the words say nothing, the amount says it all."""
    story = clerk.story
    clerk.goto("/staff/payments/")
    clerk.get_by_role("link", name="Book a bank payment").click()
    clerk.get_by_label("Amount", exact=False).first.fill(story["total"])
    clerk.get_by_label("Reference", exact=False).first.fill(f"private account {uuid.uuid4().hex[:6]}")
    clerk.keyboard.press("Enter")
    row = clerk.get_by_role("row").filter(has_text=story["number"])
    assert "Amount only" in row.inner_text()
    box = row.get_by_role("checkbox")
    assert not box.is_checked(), "an amount alone is a hint, not a decision"
    box.focus()
    clerk.keyboard.press("Space")
    clerk.get_by_role("button", name="Book for the chosen").focus()
    clerk.keyboard.press("Enter")
    clerk.get_by_text(f"Booked for invoice {story['number']}").wait_for()
    clerk.goto(f"/staff/clients/{story['client']}/")
    clerk.get_by_text("Nothing is unpaid.").wait_for()
    clerk.get_by_role("navigation", name="Parts of this client").get_by_role("link", name="Invoices and payments").click()
    clerk.wait_for_url(re.compile("/money/"))
    clerk.get_by_role("row").filter(has_text=story["number"]).get_by_text("Paid").wait_for()
    stack.books()


def test_writes_an_invoice_and_issues_it_once(stack, clerk):
    """Totals follow while typing; lines are moved; two quick presses issue one document."""
    story = clerk.story
    clerk.goto(f"/staff/clients/{story['client']}/")
    clerk.get_by_role("link", name="New invoice", exact=True).click()
    clerk.get_by_label("Description").first.fill("Migration of three sites")
    clerk.get_by_label("Price, net").first.fill("120")
    clerk.locator("#draft-totals").get_by_text("120.00").first.wait_for()
    clerk.get_by_role("button", name="Another line").click()
    clerk.get_by_label("Description").nth(1).fill("Goodwill")
    clerk.get_by_label("Price, net").nth(1).fill("-20")
    clerk.locator("#draft-totals").get_by_text("100.00").first.wait_for()
    clerk.get_by_role("button", name="Move line 2 up").click()
    eventually(lambda: clerk.get_by_label("Description").first.input_value() == "Goodwill")
    clerk.get_by_role("button", name="Save the draft").click()
    clerk.wait_for_url(re.compile(r"/invoices/\d+/edit/"))
    pdf = clerk.request.get(clerk.url.replace("/edit/", "/pdf/"))
    assert pdf.headers["content-type"] == "application/pdf"
    clerk.get_by_role("button", name="Issue the invoice").dblclick()
    clerk.wait_for_url(re.compile(r"/invoices/\d+/$"))
    number = re.search(r"Invoice (\S+)", clerk.get_by_role("heading", level=1).inner_text())[1]
    mail = eventually(lambda: acts.mail_with(stack, f"{story['tag']}@weaves.example", number), 60)
    assert mail
    count = stack.query(f"__import__('billing.models').models.Invoice.objects.filter(client_id={story['client']}).count()")
    assert count == 2
    stack.books()
