"""The desk's documents: a quote that a stranger signs and pays, hours on the next invoice, drafts in parts, what takes an invoice
back, and papers for many at once."""

import io
import json
import re
import uuid
import zipfile

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

#: A client with two drafts and three unpaid invoices; prints its id.
BEGIN = """
import json
from datetime import timedelta
from decimal import Decimal
from billing.actions.account import open_account
from billing.actions.draft import create_draft
from billing.actions.invoice import NewLine, write_invoice
from clients.actions.client import create_client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
client = create_client(actor=SYSTEM, first_name="Dora", last_name="Documents", company="Papers {tag}", email="{tag}@papers.example",
    address1="Am Markt 1", postcode="24937", city="Flensburg", country="DE", currency="EUR")
account, due = open_account(client), clock.today() + timedelta(days=14)
draft = create_draft(account, [NewLine("Move of a shop", Decimal(100)), NewLine("Second day", Decimal(50))], due_on=due, actor=SYSTEM)
made = [write_invoice(account, [NewLine("Work of %s" % amount, Decimal(amount))], due_on=day, actor=SYSTEM)
    for amount, day in ((100, due), (200, due), (300, clock.today() - timedelta(days=20)))]
print(json.dumps({"client": client.pk, "draft": draft.pk, "numbers": [[one.pk, one.number] for one in made]}))
"""


@pytest.fixture(scope="module")
def papers(stack):
    """A client with papers: tag, client, draft, and [key, number] of its invoices."""
    tag = uuid.uuid4().hex[:8]
    return {"tag": tag, **json.loads(stack.shell(BEGIN.replace("{tag}", tag)).splitlines()[-1])}


@pytest.fixture
def desk(stack, visit, papers):
    """Staff, signed in; the page knows the papers."""
    page = visit(1440)
    page.tag, page.client, page.draft, page.numbers = (papers[name] for name in ("tag", "client", "draft", "numbers"))
    acts.sign_in(page, stack.up.staff, "/staff/invoices/")
    return page


def link_in(mail: dict, part: str) -> str:
    """The address in a mail that leads there."""
    return re.search(rf"https?://\S+/{part}/\S+", mail["text"])[0]


def test_a_quote_is_signed_by_a_stranger_and_becomes_an_order(stack, visit):
    tag = uuid.uuid4().hex[:8]
    email, domain = f"{tag}@quoted.example", f"{tag}.example"
    staff, visitor = visit(1440), visit()
    acts.sign_in(staff, stack.up.staff, "/staff/quotes/new/?prospect=1")
    for label, value in (("First name", "Quentin"), ("Last name", f"Quoted {tag}"), ("E-mail", email),
                         ("Postcode", "24939"), ("City", "Flensburg")):  # fmt: skip
        staff.get_by_role("region", name="For whom").get_by_label(label, exact=False).first.fill(value)
    staff.locator("#id_address1").fill("Norderstrasse 1")
    staff.get_by_role("region", name="For whom").get_by_label("Country").select_option("DE")
    product = staff.locator("#id_lines-0-product")
    product.select_option(label=re.search(r"Grow · Monthly · [\d.]+", product.inner_text())[0], force=True)
    staff.get_by_role("button", name="Prices of the chosen products").click()
    staff.locator("#draft-totals").get_by_text("11.90").wait_for()
    staff.get_by_role("button", name="Another line").click()
    staff.locator("#id_lines-1-description").fill("Move of the old site")
    staff.locator("#id_lines-1-unit_amount").fill("190")
    staff.locator("#draft-totals").get_by_text("238.00").wait_for()
    staff.get_by_label("Subject").fill(f"A better home {tag}")
    staff.get_by_label("Deposit", exact=False).first.select_option(label="A share in percent")
    staff.get_by_label("Deposit value", exact=False).fill("50")
    staff.get_by_role("button", name="Save the draft").click()
    staff.get_by_role("button", name="Deliver the quote").click()
    staff.get_by_text("Delivered").first.wait_for()

    visitor.goto(link_in(acts.mail_with(stack, email, tag), "quote"))
    visitor.get_by_label("domain", exact=False).fill(domain)
    visitor.get_by_role("button", name="Sign and order").click()
    visitor.get_by_text("need your attention").or_(visitor.get_by_text("needs your attention")).first.wait_for()
    assert visitor.get_by_label("domain", exact=False).input_value() == domain
    visitor.get_by_label("name", exact=False).last.fill("Quentin Quoted")
    visitor.get_by_role("checkbox").check()
    visitor.get_by_role("button", name="Sign and order").click()
    visitor.get_by_text("Accepted. Thank you.").wait_for()
    visitor.get_by_role("link", name="Pay €119.00").click()
    visitor.get_by_role("radio", name="Card", exact=False).or_(visitor.locator("#pay-element iframe")).first.wait_for()
    acts.pay(visitor, acts.GOOD)
    eventually(lambda: domain in {row["domain"] for row in stack.accounts().values()}, 60)

    staff.goto("/staff/quotes/?tab=accepted")
    staff.get_by_role("link", name=re.compile("Q-")).filter(has_text=re.compile("Q-")).first.wait_for()
    found = f"Quote.objects.get(subject='A better home {tag}')"
    assert stack.query(f"[{found}.invoice.state, {found}.order.state, str({found}.rest_invoice.total_amount)]")[:1] == ["paid"]
    stack.books()


def test_hours_of_work_stand_on_the_next_invoice(stack, desk):
    desk.goto(f"/staff/billable/new/?client={desk.client}")
    desk.get_by_label("Description").fill(f"Hours for {desk.tag}")
    desk.get_by_label("Quantity").fill("-1")
    desk.get_by_label("Price of one, net").fill("80")
    desk.get_by_role("button", name="Save").click()
    desk.get_by_text("greater than or equal to").first.wait_for()
    assert desk.get_by_label("Description").input_value() == f"Hours for {desk.tag}"
    desk.get_by_label("Quantity").fill("1.5")
    desk.get_by_role("button", name="Save").click()
    desk.wait_for_url(re.compile(r"/billable/\d+/"))
    desk.get_by_role("link", name="Invoice now").or_(desk.get_by_role("button", name="Invoice now")).first.click()
    desk.get_by_role("button", name="Issue the invoice").click()
    mail = eventually(lambda: next((m for m in stack.mails(f"{desk.tag}@papers.example") if "142.80" in m["text"]), None), 60)
    assert mail, "1.5 hours at 80.00 and 19 %"
    stack.books()


def test_a_draft_is_split_merged_and_duplicated(stack, desk):
    desk.goto(f"/staff/invoices/{desk.draft}/")
    acts.more(desk, "Split…")
    desk.get_by_role("checkbox", name=re.compile("Second day")).check()
    desk.get_by_role("button", name="Split it").click()
    desk.get_by_text("Second day").first.wait_for()
    desk.get_by_text("59.50").first.wait_for()
    desk.goto(f"/staff/invoices/{desk.draft}/")
    acts.more(desk, "Merge with other drafts…")
    desk.get_by_role("checkbox").first.check()
    desk.get_by_role("button", name="Merge them").click()
    desk.get_by_role("row").filter(has_text="Second day").first.wait_for()
    desk.goto(f"/staff/invoices/{desk.draft}/")
    acts.more(desk, "Duplicate…")
    desk.get_by_role("button", name="Make the draft").click()
    desk.wait_for_url(re.compile(r"/invoices/\d+/edit/"))
    rows = f"Invoice.objects.filter(client_id={desk.client}, state='draft')"
    assert stack.query(f"[str(one.net_amount) for one in {rows}]") == ["150.0000", "150.0000"]


def test_what_takes_an_invoice_back_or_puts_it_aside(stack, desk):
    (first, _number), (second, _number), (third, third_number) = desk.numbers
    desk.goto(f"/staff/invoices/{first}/")
    acts.more(desk, "Credit note…")
    desk.get_by_role("radio", name="An amount with tax").check()
    desk.locator("#id_total").fill("-5")
    desk.locator("#id_reason").fill("Half of it was not done")
    desk.get_by_role("button", name="Issue the credit note").click()
    desk.locator(".field-error").first.wait_for()
    assert desk.locator("#id_reason").input_value() == "Half of it was not done"
    desk.locator("#id_total").fill("59.50")
    desk.get_by_role("button", name="Issue the credit note").click()
    desk.get_by_text("59.50").first.wait_for()
    assert acts.mail_with(stack, f"{desk.tag}@papers.example", "credit note")
    assert stack.query(f"str(Invoice.objects.get(pk={first}).open.amount)").startswith("59.5")

    desk.goto(f"/staff/invoices/{second}/")
    acts.more(desk, "Correct…")
    desk.locator("#id_reason").fill("The wrong amount")
    desk.get_by_role("button", name="Begin the correction").click()
    desk.get_by_role("link", name="Edit the draft").click()
    desk.get_by_label("Price, net").first.fill("150")
    desk.get_by_role("button", name="Issue the invoice").click()
    desk.get_by_text("It replaces").first.wait_for()
    desk.get_by_text("178.50").first.wait_for()
    assert stack.query(f"Invoice.objects.get(pk={second}).state") == "cancelled"

    desk.goto(f"/staff/invoices/{third}/")
    acts.more(desk, "Hand to collections…")
    desk.locator("#id_reason").fill("Agency Inkasso, file 7")
    desk.get_by_role("button", name="Hand it over").first.click()
    desk.get_by_text("In collections").first.wait_for()
    acts.more(desk, "Take back from collections…")
    desk.get_by_role("button", name="Take it back").click()
    desk.goto(f"/staff/invoices/{third}/")
    link = desk.request.get(desk.get_by_text("/pay/").first.inner_text().strip())
    assert link.status == 200 and third_number in link.text()
    desk.get_by_role("link", name="Withdraw pay links…").click()
    desk.locator("#id_reason").fill("Sent to the wrong address")
    desk.get_by_role("button", name="Withdraw them").click()
    desk.wait_for_url(re.compile(r"/invoices/\d+/$"))
    assert desk.request.get(link.url).status == 404
    acts.more(desk, "Write off…")
    desk.locator("#id_reason").fill("Insolvent")
    desk.get_by_role("button", name="Write it off").click()
    desk.get_by_text("Written off").first.wait_for()
    stack.books()


def test_a_statement_goes_by_mail_and_papers_of_many_come_as_one_file(stack, desk):
    desk.goto(f"/staff/clients/{desk.client}/statement/")
    desk.get_by_text(desk.numbers[0][1]).first.wait_for()
    desk.get_by_role("link", name=re.compile("Mail")).or_(desk.get_by_role("button", name=re.compile("Mail"))).first.click()
    desk.get_by_role("button", name=re.compile("Send|Mail")).last.click()
    assert acts.mail_with(stack, f"{desk.tag}@papers.example", "statement")

    desk.goto(f"/staff/invoices/?tab=all&client={desk.client}")
    for _pk, number in desk.numbers:
        desk.get_by_role("row").filter(has_text=number).get_by_role("checkbox").check()
    desk.get_by_role("button", name="Download PDFs").click()
    desk.get_by_role("link", name=re.compile("Download")).first.wait_for(timeout=60_000)
    with desk.expect_download() as download:
        desk.get_by_role("link", name=re.compile("Download")).first.click()
    with open(download.value.path(), "rb") as file:
        names = zipfile.ZipFile(io.BytesIO(file.read())).namelist()
    assert len(names) == 3 and all(name.endswith(".pdf") for name in names)
