"""What people do in the browser, told once: order, pay, sign in."""

import re

from tests.journeys.stack import eventually

GOOD, NEEDS_3DS, DECLINED_LATER = "4242424242424242", "4000002500003155", "4000000000000341"
PASSWORD = "Lantern-Meadow-42"


def choose(page, plan: str, domain: str, cycle: str = "Monthly") -> None:
    """From the shop's first page into the basket and on to checkout."""
    page.goto("/" if plan in ("Start", "Grow", "Scale") else "/plans/plesk-hosting/")
    page.get_by_role("link", name=f"Choose {plan}").click()
    page.get_by_role("textbox", name="domain").fill(domain)
    page.get_by_role("radio", name=cycle, exact=False).first.check()
    page.get_by_role("button", name="Put into the basket").click()
    page.get_by_role("link", name="Go to checkout").click()


def sign_up(page, email: str, first="Ada", last="Lindqvist") -> None:
    """The account part of checkout."""
    for label, value in (
        ("E-mail", email),
        ("Password", PASSWORD),
        ("First name", first),
        ("Last name", last),
        ("Street and number", "Norderstrasse 12"),
        ("Postcode", "24939"),
        ("City", "Flensburg"),
    ):
        page.get_by_label(label, exact=False).first.fill(value)
    page.get_by_label("Country").select_option("DE")


def order(page, gateway: str = "Card") -> None:
    """Agree and order; ends on the pay page."""
    page.get_by_role("radio", name=gateway, exact=False).check()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=re.compile("Order and pay")).click()
    page.wait_for_url(re.compile("/pay/"))


def pay(page, card: str) -> None:
    """Fill the gateway's element and pay; confirms 3-D Secure where it is asked."""
    frame = page.frame_locator("#pay-element iframe")
    frame.get_by_label("Card number").fill(card)
    frame.get_by_label("Expiration date").fill("09 / 34")
    frame.get_by_label("Security code").fill("314")
    page.locator("#pay-form button[type=submit]").click()
    if card == NEEDS_3DS:
        page.get_by_role("button", name="Complete authentication").click()
    page.wait_for_url(re.compile("/return/"))


def watch_set_up(page) -> None:
    """From the paid page to the running service."""
    page.get_by_role("link", name="Watch it being set up").first.click()
    page.get_by_text(re.compile("Online|is ready", re.I)).first.wait_for()


def sign_in(page, login: dict, path: str) -> None:
    """Sign in and end on the path."""
    page.goto(f"/auth/login/?next={path}")
    page.locator("#id_login").fill(login["email"])
    page.locator("#id_password").fill(login["password"])
    page.locator("main form, form.stack-m").get_by_role("button", name=re.compile("Sign in|Log in", re.I)).first.click()
    page.wait_for_url(f"**{path}**")


def mail_with(stack, to: str, words: str) -> dict:
    """Wait for a mail whose subject has the words."""
    return eventually(lambda: next((m for m in stack.mails(to) if words.lower() in m["subject"].lower()), None))


def more(page, label: str) -> None:
    """One of a page's verbs: in its head, else behind the dots."""
    act = page.get_by_role("link", name=label).or_(page.get_by_role("button", name=label, exact=True))
    if not act.first.is_visible():
        page.get_by_role("button", name="More").first.click()
    act.first.click()
