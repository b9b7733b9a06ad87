"""Staff make a plan with options, an addon and a bundle in two currencies; a visitor orders it, the panel gets what was chosen, and
the client changes it later."""

import re
import uuid

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]


def duplicate(staff, name: str, new_name: str) -> None:
    """A copy of a product, open in its editor."""
    staff.goto("/staff/products/?q=" + name)
    staff.get_by_role("link", name=name, exact=True).click()
    staff.get_by_role("button", name="More").click()
    staff.get_by_role("link", name="Duplicate…").click()
    staff.get_by_role("textbox", name="Name of the copy").fill(new_name)
    staff.get_by_role("button", name="Make the copy").click()
    staff.get_by_role("heading", level=1, name=new_name).wait_for()


def save(staff) -> None:
    """Save, and wait until it is said."""
    staff.get_by_role("button", name="Save", exact=True).last.click()
    staff.get_by_text("Saved", exact=False).first.wait_for()


def make_option(staff, group: str, name: str, kind: str, key: str, prices: dict, rule: tuple = (), **fields) -> None:
    """An option of the group with one row; `rule`: (what, while, at least)."""
    staff.goto("/staff/products/options/")
    staff.get_by_role("link", name=group, exact=True).click()
    staff.get_by_role("link", name="New option").click()
    asked = staff.get_by_role("region", name="What is asked")
    asked.get_by_role("textbox", name="Name").fill(name)
    asked.get_by_label("Kind").select_option(label=kind)
    asked.get_by_role("textbox", name="Key").fill(key)
    for label, value in fields.items():
        asked.get_by_label(label, exact=False).first.fill(value)
    staff.get_by_role("textbox", name="Choice", exact=True).fill(name)
    for currency, price in prices.items():
        table = staff.get_by_role("table", name=f"Prices in {currency}, net")
        table.get_by_role("textbox", name="Monthly: price").fill(price)
    if rule:
        staff.get_by_label("It", exact=True).first.select_option(label=rule[0])
        staff.get_by_label("While").first.select_option(label=rule[1])
        staff.get_by_label("at least").first.fill(rule[2])
    save(staff)


def make_catalogue(staff, tag: str) -> None:
    """Plan, addon, two options with a rule between them, a bundle."""
    plan, care = f"Atlas {tag}", f"Watch {tag}"
    duplicate(staff, "Grow", plan)
    staff.get_by_role("textbox", name="Monthly in EUR: price").fill("12.00")
    staff.get_by_role("textbox", name="Monthly in USD: price").fill("13.50")
    staff.get_by_role("checkbox", name="Hidden from the store").uncheck()
    save(staff)
    duplicate(staff, "Care", care)
    parents = staff.get_by_role("group", name="Addon of")
    parents.get_by_role("checkbox", name=plan).check()
    staff.get_by_role("checkbox", name="Hidden from the store").uncheck()
    save(staff)
    staff.goto("/staff/products/options/new/")
    staff.get_by_role("textbox", name="Name").fill(f"Space {tag}")
    staff.get_by_role("checkbox", name=plan).check()
    save(staff)
    space = {"Unit": "GB", "Least": "10", "Most": "100", "In steps": "10"}
    make_option(staff, f"Space {tag}", "Disk", "Quantity", "disk_gb", {"EUR": "0.10", "USD": "0.12"}, **space)
    rule = ("is shown only", "Disk: at least", "50")
    make_option(staff, f"Space {tag}", "Far copy", "Yes or no", "far_copy", {"EUR": "2.00", "USD": "2.20"}, rule)
    staff.goto("/staff/products/bundles/new/")
    staff.get_by_role("textbox", name="Name").fill(f"Pair {tag}")
    first = staff.get_by_role("region", name=re.compile("^(Product 1|Another product)$")).first
    first.get_by_role("combobox", name="Product").select_option(label=plan)
    first.get_by_role("combobox", name="Paid").select_option(label="Monthly")
    first.get_by_role("textbox", name="Price in EUR, net").fill("9.00")
    save(staff)


def disk(stack, domain: str) -> str:
    """The limit that the panel has, in MB."""
    return next((row["quota"] for row in stack.accounts().values() if row["domain"] == domain), "")


def test_an_option_goes_from_the_catalogue_to_the_panel_and_is_changed(stack, visit):
    tag = uuid.uuid4().hex[:6]
    domain, email = f"atlas-{tag}.example", f"ada@atlas-{tag}.example"
    staff, page = visit(1440), visit()
    acts.sign_in(staff, stack.up.staff, "/staff/")
    make_catalogue(staff, tag)

    page.goto(f"/bundle/pair-{tag}/")
    page.get_by_text("10.71").first.wait_for()  # 9.00 and 19 %

    page.goto(f"/order/atlas-{tag}/")
    page.get_by_role("textbox", name="domain").fill(domain)
    page.get_by_role("radio", name=re.compile("^Monthly")).check()
    total = page.locator("#configure-sum")
    page.get_by_label("Disk").fill("60")
    page.get_by_label("Disk").press("Tab")
    total.get_by_text("21.42").first.wait_for()  # (12 + 60 x 0.10) and 19 %
    page.get_by_role("checkbox", name=re.compile("Far copy")).check()
    total.get_by_text("23.80").first.wait_for()
    page.get_by_label("Disk").fill("20")
    page.get_by_label("Disk").press("Tab")
    page.get_by_role("checkbox", name=re.compile("Far copy")).wait_for(state="detached")
    total.get_by_text("16.66").first.wait_for()
    page.get_by_label("Disk").fill("60")
    page.get_by_label("Disk").press("Tab")
    page.get_by_role("checkbox", name=re.compile("Far copy")).check()
    page.get_by_role("checkbox", name=re.compile(f"Watch {tag}")).check()
    total.get_by_text("34.51").first.wait_for()
    page.get_by_role("button", name="Put into the basket").click()
    page.get_by_role("link", name="Go to checkout").click()
    acts.sign_up(page, email)
    acts.order(page)
    acts.pay(page, acts.GOOD)
    acts.watch_set_up(page)
    eventually(lambda: disk(stack, domain) == str(60 * 1024))

    found = stack.query(f"Subscription.objects.get(label='{domain}', parent=None).pk")
    page.goto(f"/account/subscriptions/{found}/change/")
    page.get_by_label("Disk").fill("80")
    page.get_by_role("button", name="Show what it costs").click()
    page.get_by_text("To pay now").wait_for()
    page.get_by_role("button", name="Change it like this").click()
    page.wait_for_url(re.compile("/pay/"))
    assert disk(stack, domain) == str(60 * 1024), "only a paid change reaches the panel"
    acts.pay(page, acts.GOOD)
    eventually(lambda: disk(stack, domain) == str(80 * 1024))

    staff.goto("/staff/products/?q=Atlas")
    staff.get_by_role("link", name=f"Atlas {tag}", exact=True).click()
    staff.get_by_role("checkbox", name="Hidden from the store").check()
    save(staff)
    assert page.goto(f"/order/atlas-{tag}/").status == 404
    stack.books()
