"""A customer whose site was suspended: sees why, asks for more days and is back; late again, pays on the phone and is back."""

import re
import uuid

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

#: An invoice of the subscription, long overdue, and what the rules do about it.
LATE = """
from datetime import timedelta
from decimal import Decimal
from billing.actions.dunning import suspend_for
from billing.actions.invoice import NewLine, write_invoice
from billing.models import Subscription
from hostbill.core import clock
from hostbill.core.access import SYSTEM
subscription = Subscription.objects.select_related("account__client").get(label="{domain}")
line = NewLine("Renewal", Decimal("5"), subscription=subscription, starts_on=clock.today())
invoice = write_invoice(subscription.account, [line], due_on=clock.today() - timedelta(days=20), actor=SYSTEM)
suspend_for(invoice, actor=SYSTEM)
print(invoice.number)
"""
OVER = """
from billing.actions.stay import end_stay
from billing.models import Stay
from hostbill.core.access import SYSTEM
end_stay(Stay.objects.get(invoice__number="{number}"), actor=SYSTEM)
"""


def is_suspended(stack, domain) -> bool:
    """As the panel has it."""
    return next(account["suspended"] for account in stack.accounts().values() if account["domain"] == domain)


def wait_for(stack, domain, *, suspended: bool) -> None:
    eventually(lambda: bool(is_suspended(stack, domain)) == suspended, 60)


def test_suspended_asks_for_days_then_pays_and_is_back(stack, visit):
    tag = uuid.uuid4().hex[:8]
    domain, email = f"worried-{tag}.example", f"worried-{tag}@mail.example"
    page = visit(390)
    acts.choose(page, "Start", domain)
    acts.sign_up(page, email, first="Wilma", last="Worried")
    acts.order(page)
    acts.pay(page, acts.GOOD)
    acts.watch_set_up(page)
    number = stack.shell(LATE.replace("{domain}", domain)).splitlines()[-1]
    wait_for(stack, domain, suspended=True)
    acts.mail_with(stack, email, domain)

    page.goto("/account/")
    page.get_by_role("link", name=domain).first.click()
    page.get_by_text(re.compile(f"Suspended since .* because invoice {number}")).wait_for()
    assert "Nothing is deleted before" in page.locator("main").inner_text()
    page.get_by_role("link", name="Need a few more days?").click()
    page.get_by_label("How many more days").select_option("3")
    page.get_by_role("button", name="Give me these days").click()
    page.get_by_text("Done. What was suspended").wait_for()
    wait_for(stack, domain, suspended=False)
    page.goto("/account/invoices/")
    page.get_by_role("link", name=number).first.click()
    page.get_by_text("You have more days").wait_for()
    assert not page.get_by_role("link", name="Ask for more days").count()

    stack.shell(OVER.replace("{number}", number))
    wait_for(stack, domain, suspended=True)
    page.goto("/account/services/")
    page.get_by_role("link", name=domain).first.click()
    assert not page.get_by_role("link", name="Need a few more days?").count()
    page.locator(".dock").get_by_role("button", name=re.compile("Pay €5.95 and resume")).dblclick()
    page.get_by_text("€5.95 paid, thank you").wait_for()
    wait_for(stack, domain, suspended=False)
    page.get_by_role("link", name="See how it stands").click()
    page.get_by_text("Online").first.wait_for()
    assert len([m for m in stack.mails(email) if "received €5.95" in m["subject"]]) == 2
    stack.books()
