"""Each journey once more with nothing but a keyboard: at every stop the focus is seen, nothing catches it, and dialogs, menus and
lists answer to the keys that people try."""

import re
import uuid

import pytest

from tests.journeys import acts, test_clerk, test_technician, test_worried_customer
from tests.journeys.keyboard import Keyboard
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]


@pytest.fixture
def keys(visit):
    """A keyboard before an empty page."""
    return Keyboard(visit(1280))


def go_on(keys, name: str, address: str) -> None:
    """Press a link or button and be on the next page."""
    keys.press(name)
    keys.page.wait_for_url(re.compile(address))


def order(keys, domain: str, email: str) -> None:
    """From the shop's first page to a running account."""
    keys.page.goto("/")
    go_on(keys, "Choose Start", "/order/start/")
    keys.write("domain", domain)
    keys.to("Annually|Monthly")
    while "Monthly" not in keys.where()["name"]:
        keys.key("ArrowDown")
    go_on(keys, "Put into the basket", "/cart/")
    go_on(keys, "Go to checkout", "/checkout/")
    keys.fill(E_mail=email, Password=acts.PASSWORD, First_name="Kim", Last_name="Key")
    keys.fill(Street="Norderstrasse 12", Postcode="24939", City="Flensburg")
    keys.choose("Country", "Germany")
    keys.to("Card")
    keys.press("I accept the terms", key="Space")
    go_on(keys, "Order and pay", "/pay/")
    keys.pay_by_card(acts.GOOD)
    keys.page.get_by_role("link", name="Watch it being set up").wait_for()  # the gateway's word may take a moment
    keys.press("Watch it being set up")
    keys.page.get_by_text(re.compile("Online|is ready", re.I)).first.wait_for()


def test_a_newcomer_orders_and_later_a_worried_customer_is_back(stack, keys):
    tag = uuid.uuid4().hex[:8]
    domain, email, page = f"keys-{tag}.example", f"keys-{tag}@mail.example", keys.page
    order(keys, domain, email)
    number = stack.shell(test_worried_customer.LATE.replace("{domain}", domain)).splitlines()[-1]
    test_worried_customer.wait_for(stack, domain, suspended=True)

    page.context.clear_cookies()
    keys.sign_in({"email": email, "password": acts.PASSWORD}, "/account/")
    keys.skip()
    go_on(keys, domain, "/services/")
    page.get_by_text(re.compile(f"because invoice {number}")).first.wait_for()
    keys.press("Pay €5.95")
    page.get_by_text("€5.95 paid, thank you").wait_for()
    test_worried_customer.wait_for(stack, domain, suspended=False)
    keys.press("See how it stands")
    page.get_by_text("Online").first.wait_for()

    # The account's menu: opened, walked and left by keys, and the focus is where it was.
    opener = keys.to("Account menu")
    keys.key("Enter")
    page.locator("[popover]:popover-open:focus-within").wait_for()
    first = keys.where()["name"]
    keys.key("ArrowDown")
    assert keys.where()["name"] != first
    keys.key("Escape")
    assert keys.where()["name"] == opener["name"]


def test_a_clerk_books_a_transfer(stack, visit):
    story = test_clerk.begin(stack)
    keys = Keyboard(visit(1440))
    keys.sign_in(story["login"], "/staff/")
    keys.find("bank payment", "New: Payment")
    keys.write("Amount", story["total"])
    keys.write("Reference", f"private account {uuid.uuid4().hex[:6]}")
    keys.key("Enter")
    keys.page.get_by_role("row").filter(has_text=story["number"]).wait_for()
    keys.press(story["number"], "input", key="Space")
    keys.press("Book for the chosen", "button")
    keys.page.get_by_text(f"Booked for invoice {story['number']}").wait_for()
    keys.find(story["number"], story["number"])
    keys.page.wait_for_url(re.compile(r"/invoices/\d+/"))
    keys.page.locator("main header, .page-head").get_by_text("Paid").first.wait_for()
    stack.books()


def test_a_technician_mends_what_is_stuck(stack, visit):
    tag = f"stuck-{uuid.uuid4().hex[:8]}"
    stack.control("whm", "faults", {"match": ".*", "kind": "refuse", "times": None})
    try:
        login = test_technician.begin(stack, tag)
        page = visit(1440)
        keys = Keyboard(page)
        keys.sign_in(login, "/staff/")
        test_technician.told_at_home(page)
        keys.skip()
        go_on(keys, "^Look and mend ?: .+: Does not answer well", r"/servers/\d+/")
        go_on(keys, "^Set up$", r"/operations/\d+/")
        keys.skip()
        go_on(keys, "^[a-z]+-[a-z0-9-]+$", r"/servers/\d+/")
        keys.press("Test the connection")
        page.get_by_text(re.compile("The test failed")).first.wait_for()
    finally:
        stack.control("whm", "faults", method="DELETE")
    keys.press("Test the connection")
    page.get_by_text(re.compile("The panel answers")).first.wait_for()
    if page.get_by_role("row").filter(has_text=tag).get_by_role("link", name="Set up").count():  # the worker may have been faster
        go_on(keys, "^Set up$", r"/operations/\d+/")
        if page.get_by_role("button", name="Try now").count():
            keys.press("Try now", "button")
    assert eventually(lambda: [a for a in stack.accounts().values() if a["domain"] == f"{tag}.example"], 90)
    keys.find(tag, f"{tag}.example")
    eventually(lambda: page.reload() and page.get_by_text("Online").count(), 60)


def test_lists_answer_to_keys(stack, visit):
    """Rows, preview, filter, columns and what can be done to the chosen; each gives the focus back."""
    page = visit(1440)
    keys = Keyboard(page)
    keys.sign_in(stack.up.staff, "/staff/")
    keys.key("g", "i")
    page.wait_for_url("**/staff/invoices/**")
    page.locator("html[data-ready='1']").wait_for(state="attached")
    keys.key("j", "j")
    page.locator("#list tbody tr:nth-child(2):focus-within").wait_for()
    second = keys.where()["name"]
    keys.key("k")
    page.locator("#list tbody tr:nth-child(1):focus-within").wait_for()
    assert keys.where()["name"] != second
    keys.key("Space")
    page.locator("#list-peek [data-peek-title]").wait_for()
    keys.key("Escape")
    assert not page.locator("#list-peek > *").count()
    assert keys.where()["name"] != second, "the focus is on its row again"
    keys.key("x")
    page.locator(".bulk.is-open").wait_for()
    keys.key("Escape")
    for shortcut, menu in (("f", "list-filter"), ("c", "list-columns"), ("e", "list-export")):
        keys.key(shortcut)
        page.locator(f"#{menu}:popover-open").wait_for()
        page.locator(f"#{menu}:focus-within").wait_for()
        keys.key("Escape")
        assert not page.locator(f"#{menu}:popover-open").count()
        keys.where()
    # What is brought in place leaves the reader where they were.
    keys.to("Overdue", "a")
    before = page.url
    keys.key("Enter")
    page.wait_for_url(lambda url: url != before)
    page.locator("#list .tabs a[aria-current]", has_text="Overdue").wait_for()
    page.locator(".htmx-request, .htmx-swapping, .htmx-settling").wait_for(state="detached")
    assert "Overdue" in keys.where()["name"], "the tab that was pressed has the focus"
    keys.key("?")
    page.locator("#keys[open]").wait_for()
    keys.key("Escape")
    assert "Overdue" in keys.where()["name"]
