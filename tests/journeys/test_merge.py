"""The owner finds that somebody is a client twice, looks at both, and makes them one; the pay link of the other still works."""

import uuid

import pytest

from tests.journeys import acts

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

BEGIN = """
from decimal import Decimal
from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from billing.queries.pay_link import pay_token
from clients.actions.client import create_client
from clients.actions.user import create_staff
from clients.models import StaffRole
from hostbill.core import clock
from hostbill.core.access import SYSTEM
owner = create_staff("owner-{tag}@nordhost.example", actor=SYSTEM, roles=[StaffRole.objects.get(code="owner")], name="Olga Owner")
owner.set_password("{password}")
owner.save()
found = [create_client(actor=SYSTEM, company=name + " {tag}", email=name.lower() + "@{tag}.example", address1="Quay 1", city="Oslo",
    country="NO", currency="EUR") for name in ("Kept", "Gone")]
invoice = write_invoice(open_account(found[1]), [NewLine("Advice", Decimal("80.00"))], due_on=clock.today(), actor=SYSTEM)
print(found[0].pk, found[0].number, found[1].pk, found[1].number, invoice.number, pay_token(invoice))
"""


def test_two_clients_become_one(stack, visit):
    tag = uuid.uuid4().hex[:8]
    code = BEGIN.replace("{tag}", tag).replace("{password}", acts.PASSWORD)
    kept, kept_number, gone, gone_number, invoice, token = stack.shell(code).splitlines()[-1].split()
    page = visit(1440)
    acts.sign_in(page, {"email": f"owner-{tag}@nordhost.example", "password": acts.PASSWORD}, "/staff/")
    page.goto(f"/staff/clients/{gone}/")
    page.locator("#client-more").get_by_role("button").or_(page.get_by_role("button", name="More")).first.click()
    page.get_by_role("link", name="Merge into another client…").click()
    page.get_by_label("Client to keep").fill(f"Kept {tag}")
    page.get_by_role("link", name=f"Kept {tag}").click()
    page.get_by_role("heading", name=f"Merge {gone_number} into {kept_number}").wait_for()
    button = page.get_by_role("button", name="Merge for good")
    word = page.get_by_label(f"Type {gone_number} to confirm")
    word.fill(kept_number)
    assert button.is_disabled(), "the number of the one that goes"
    word.fill(gone_number)
    button.click()
    page.wait_for_url(f"**/staff/clients/{kept}/")
    page.get_by_text("The clients are one now.").wait_for()
    page.get_by_role("link", name=invoice).first.wait_for()
    page.goto(f"/staff/clients/{gone}/")
    page.wait_for_url(f"**/staff/clients/{kept}/")
    page.get_by_text(f"{gone_number} was merged into this client.").wait_for()
    visitor = visit(390)
    visitor.goto(f"/pay/{token}/")
    visitor.get_by_text("80.00").first.wait_for()
    stack.books()
