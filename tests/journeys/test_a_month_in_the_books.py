"""A month of one client: work that waits for the renewal, the signs of the place, the tax report beside the ledger, the statement
on screen, on paper and by mail, and a stranger who pays."""

import io
import re
from decimal import Decimal

import pypdf
import pytest

from tests.journeys import acts, begun
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

#: One more invoice of the client; prints its pay link.
LINK = """
from decimal import Decimal
from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from billing.queries.pay_link import pay_url
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
account = open_account(Client.objects.get(pk={client}))
others, one = (write_invoice(account, [NewLine("Advice", Decimal(n))], due_on=clock.today(), actor=SYSTEM) for n in (100, 50))
print(others.pk, one.pk, pay_url(one))
"""


def figures(row) -> list[str]:
    """A row's figures as shown; of one account the ledger's stands once."""
    return [re.sub(r"[^\d.-]", "", cell) for cell in row.locator("td.num").all_inner_texts()]


def test_work_waits_for_the_renewal_and_the_order_tells_where_the_client_is(stack, staff, month):
    client = month["clients"][0]
    staff.goto(f"/staff/billable/new/?client={client}")
    staff.get_by_label("Description").fill(f"Hours {month['tag']}")
    staff.get_by_label("Quantity").fill("2")
    staff.get_by_label("Price of one, net").fill("50")
    staff.get_by_role("radio", name=re.compile("next invoice", re.I)).check()
    staff.get_by_role("button", name="Save").click()
    staff.wait_for_url(re.compile(r"/billable/\d+/"))
    staff.goto(f"/staff/clients/{client}/tax/")
    signs = staff.get_by_role("region", name="Where the client is")
    signs.get_by_role("row").filter(has_text="24939, Flensburg").filter(has_text="Germany").wait_for()
    assert signs.get_by_role("row").filter(has_text="+49 461 123456").count() == 1
    stack.manage("clock", "advance", "32d")
    renewals = f"Invoice.objects.filter(client_id={client}, kind='renewal')"
    lines = f"[[str(line.net_amount) for line in one.lines.order_by('net_amount')] for one in {renewals}]"
    found = eventually(lambda: stack.query(lines), 180)
    assert found[0] == ["31.0000", "100.0000"], "the work is on the renewal"


def test_the_tax_report_shows_what_the_ledger_has(staff, month):
    staff.goto(f"/staff/tax-report/?year={month['began'].year}&part={month['began'].month}&currency=EUR")
    rows = staff.get_by_role("region", name="By rate").locator("tbody tr").all()
    assert rows and not staff.get_by_text("Documents and ledger disagree").count()
    shown = [figures(row) for row in rows]
    taxes, ledgers = (sum(Decimal(row[at] or 0) for row in shown) for at in (2, 3))
    assert taxes == ledgers > 0, shown
    together = staff.get_by_role("region", name="By rate").locator("tfoot tr")
    assert [Decimal(figure) for figure in figures(together)[-2:]] == [taxes, ledgers]


def test_the_statement_on_screen_on_paper_and_by_mail(stack, staff, visit, month):
    number = stack.query(f"Invoice.objects.get(pk={month['invoices'][0]}).number")
    client = visit(390)
    acts.sign_in(client, begun.login(month, 0), f"/account/statement/?year={month['began'].year}")
    client.get_by_text(number).first.wait_for()
    with client.expect_download() as download:
        client.get_by_role("link", name=re.compile("PDF")).first.click()
    with open(download.value.path(), "rb") as file:
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.read())).pages)
    assert number in text and "36.89" in text
    staff.goto(f"/staff/clients/{month['clients'][0]}/statement/?year={month['began'].year}")
    staff.get_by_text(number).first.wait_for()
    acts.more(staff, "Mail it…")
    staff.locator("main").get_by_role("button").first.click()
    assert acts.mail_with(stack, month["emails"][0], "statement")


def test_a_stranger_with_the_link_pays_this_invoice_alone(stack, visit, month):
    client, page = month["clients"][1], visit(390)
    other, one, link = stack.shell(LINK.replace("{client}", str(client))).splitlines()[-1].split()
    page.goto(link)
    keep = page.get_by_role("checkbox", name=re.compile("Now only €59.50 is charged"))
    assert not keep.is_checked() and "119.00" not in page.locator("main").inner_text()
    keep.check()
    page.wait_for_url(re.compile("keep=1"))
    page.get_by_role("checkbox", name=re.compile("Now only €59.50 is charged")).uncheck()
    page.wait_for_url(re.compile(r"chosen=1$"))
    acts.pay(page, acts.GOOD)
    page.get_by_text(re.compile("is here|Thank you|Paid", re.I)).first.wait_for()
    states = f"[Invoice.objects.get(pk=pk).state for pk in ({other}, {one})]"
    eventually(lambda: stack.query(states) == ["issued", "paid"], 60)
    stack.books()
