"""A newcomer on a phone: finds a plan, orders it, pays by card and sees the account being made, with a thumb and 390 pixels.

The shop's first pages at 320 pixels, from right to left and in Bengali. By keyboard: `test_keyboard.py`."""

import re

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]
PHONE = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
#: How much the page jumped while it loaded.
SHIFTS = """window.shifted = 0;
  const add = entry => { if (!entry.hadRecentInput) window.shifted += entry.value };
  new PerformanceObserver(list => list.getEntries().forEach(add)).observe({type: "layout-shift", buffered: true})"""
#: What can be touched and is smaller than a thumb. Links inside text may be.
SMALL = """() => [...document.querySelectorAll("button, select, .button, input:not([type=hidden])")]
  .filter(one => one.checkVisibility() && !one.matches(".choice-card input, .check input, [popover] *"))
  .map(one => [one.textContent.trim().slice(0, 30) || one.name, one.getBoundingClientRect()])
  .filter(([, box]) => box.height > 0 && box.height < 36)
  .map(([words, box]) => `${words} ${Math.round(box.width)}x${Math.round(box.height)}`)"""


def fits(page) -> None:
    """Nothing scrolls sideways, nothing is too small for a thumb."""
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    assert page.evaluate(SMALL) == [], page.url


def test_a_newcomer_orders_on_a_phone(stack, visit):
    page = visit(width=390, **PHONE)
    page.add_init_script(SHIFTS)
    page.goto("/")
    fits(page)
    page.get_by_role("button", name="Shop menu").tap()
    page.get_by_role("link", name="Plesk hosting").last.tap()
    page.wait_for_url("**/plans/plesk-hosting/")
    page.go_back()
    page.get_by_role("link", name="Grow", exact=True).tap()
    page.wait_for_url("**/plans/web-hosting/grow/**")
    fits(page)
    assert page.evaluate("window.shifted") < 0.05
    assert page.context.cookies() == []  # nothing asked of anybody so far
    page.get_by_role("link", name="Choose Grow").tap()
    page.get_by_role("textbox", name="domain").fill("thumb.example")
    page.get_by_role("radio", name="Monthly").check()
    page.get_by_role("button", name="Put into the basket").tap()

    # The basket forgives.
    page.wait_for_url("**/cart/")
    fits(page)
    page.get_by_role("button", name="Remove").tap()
    page.get_by_role("button", name="Undo").tap()
    page.get_by_role("link", name="Change it").tap()
    page.get_by_role("textbox", name="domain").fill("thumbs-up.example")
    page.get_by_role("button", name="Save").tap()
    page.get_by_role("link", name="Go to checkout").tap()

    # Mistakes are told beside the field, and what was typed stays.
    page.wait_for_url("**/checkout/")
    fits(page)
    page.get_by_label("First name").fill("Ada")
    page.get_by_role("button", name=re.compile("Order and pay")).tap()
    page.get_by_text("Please accept the terms").first.wait_for()
    assert page.get_by_label("First name").input_value() == "Ada"
    fits(page)
    acts.sign_up(page, "ada@thumbs-up.example")
    assert "€11.90" in page.locator("#order-lines").inner_text()
    acts.order(page)
    acts.pay(page, acts.GOOD)
    fits(page)
    acts.watch_set_up(page)
    fits(page)
    assert eventually(lambda: any(row["domain"] == "thumbs-up.example" for row in accounts(stack)))

    # The back button makes no second order.
    page.goto("/checkout/")
    assert "Your basket is empty" in page.content()


def accounts(stack) -> list:
    """What the panel has."""
    found = stack.accounts()
    return list(found.values()) if isinstance(found, dict) else found


@pytest.mark.parametrize("language", ["ar", "bn", "de"])
def test_the_shop_in_other_scripts_on_the_narrowest_screen(stack, visit, language):
    page = visit(width=320)
    page.context.add_cookies([{"name": "language", "value": language, "url": stack.url}])
    for path in ("/", "/plans/web-hosting/grow/", "/order/grow/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    page.locator("input[name=domain]").fill(f"{language}-thumb.example")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/cart/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.goto("/checkout/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
