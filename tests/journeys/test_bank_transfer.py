"""A stranger with a name in German letters orders, pays by bank transfer; staff book the statement; the site is up."""

import re

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]
#: As typed, and as panels know it: "ß" stays itself (IDNA 2008), it does not become "ss".
TYPED, STORED = "www.Bücherfaß.example", "xn--bcherfa-6va8w.example"


def test_a_booked_transfer_brings_the_service_up(stack, visit):
    buyer, email = visit(390), "joerg@buecherfass.example"
    acts.choose(buyer, "Start", TYPED)
    acts.sign_up(buyer, email, first="Jörg", last="Weiß")
    acts.order(buyer, gateway="Bank transfer")
    instructions = buyer.locator("main").inner_text()
    number = re.search(r"Invoice (\S+)", instructions)[1]
    amount = re.search(r"Transfer €?([\d.]+)", instructions)[1]
    assert "IBAN" in instructions and number in instructions
    assert acts.mail_with(stack, email, "invoice")
    assert STORED not in {account["domain"] for account in stack.accounts().values()}

    staff = visit()
    acts.sign_in(staff, stack.up.staff, "/staff/payments/match/")
    staff.get_by_label("Amount", exact=False).first.fill(amount)
    staff.get_by_label("Reference", exact=False).first.fill(f"WEISS JOERG RG {number.lower()} DANKE")
    staff.get_by_role("button", name="Find what fits").click()
    row = staff.get_by_role("row").filter(has_text=number)
    assert "Reference and amount" in row.inner_text()
    assert row.get_by_role("checkbox").is_checked()
    staff.get_by_role("button", name="Book for the chosen").click()
    staff.get_by_text(f"Booked for invoice {number}").wait_for()

    account = eventually(lambda: next((a for a in stack.accounts().values() if a["domain"] == STORED), None), 60)
    assert account["plan"]
    welcome = acts.mail_with(stack, email, "is online")
    assert "bücherfaß.example" in welcome["subject"]
    buyer.goto("/account/services/")
    buyer.get_by_role("link", name=re.compile("bücherfaß.example")).first.click()
    buyer.get_by_text("Online").first.wait_for()
    stack.books()
