"""A price list for a group of clients and what one of them then sees in the shop; prices of running services raised for all who
have a product, looked at before, told by mail."""

import re
from datetime import date, timedelta

import pytest

from tests.journeys import acts, begun

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]


@pytest.fixture(scope="module")
def two(stack):
    """Two clients with a service each."""
    return begun.two_clients(stack)


def test_a_group_has_prices_of_its_own_in_the_shop(stack, visit, two):
    tag, staff = two["tag"], visit(1440)
    acts.sign_in(staff, stack.up.staff, "/staff/clients/groups/new/")
    staff.get_by_label("Name").first.fill(f"Partners {tag}")
    staff.locator("#id_discount_percent").fill("0")
    staff.get_by_role("button", name="Save", exact=True).click()
    staff.goto(f"/staff/clients/{two['clients'][0]}/group/")
    staff.locator("#id_group").select_option(label=f"Partners {tag}", force=True)
    staff.locator("main").get_by_role("button").first.click()
    staff.wait_for_url(re.compile(r"/clients/\d+/$"))

    staff.goto("/staff/price-lists/new/")
    staff.get_by_label("Name").first.fill(f"For partners {tag}")
    staff.locator("#id_currency").fill("XQZ")
    staff.locator("#id_client_group").select_option(label=f"Partners {tag}", force=True)
    staff.get_by_role("button", name="Save", exact=True).click()
    staff.get_by_text("There is no such currency").first.wait_for()
    assert staff.get_by_label("Name").first.input_value() == f"For partners {tag}"
    staff.locator("#id_currency").fill("EUR")
    staff.get_by_role("button", name="Save", exact=True).click()
    staff.wait_for_url(re.compile(r"/price-lists/\d+/$"))
    acts.more(staff, "Enter a price…")
    staff.locator("#id_product").select_option(label="Grow", force=True)
    staff.locator("#id_cycle").select_option(label="Monthly", force=True)
    staff.locator("#id_amount").fill("-7")
    staff.get_by_role("button", name="Enter it").click()
    staff.locator(".field-error").first.wait_for()
    assert staff.locator("#id_amount").input_value() == "-7"
    staff.locator("#id_amount").fill("7")
    staff.get_by_role("button", name="Enter it").click()
    staff.get_by_role("row").filter(has_text="Grow").filter(has_text="7.00").wait_for()

    partner, stranger = visit(390), visit()
    acts.sign_in(partner, begun.login(two, 0), "/account/")
    for page, price in ((partner, "8.33"), (stranger, "11.90")):  # with 19 % tax
        page.goto("/order/grow/")
        page.get_by_role("textbox", name="domain").fill(f"group-{tag}.example")
        page.get_by_role("radio", name=re.compile("^Monthly")).check()
        page.get_by_role("button", name="Put into the basket").click()
        page.get_by_text(price).first.wait_for()


def test_prices_are_raised_after_a_look_at_everybody_and_a_mail(stack, visit, two):
    tag, staff = two["tag"], visit(1440)
    acts.sign_in(staff, stack.up.staff, "/staff/price-updates/new/")
    staff.get_by_label("Name").first.fill(f"Energy {tag}")
    today = stack.query("str(__import__('hostbill.core.clock').core.clock.today())")
    staff.locator("#id_starts_on").fill((date.fromisoformat(today) + timedelta(days=60)).isoformat())
    staff.locator("#id_how").select_option(value="percent", force=True)
    staff.locator("#id_percent").fill("1e30")
    staff.get_by_role("checkbox", name=re.compile(f"Care {tag}")).check()
    staff.locator("#id_reason").fill(f"Energy costs more, {tag}.")
    tells = staff.locator("#id_tells")
    if not tells.is_checked():
        tells.check()
    staff.get_by_role("button", name="Save and look at it").click()
    staff.locator(".field-error").first.wait_for()
    assert staff.locator("#id_reason").input_value() == f"Energy costs more, {tag}."
    staff.locator("#id_percent").fill("10")
    staff.get_by_role("button", name="Save and look at it").click()
    staff.get_by_role("region", name="Who would pay what").get_by_role("row").filter(has_text="34.10").filter(has_text="31.00").wait_for()
    about = staff.get_by_role("region", name="Services it is about")
    assert about.get_by_role("row").count() == 3, "the head and both clients"
    acts.more(staff, "Begin…")
    staff.get_by_role("button", name="Begin", exact=True).click()
    for email in two["emails"]:
        mail = acts.mail_with(stack, email, "price")
        assert "34.10" in mail["text"] and f"Energy costs more, {tag}." in mail["text"]
    staff.reload()
    told = staff.get_by_role("region", name="New prices entered").get_by_role("row").filter(has_text="told")
    told.nth(1).wait_for()
    stack.books()
