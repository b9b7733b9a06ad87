"""A client asks about a service; staff note and answer; mails go out; and one request can be followed through all logs."""

import json
import re

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]
FOLLOWED = "journey-ticket-0042"


def logged(stack, process: str) -> list[dict]:
    """Lines of a process's log that belong to the followed request."""
    lines = (stack.folder / "log" / f"{process}.log").read_text(errors="replace").splitlines()
    return [json.loads(line) for line in lines if FOLLOWED in line and line.startswith("{")]


def test_a_question_is_asked_answered_and_closed(stack, visit):
    login = stack.up.clients[0]
    client = visit(390, extra_http_headers={"X-Request-ID": FOLLOWED})
    acts.sign_in(client, login, "/account/services/")
    client.locator("main").get_by_role("link", name=re.compile(r"\.example")).first.click()
    service = client.locator("h1").inner_text()
    client.get_by_role("link", name="Ask support").click()
    client.get_by_label("What is it about?").fill("The form sends nothing")
    assert service in client.get_by_label("Which service?").locator("option:checked").inner_text()
    client.get_by_label("Your message").fill("Since noon. <b>Please</b> look.")
    client.get_by_role("button", name="Send").click()
    client.get_by_role("heading", name="The form sends nothing").wait_for()
    ticket_url = client.url
    receipt = acts.mail_with(stack, login["email"], "The form sends nothing")
    number = re.search(r"\[(\S+)\]", receipt["subject"])[1]
    assert acts.mail_with(stack, stack.up.staff["email"], number)

    staff = visit()
    acts.sign_in(staff, stack.up.staff, "/staff/tickets/")
    assert "Waits for us" in staff.get_by_role("row").filter(has_text=number).inner_text()
    staff.get_by_role("link", name="The form sends nothing").first.click()
    assert service in staff.locator("main").inner_text() and "<b>Please</b>" in staff.locator("main").inner_text()
    staff.get_by_text("Internal note, the client cannot see it").click()
    staff.get_by_label("Internal note").fill("Their script uses port 25.")
    staff.get_by_role("button", name="Save the note").click()
    staff.get_by_text("Their script uses port 25.").wait_for()
    staff.get_by_label("Your answer").fill("Please send through port 587.")
    staff.get_by_role("button", name="Send to the client").click()
    staff.locator("main").get_by_text("Please send through port 587.").wait_for()

    answered = eventually(lambda: [m for m in stack.mails(login["email"]) if number in m["subject"]][1:])
    assert len(answered) == 1
    client.goto(ticket_url)
    text = client.locator("main").inner_text()
    assert "port 587" in text and "port 25." not in text
    client.get_by_role("button", name="My question is answered").click()
    client.get_by_text(re.compile("Closed|Solved", re.I)).first.wait_for()
    staff.reload()
    assert "Closed" in staff.locator("main").inner_text() or "Closed" in staff.locator("header").first.inner_text()

    finished = [line for line in logged(stack, "web") if line["event"] == "request_finished"]
    assert any(line["request"].startswith("POST /account/tickets/new/") for line in finished)
    assert all(line["request_id"] == FOLLOWED for line in finished)
    tasks = eventually(lambda: [line for line in logged(stack, "worker") if line["event"] == "task_succeeded"])
    assert all(line["request_id"] == FOLLOWED for line in tasks)
    stack.books()
