"""The end of a month on screen: it is closed once what was served of it is booked, takes nothing more, and is opened again with a reason;
and a look ahead tells which invoice another setting would bring, without writing it."""

import re
from calendar import monthrange
from datetime import date

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

#: Tries to book in a closed month: says how it is refused.
BOOK = """
from datetime import date
from django.db import DatabaseError, transaction
from billing.models import JournalEntry
from hostbill.core import clock
try:
    with transaction.atomic():
        JournalEntry.objects.create(key="journey:{tag}", booked_on=date.fromisoformat("{day}"), booked_at=clock.now(), description="Late")
except DatabaseError as error:
    print("refused:", str(error).splitlines()[0])
"""


def ask_to_close(staff, day: date) -> str:
    """"" when it is closed, else what stands beside the field."""
    staff.goto("/staff/ledger/months/close/")
    staff.get_by_label("Close up to the month of").fill(day.isoformat())
    staff.get_by_role("button", name="Close the month").click()
    staff.get_by_text("Closed.", exact=True).or_(staff.locator(".field-error, .error-summary")).first.wait_for()
    return "" if staff.url.endswith("/ledger/months/") else staff.locator(".field-error, .error-summary").first.inner_text()


def test_a_look_ahead_tells_the_invoice_that_another_setting_would_bring(stack, staff, month):
    invoices = f"Invoice.objects.filter(client_id={month['clients'][0]}).count()"
    before = stack.query(invoices)
    staff.goto("/staff/ahead/new/")
    staff.locator("#id_client").select_option(value=str(month["clients"][0]), force=True)
    staff.locator("#id_option").select_option(value="billing.renewal_days_before", force=True)
    staff.get_by_label("Its value").fill("45")  # one invoice more in the next thirty days, whatever lengths the months have
    staff.get_by_role("button", name="Look ahead").click()
    staff.wait_for_url(re.compile(r"/staff/ahead/\d+/$"))
    staff.get_by_role("heading", name="Difference").or_(staff.get_by_text("Difference")).first.wait_for(timeout=180_000)
    staff.get_by_text("36.89").first.wait_for()
    assert stack.query(invoices) == before and not stack.query("Invoice.objects.filter(series_number__gte=10**8).count()")


def test_a_month_is_closed_when_it_is_booked_and_opened_again(stack, staff, month):
    last = month["began"].replace(day=monthrange(month["began"].year, month["began"].month)[1])
    row = staff.get_by_role("row").filter(has_text=f"{last:%Y-%m}").or_(staff.get_by_role("row").filter(has_text=f"{last:%B %Y}"))
    assert "over" in ask_to_close(staff, last)
    stack.manage("clock", "advance", "32d")
    acts.sign_in(staff, stack.up.staff, "/staff/")  # a month later nobody is signed in any more
    eventually(lambda: not ask_to_close(staff, last), 240)
    row.first.wait_for()
    try:
        said = stack.shell(BOOK.replace("{tag}", month["tag"]).replace("{day}", last.isoformat()))
        assert "refused:" in said and "closed" in said, said
        assert not ask_to_close(staff, last), "asked twice it is closed once"
    finally:
        staff.goto("/staff/ledger/months/")
        row.get_by_role("link").first.click()
        acts.more(staff, "Open again…")
        staff.get_by_label("Reason").or_(staff.get_by_label("Why")).first.fill(f"A late paper, {month['tag']}")
        staff.get_by_role("button", name="Open it again").click()
        staff.get_by_text("Open again.").first.wait_for()
    staff.get_by_text(f"A late paper, {month['tag']}").first.wait_for()
    stack.books()
