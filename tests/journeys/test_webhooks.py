"""A customer's program is told of a new ticket: the webhook is made, tried, fails, is mended, and what was missed is sent again."""

import uuid

import pytest
from standardwebhooks import Webhook

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]


def test_a_customer_s_program_is_told(stack, visit):
    path = uuid.uuid4().hex[:12]

    def got() -> list[dict]:
        return [one for one in stack.control("hooks", "state")["got"] if one["path"] == f"/{path}"]

    page = visit(1440)
    acts.sign_in(page, stack.up.clients[0], "/account/webhooks/")
    page.get_by_role("link", name="New webhook").first.click()
    page.get_by_label("What is it for?").fill(f"Help desk {path}")
    page.get_by_label("Address").fill("https://169.254.169.254/latest")
    page.get_by_label("Ticket opened").check()
    page.get_by_role("button", name="Make the webhook").click()
    page.get_by_text("not on the public internet").first.wait_for()
    page.get_by_label("Address").fill(f"{stack.up.sandbox['hooks']['url']}/{path}")
    page.get_by_role("button", name="Make the webhook").click()
    secret = page.locator("code", has_text="whsec_").inner_text()
    page.get_by_role("link", name="I have copied it").click()

    page.get_by_role("button", name="Send a test").click()
    eventually(lambda: len(got()) == 1, 30)
    assert Webhook(secret).verify(got()[0]["body"], got()[0]["headers"])["type"] == "webhook.test"

    stack.control("hooks", "faults", {"match": path, "kind": "gone", "times": 1})
    page.goto("/account/tickets/new/")
    page.get_by_label("What is it about?").fill(f"Webhook {path}")
    page.get_by_label("Your message").fill("Is anybody told?")
    page.get_by_role("button", name="Send").click()
    eventually(lambda: len(got()) == 2, 30)
    page.goto("/account/webhooks/")
    eventually(lambda: page.reload() and page.get_by_text("Stopped").count(), 30)
    page.get_by_role("link", name=f"Help desk {path}").first.click()
    page.get_by_role("button", name="Switch on").click()
    page.get_by_role("link", name="ticket.opened").first.click()
    page.get_by_role("button", name="Send again").click()
    eventually(lambda: len(got()) == 3, 30)
    again = got()
    assert again[1]["headers"]["webhook-id"] == again[2]["headers"]["webhook-id"] and again[1]["body"] == again[2]["body"]
    assert Webhook(secret).verify(again[2]["body"], again[2]["headers"])["type"] == "ticket.opened"
