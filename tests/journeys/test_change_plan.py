"""A client moves to a bigger plan, pays the difference, and the server follows; the way back waits for the end of the paid time."""

import os
import re
from pathlib import Path

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]
DOMAIN, EMAIL = "bigger-plan.example", "ada@bigger-plan.example"
PICTURES = os.environ.get("HOSTBILL_PICTURES", "")


def picture(page, name):
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"change-{name}.png"), full_page=True)


def package(stack) -> str:
    """What the panel has for the domain."""
    return next((row["plan"] for row in stack.accounts().values() if row["domain"] == DOMAIN), "")


def subscription(stack) -> dict:
    """Its page and plan as stored."""
    return stack.query(
        "[[s.pk, s.product.slug, s.state] for s in __import__('billing.models').models.Subscription.objects"
        f".filter(label='{DOMAIN}')]"
    )[0]


def test_up_at_once_and_down_at_the_end(stack, visit):
    page = visit()
    acts.choose(page, "Grow", DOMAIN)
    acts.sign_up(page, EMAIL)
    acts.order(page)
    acts.pay(page, acts.GOOD)
    acts.watch_set_up(page)
    assert package(stack) == "grow"
    pk, _slug, _state = subscription(stack)

    page.goto(f"/account/subscriptions/{pk}/")
    page.get_by_role("link", name="Change plan").click()
    picture(page, "form")
    page.get_by_role("radio", name=re.compile("Scale")).check()
    page.get_by_role("button", name="Show what it costs").click()
    page.get_by_text("To pay now").wait_for()
    picture(page, "preview")
    page.get_by_role("button", name="Change it like this").click()
    page.wait_for_url(re.compile("/pay/"))
    assert subscription(stack)[1] == "grow"
    acts.pay(page, acts.GOOD)
    eventually(lambda: package(stack) == "scale")
    assert subscription(stack)[1] == "scale"
    assert acts.mail_with(stack, EMAIL, "Scale now")

    page.goto(f"/account/subscriptions/{pk}/change/")
    page.get_by_role("radio", name=re.compile("Grow")).check()
    page.get_by_role("radio", name="When the paid time is over").check()
    page.get_by_role("button", name="Show what it costs").click()
    page.get_by_text("Nothing is charged now.").wait_for()
    page.get_by_role("button", name="Change it like this").click()
    page.get_by_text("Change under way").wait_for()
    picture(page, "scheduled")
    assert package(stack) == "scale"
    stack.books()
    stack.manage("clock", "advance", "32d")
    eventually(lambda: package(stack) == "grow", 90)
    stack.books()
