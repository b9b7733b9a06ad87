"""The books and the look ahead: a rule of tax, a client with reverse charge, VIES down and up, the report beside the ledger, the
trial balance with its export, months that cannot be closed, and what would happen until a day."""

import re
import uuid
from datetime import date, timedelta

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

#: A French firm, and one of the same number's country whose check will find VIES down; prints their ids.
BEGIN = """
from clients.actions.client import create_client
from hostbill.core.access import SYSTEM
made = [create_client(actor=SYSTEM, first_name="Luc", last_name="Lumiere", company="Atelier {tag} %s" % n,
    email="{tag}-%s@lumiere.example" % n, address1="1 Rue de la Paix",
    postcode="75002", city="Paris", country="FR", currency="EUR", tax_id=vat)
    for n, vat in enumerate(("FR12345678901", "FR11222333444"))]
print(*[one.pk for one in made])
"""


def invoice(staff, client: str, words: str, price: str) -> None:
    """Write one by hand and issue it."""
    staff.goto(f"/staff/invoices/new/?client={client}")
    staff.get_by_label("Description").first.fill(words)
    staff.get_by_label("Price, net").first.fill(price)
    staff.get_by_role("button", name="Save the draft").click()
    staff.get_by_role("button", name="Issue the invoice").click()
    staff.wait_for_url(re.compile(r"/invoices/\d+/$"))


def ask(staff, client: str) -> None:
    """Ask the office about the client's VAT number."""
    staff.goto(f"/staff/clients/{client}/tax/")
    staff.get_by_role("link", name="Ask again…").click()
    staff.get_by_role("button", name="Ask", exact=True).click()
    staff.get_by_text("The question is on its way.").wait_for()


def told(staff, client: str) -> str:
    """What the tax page says now."""
    staff.goto(f"/staff/clients/{client}/tax/")
    return staff.locator("main").inner_text()


def test_tax_rules_reverse_charge_and_the_report(stack, visit):
    tag = uuid.uuid4().hex[:8]
    good, unsure = stack.shell(BEGIN.replace("{tag}", tag)).splitlines()[-1].split()
    staff = visit(1440)
    acts.sign_in(staff, stack.up.staff, "/staff/tax-rates/new/")
    staff.get_by_label("Name on invoices").fill(f"Island tax {tag}")
    staff.get_by_label("Percent").fill("7.5")
    staff.locator("#id_country").fill("1S")
    staff.get_by_label("Valid from").fill("2020-01-01")
    staff.get_by_role("button", name="Save", exact=True).click()
    staff.get_by_text("Two letters, such as DE.").first.wait_for()
    staff.locator("#id_country").fill("IS")
    staff.locator("#id_postcode").fill(tag[:5])  # one rate for one place and day
    staff.get_by_role("button", name="Save", exact=True).click()
    staff.wait_for_url(re.compile(r"/tax-rates/(\?.*)?$"))

    stack.control("vies", "faults", {"match": "check", "kind": "MS_UNAVAILABLE", "times": 50})
    try:
        ask(staff, unsure)
        invoice(staff, unsure, f"Hosting {tag}", "100")  # nobody waits for the office
    finally:
        stack.control("vies", "faults", method="DELETE")
    ask(staff, good)
    eventually(lambda: "SARL ATELIER LUMIERE" in told(staff, good), 60)
    invoice(staff, good, f"Hosting {tag}", "100")
    staff.get_by_text("Reverse charge").first.wait_for()
    assert "119.00" not in staff.locator("main").inner_text()

    staff.goto("/staff/tax-report/")
    staff.get_by_role("region", name="Recapitulative statement").get_by_text("FR").first.wait_for()
    staff.get_by_role("link", name="By document").click()
    staff.get_by_role("row").filter(has_text=f"Atelier {tag}").first.wait_for()
    stack.books()


def test_the_trial_balance_its_export_and_months_that_cannot_be_closed(stack, visit):
    staff = visit(1440)
    acts.sign_in(staff, stack.up.staff, "/staff/ledger/balance/")
    together = staff.get_by_role("row").filter(has_text="Together").inner_text()
    assert together
    staff.goto("/staff/ledger/export/")
    with staff.expect_download() as download:
        staff.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename
    staff.goto("/staff/ledger/months/close/")
    staff.get_by_label("Close up to the month of").fill("0001-01-01")
    staff.get_by_role("button", name="Close the month").click()
    staff.get_by_text("This day is too far away").first.wait_for()
    staff.get_by_label("Close up to the month of").fill("2020-01-01")
    staff.get_by_role("button", name="Close the month").click()
    staff.get_by_text("Nothing was booked in it or before").first.wait_for()
    this_month = stack.query("str(__import__('hostbill.core.clock').core.clock.today())")
    staff.get_by_label("Close up to the month of").fill(this_month)
    staff.get_by_role("button", name="Close the month").click()
    staff.get_by_text("This month is not over").first.wait_for()
    assert staff.get_by_label("Close up to the month of").input_value() == this_month


def test_a_look_ahead_for_one_client_and_what_a_setting_would_change(stack, visit):
    staff = visit(1440)
    acts.sign_in(staff, stack.up.staff, "/staff/ahead/new/")
    until = (date.fromisoformat(staff.get_by_label("Until").input_value()) + timedelta(days=10)).isoformat()
    staff.get_by_label("Until").fill(until)
    staff.locator("#id_client").select_option(index=1, force=True)
    staff.get_by_role("button", name="Look ahead").click()
    staff.get_by_text("In figures").wait_for()
    staff.get_by_role("link", name="Day by day").click(timeout=90_000)
    staff.get_by_role("row").nth(1).wait_for()
    staff.goto("/staff/ahead/new/")
    staff.locator("#id_option").select_option(value="billing.renewal_days_before", force=True)
    staff.get_by_label("Its value", exact=False).fill("28")
    staff.get_by_role("button", name="Look ahead").click()
    staff.get_by_text("Difference").or_(staff.get_by_text("It makes no difference")).first.wait_for(timeout=120_000)
    to_come = "Invoice.objects.filter(issued_on__gt=__import__('hostbill.core.clock').core.clock.today()).count()"
    assert stack.query(to_come) == 0, "looking ahead writes nothing"
