"""Every page that links lead visitor, client and staff to: axe-core finds nothing, light and dark, and nothing scrolls sideways
at 320 px; the client area also from right to left, and the pieces that only a keyboard or a printer sees. With the demo's data;
`test_every_page.py` reaches what no link of the demo leads to."""

import re

import pytest

from tests.journeys import acts
from tests.journeys.crawl import ALL, AXE, FIND, findings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]
STAFF_CORNERS = [
    "/staff/",
    "/staff/styleguide/",
    "/staff/health/",
    "/staff/settings/",
    "/staff/jobs/",
    "/staff/messages/",
]


def test_the_shop(visit):
    start = ["/", "/plans/plesk-hosting/", "/order/grow/?cycle=annual", "/auth/login/", "/nothing-here/"]
    assert findings(visit(bypass_csp=True), start, missing=("/nothing-here/",)) == []


def test_checkout_and_pay_page(stack, visit):
    page = visit(bypass_csp=True)
    acts.choose(page, "Grow", "everyone-reads.example")
    assert findings(page, ["/cart/", "/checkout/"], within="/c") == []
    page.goto("/checkout/")
    acts.sign_up(page, "axe@everyone-reads.example")
    acts.order(page)
    assert findings(page, [page.url.replace(stack.url, "")], within="/pay/") == []


def test_the_client_area(stack, visit):
    page = visit(bypass_csp=True)
    acts.sign_in(page, stack.up.clients[0], "/account/")
    assert findings(page, ["/account/", "/account/tickets/new/"], within="/account/") == []


def test_the_client_area_from_right_to_left(stack, visit):
    """In Arabic, on a phone."""
    page = visit(bypass_csp=True)
    acts.sign_in(page, stack.up.clients[0], "/account/")
    page.context.add_cookies([{"name": "language", "value": "ar", "url": stack.url}])
    assert findings(page, ["/account/", "/"], within="/account/", width=390, rtl=True) == []


def test_the_console(stack, visit):
    page = visit(bypass_csp=True)
    acts.sign_in(page, stack.up.staff, "/staff/")
    assert findings(page, STAFF_CORNERS, within="/staff/", deep=3) == []


def test_a_long_list_is_searched_by_keyboard(stack, visit):
    """The searchable select: a combobox that speaks, a plain select without script."""
    page = visit(bypass_csp=True)
    acts.sign_in(page, stack.up.staff, "/staff/")
    page.goto("/staff/styleguide/")
    box = page.get_by_role("combobox", name=re.compile("Country, to search in")).first
    box.focus()
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.type("cote iv")
    option = page.get_by_role("option", name="Côte d’Ivoire")
    assert option.get_attribute("id") == box.get_attribute("aria-activedescendant")
    page.evaluate(AXE)
    assert page.evaluate(FIND, ALL) == []
    page.keyboard.press("Enter")
    assert box.input_value() == "Côte d’Ivoire" and box.get_attribute("aria-expanded") == "false"
    assert page.locator("#id_ok-country").input_value() == "CI"
    page.keyboard.type("nowhere")
    page.keyboard.press("Escape")
    assert box.input_value() == "Côte d’Ivoire", "what matches nothing chooses nothing"


def test_a_printed_page_has_no_frame(stack, visit):
    page = visit()
    acts.sign_in(page, stack.up.clients[0], "/account/")
    page.goto("/account/invoices/")
    page.locator("main a[href*='/invoices/']").first.click()
    page.emulate_media(media="print")
    for part in (".shop-top", ".tabbar", ".footer", ".crumbs", ".button"):
        assert page.locator(part).count() and not page.locator(part).locator("visible=true").count(), part
    assert page.locator("main h1").is_visible()
