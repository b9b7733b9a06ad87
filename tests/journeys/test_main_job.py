"""The main job: a stranger orders, pays with 3-D Secure and has an account; months pass; all happens by itself."""

import re

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]


def service_state(stack, domain):
    """The state of the service for a domain, as stored."""
    return stack.shell(
        f"from provisioning.models import Service; print(getattr(Service.objects.filter(domain='{domain}').first(), 'state', ''))"
    )


def invoices(stack, domain) -> list:
    """(state, kind) of a domain's invoices, oldest first."""
    return stack.query(
        "[[i.state, i.kind] for i in __import__('billing.models').models.Invoice.objects"
        f".filter(lines__subscription__label='{domain}').distinct().order_by('id')]"
    )


@pytest.mark.parametrize(
    ("plan", "domain", "panel"),
    [("Grow", "lindqvist-keramik.example", "whm"), ("Agency", "lindqvist-plesk.example", "plesk")],
)
def test_a_stranger_orders_pays_with_3ds_and_logs_in_to_the_panel(stack, visit, plan, domain, panel):
    page = visit()
    email = f"ada-{panel}@lindqvist.example"
    acts.choose(page, plan, domain)
    acts.sign_up(page, email)
    acts.order(page)
    acts.pay(page, acts.NEEDS_3DS)
    acts.watch_set_up(page)
    welcome = acts.mail_with(stack, email, domain)
    assert welcome
    page.get_by_role("button", name="Open control panel").first.click()
    page.wait_for_url(f"{stack.up.sandbox[panel]['url']}/**")
    assert domain in page.content()
    stack.books()


CUSTOMERS = (
    ("Start", "months-cpanel.example", "whm", "grace-whm@months.example"),
    ("Studio", "months-plesk.example", "plesk", "grace-plesk@months.example"),
)


def site(stack, page, panel, domain) -> int:
    """What a visitor of the customer's site gets: 200, 503 while suspended, 404 when it is gone."""
    return page.request.get(f"{stack.up.sandbox[panel]['url']}/site/{domain}").status


def decline(stack, email, code) -> None:
    """From now on the customer's bank refuses the card (an empty code: accepts it again)."""
    customer = stack.query(
        "__import__('billing.models').models.PaymentMethod.objects"
        f".filter(client__email='{email}').first().customer_id"
    )
    stack.control("stripe", "card", {"customer": customer, "decline_code": code})


def test_months_pass_on_both_panels(stack, visit):
    for plan, domain, _panel, email in CUSTOMERS:
        page = visit(390)
        acts.choose(page, plan, domain)
        acts.sign_up(page, email, first="Grace", last="Okafor")
        acts.order(page)
        acts.pay(page, acts.NEEDS_3DS)
        eventually(lambda domain=domain: service_state(stack, domain) == "live")

    # A month: the renewal is invoiced ahead and charged on its day, without anybody.
    stack.manage("clock", "advance", "33d")
    for _plan, domain, _panel, email in CUSTOMERS:
        assert invoices(stack, domain) == [["paid", "order"], ["paid", "renewal"]]
        assert acts.mail_with(stack, email, "invoice")
        decline(stack, email, "insufficient_funds")
    stack.books()

    # The next renewal is declined: reminders, then suspension, each with its mail.
    stack.manage("clock", "advance", "46d")
    for _plan, domain, panel, email in CUSTOMERS:
        assert service_state(stack, domain) == "suspended"
        assert site(stack, page, panel, domain) == 503
        for words in ("declined", "late", "will be suspended", "is suspended"):
            assert acts.mail_with(stack, email, words), words
    stack.books()

    # Each pays, and is back within a minute; then cancels to the end of what is paid.
    for _plan, domain, panel, email in CUSTOMERS:
        decline(stack, email, "")
        page = visit()
        acts.sign_in(page, {"email": email, "password": acts.PASSWORD}, "/account/")
        page.get_by_role("link", name=re.compile("^Pay")).first.click()
        page.get_by_role("button", name=re.compile("^Pay")).first.click()
        eventually(lambda domain=domain: service_state(stack, domain) == "live", 60)
        assert site(stack, page, panel, domain) == 200
        page.goto("/account/services/")
        page.get_by_role("link", name=re.compile(domain)).first.click()
        page.get_by_role("link", name=re.compile("Cancel")).first.click()
        page.get_by_role("radio").first.check()
        page.locator("main").get_by_role("button", name=re.compile("Cancel")).last.click()
    stack.books()

    # The last paid period ends (paying took the next one along), the grace passes, and the account is gone.
    stack.manage("clock", "advance", "75d")
    for _plan, domain, panel, _email in CUSTOMERS:
        assert service_state(stack, domain) == "terminated"
        assert site(stack, page, panel, domain) == 404
        assert all(state in ("paid", "cancelled") for state, _kind in invoices(stack, domain))
    stack.books()
