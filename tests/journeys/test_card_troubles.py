"""Cards that are refused, a second tab, the back button, a card kept twice: nothing is taken twice, nothing is shown twice."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys import acts

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]
REFUSED, NO_MONEY, MASTERCARD = "4000000000000002", "4000000000009995", "5555555555554444"


def fill(page, card: str, form: str = "pay") -> None:
    """Type a card into the gateway's element and send the form."""
    frame = page.frame_locator(f"#{form}-element iframe")
    frame.get_by_label("Card number").fill(card)
    frame.get_by_label("Expiration date").fill("09 / 34")
    frame.get_by_label("Security code").fill("314")
    page.locator(f"#{form}-form button[type=submit]").click()


def keep(page, card: str) -> None:
    """Agree, and enter a card in the client area."""
    page.goto("/account/payment-methods/add/")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Continue to the card form").click()
    page.wait_for_url(re.compile(r"/add/\d+/$"))
    fill(page, card, "setup")


def test_refused_cards_two_tabs_and_the_back_button(stack, visit):
    page = visit(width=390)
    acts.choose(page, "Grow", "card-troubles.example")
    acts.sign_up(page, "card-troubles@journey.example")
    acts.order(page)
    address = page.url
    other = page.context.new_page()
    other.goto(address)
    expect(other.locator("#pay-form button[type=submit]")).to_be_enabled()

    # Refused twice, with the reason beside the form; then another card.
    for card, words in ((REFUSED, "declined"), (NO_MONEY, "insufficient funds")):
        fill(page, card)
        expect(page.locator(".pay-error")).to_contain_text(words)
    acts.pay(page, acts.GOOD)
    page.get_by_text("paid, thank you").wait_for()

    # The tab that was open all the time, the old address and the back button know that it is paid.
    fill(other, acts.GOOD)
    other.get_by_text("paid, thank you").wait_for()
    page.goto(address)
    page.get_by_text("paid, thank you").wait_for()
    page.go_back()
    page.get_by_text("paid, thank you").wait_for()
    paid = "from billing.models import Payment; print(Payment.objects.filter(client__email='card-troubles@journey.example').count())"
    assert stack.shell(paid).strip() == "1"

    # A refused card is not kept; a good one is, once however often it is entered, and the newest is used.
    keep(page, REFUSED)
    expect(page.locator(".pay-error")).to_contain_text("declined")
    fill(page, MASTERCARD, "setup")
    rows = page.locator("main .object-row")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Mastercard •••• 4444")
    keep(page, acts.GOOD)
    expect(rows.first).to_contain_text("Visa •••• 4242")
    expect(rows).to_have_count(2)
    expect(page.get_by_text("Used for renewals")).to_have_count(1)
