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


@pytest.mark.parametrize(
    ("plan", "domain", "panel"),
    [("Start", "months-cpanel.example", "whm"), ("Studio", "months-plesk.example", "plesk")],
)
def test_months_pass(stack, visit, plan, domain, panel):
    page = visit(390)
    email = f"grace-{panel}@months.example"
    acts.choose(page, plan, domain)
    acts.sign_up(page, email, first="Grace", last="Okafor")
    acts.order(page)
    acts.pay(page, acts.NEEDS_3DS)
    eventually(lambda: service_state(stack, domain) == "live")

    # Two months: renewals are invoiced ahead and charged on the day.
    stack.manage("clock", "advance", "65d")
    assert [state for state, _kind in invoices(stack, domain)][:3] == ["paid"] * 3
    stack.books()

    # The card is declined from now on: reminders, then suspension.
    customer = stack.query(
        "__import__('billing.models').models.PaymentMethod.objects"
        f".filter(client__email='{email}').first().customer_id"
    )
    stack.control("stripe", "card", {"customer": customer, "decline_code": "insufficient_funds"})
    stack.manage("clock", "advance", "48d")
    assert service_state(stack, domain) == "suspended"
    assert acts.mail_with(stack, email, "suspend")
    site = f"{stack.up.sandbox[panel]['url']}/site/{domain}"
    assert page.request.get(site).status == 503

    # The customer pays and is back within a minute.
    stack.control("stripe", "card", {"customer": customer})
    acts.sign_in(visit_page := visit(), {"email": email, "password": acts.PASSWORD}, "/account/")
    visit_page.get_by_role("link", name=re.compile("^Pay", re.I)).or_(
        visit_page.get_by_role("button", name=re.compile("^Pay", re.I))
    ).first.click()
    if "/pay/" in visit_page.url and "/return/" not in visit_page.url:
        visit_page.get_by_role("button", name=re.compile("^Pay", re.I)).first.click()
    eventually(lambda: service_state(stack, domain) == "live", 60)
    assert page.request.get(site).status == 200
    stack.books()

    # Cancelled to the end of the period; then gone.
    visit_page.goto("/account/services/")
    visit_page.get_by_role("link", name=re.compile(domain)).first.click()
    visit_page.get_by_role("link", name=re.compile("Cancel", re.I)).first.click()
    visit_page.get_by_role("button", name=re.compile("Cancel", re.I)).last.click()
    stack.manage("clock", "advance", "70d")
    assert service_state(stack, domain) == "terminated"
    assert page.request.get(site).status == 404
    stack.books()
