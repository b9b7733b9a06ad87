"""A service rests and goes on, passes to another client, and ends in the middle of what is paid: on screen, by staff and by the
clients themselves."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.journeys import acts, begun
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]


@pytest.fixture(scope="module")
def two(stack):
    """Two clients with a service each."""
    return begun.two_clients(stack)


@pytest.fixture
def as_client(stack, visit, two):
    """`as_client(0)`: a page on which the client reads their service."""

    def sign_in(number: int, service: int | None = None):
        page = visit(390 if number else 1280)
        subscription = two["subscriptions"][number if service is None else service]
        acts.sign_in(page, begun.login(two, number), f"/account/subscriptions/{subscription}/")
        return page

    return sign_in


def facts(stack, pk: int) -> list:
    """State, next due day and client as stored."""
    return stack.query(f"[(s.state, s.next_due_on, s.client_id) for s in Subscription.objects.filter(pk={pk})]")[0]


def test_staff_let_a_service_rest_and_its_client_lets_it_go_on(stack, visit, two, as_client):
    pk, staff = two["subscriptions"][0], visit(1440)
    acts.sign_in(staff, stack.up.staff, f"/staff/subscriptions/{pk}/")
    acts.more(staff, "Pause…")
    staff.get_by_label("Paused up to and including").fill("2020-01-01")
    staff.get_by_label("Reason").fill("Building work")
    staff.get_by_role("button", name="Pause it").click()
    staff.locator(".field-error").first.wait_for()
    assert staff.get_by_label("Reason").input_value() == "Building work"
    staff.get_by_label("Paused up to and including").fill("")
    staff.get_by_role("button", name="Pause it").click()
    staff.get_by_text("Paused.").first.wait_for()
    assert facts(stack, pk)[:2] == ["suspended", None]
    assert stack.query(f"[str(n.net_amount) for n in CreditNote.objects.filter(client_id={two['clients'][0]})]") == ["31.0000"]

    client = as_client(0)
    client.get_by_text("Building work").first.wait_for()
    acts.more(client, "Let it go on…")
    client.get_by_role("button", name="Let it go on").click()
    client.get_by_text("It goes on.").first.wait_for()
    renewal = f"[[str(i.total_amount), i.state] for i in Invoice.objects.filter(client_id={two['clients'][0]}, kind='renewal')]"
    assert eventually(lambda: stack.query(renewal), 60) == [["36.8900", "paid"]], "from the credit"
    assert facts(stack, pk)[0] == "active" and facts(stack, pk)[1]
    stack.books()


def test_a_service_passes_to_another_client_who_agrees(stack, two, as_client):
    pk, (giver, taker) = two["subscriptions"][0], two["clients"]
    page = as_client(0)
    acts.more(page, "Hand over…")
    page.get_by_label("Account number of the other client").fill("C-1")
    page.get_by_label("E-mail address of that account").fill(two["emails"][1])
    page.get_by_role("button", name="Offer it").click()
    page.get_by_text("No account is known by this.").first.wait_for()
    assert page.get_by_label("E-mail address of that account").input_value() == two["emails"][1]
    page.get_by_label("Account number of the other client").fill(two["numbers"][1])
    page.get_by_role("button", name="Offer it").click()
    page.get_by_text(f"Offered to account {two['numbers'][1]}").wait_for()
    assert acts.mail_with(stack, two["emails"][1], "offer")

    other = as_client(1, service=1)
    other.goto("/account/transfers/")
    other.get_by_role("link", name=re.compile(f"Care {two['tag']}")).first.click()
    other.get_by_text("You are charged from").wait_for()
    assert facts(stack, pk)[2] == giver
    other.get_by_role("button", name="Take it over").click()
    other.get_by_text("It is yours now.").first.wait_for()
    assert facts(stack, pk)[2] == taker
    other.goto(f"/account/subscriptions/{pk}/")
    other.get_by_role("heading", level=1, name=re.compile(f"Care {two['tag']}")).wait_for()
    assert page.request.get(f"{stack.url}/account/subscriptions/{pk}/").status == 404, "not the giver's any more"
    stack.books()


def test_ended_at_once_the_days_that_are_left_become_credit(stack, visit, two):
    pk, staff = two["subscriptions"][1], visit(390)
    stack.manage("clock", "advance", "10d")
    acts.sign_in(staff, stack.up.staff, f"/staff/subscriptions/{pk}/")
    acts.more(staff, "Cancel…")
    staff.get_by_role("radio", name="Now", exact=True).check()
    staff.get_by_label("Ended now: the paid days that are left").select_option(label="Becomes credit, to the day")
    staff.get_by_role("button", name="Cancel the subscription").click()
    staff.locator(".field-error").first.wait_for()
    assert staff.get_by_role("radio", name="Now", exact=True).is_checked()
    staff.get_by_label("Reason").fill("Moved elsewhere")
    staff.get_by_role("button", name="Cancel the subscription").click()
    staff.get_by_text("Cancelled.").first.wait_for()
    line = f"InvoiceLine.objects.get(subscription_id={pk}, kind='recurring')"
    first, end, today = stack.query(f"[{line}.period_start, {line}.period_end, __import__('hostbill.core.clock').core.clock.today()]")
    first, end, today = (date.fromisoformat(day) for day in (first, end, today))
    left = Decimal(31) * (end - today).days / (end - first).days
    notes = f"CreditNote.objects.filter(invoice_id={two['invoices'][1]})"
    (net,) = stack.query(f"[str(n.net_amount) for n in {notes}]")
    assert Decimal(net) == left.quantize(Decimal("0.01"), ROUND_HALF_UP)
    staff.goto(f"/staff/clients/{two['clients'][1]}/money/")
    staff.get_by_text(re.compile(str((Decimal(net) * Decimal("1.19")).quantize(Decimal("0.01"), ROUND_HALF_UP)))).first.wait_for()
    stack.books()
