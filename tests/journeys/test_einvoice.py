"""A German authority gets an XRechnung: one without a Leitweg-ID is held and its mail waits; staff mend it, and both leave."""

import re
import uuid

import pytest

from tests.journeys import acts
from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]

#: An authority that wants XRechnungen, and an invoice of theirs; prints the invoice's number and the client's id.
BEGIN = """
from datetime import timedelta
from decimal import Decimal
from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from clients.actions.client import create_client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
client = create_client(actor=SYSTEM, first_name="Ute", last_name="Amt", company="Stadt {tag}", email="{tag}@stadt.example",
    address1="Am Markt 1", postcode="24937", city="Flensburg", country="DE", currency="EUR", einvoice="xrechnung")
lines = [NewLine("Web hosting, a year", Decimal("120")), NewLine("Welcome discount", Decimal("-20"), kind="discount")]
invoice = write_invoice(open_account(client), lines, due_on=clock.today() + timedelta(days=14), actor=SYSTEM)
print(invoice.number, client.pk)
"""


def test_a_held_e_invoice_is_mended_and_leaves_with_its_mail(stack, visit):
    tag = uuid.uuid4().hex[:8]
    number, client = stack.shell(BEGIN.replace("{tag}", tag)).splitlines()[-1].split()
    eventually(lambda: stack.query(f"EInvoice.objects.filter(client_id={client}, state='held').count()"), 90)
    assert stack.mails(f"{tag}@stadt.example") == []

    staff = visit(1440)
    acts.sign_in(staff, stack.up.staff, "/staff/einvoices/")
    staff.get_by_role("link", name=re.compile(re.escape(number))).first.click()
    staff.get_by_text("This e-invoice breaks a rule and is not sent").wait_for()
    staff.get_by_role("row").filter(has_text="BR-DE-15").wait_for()

    staff.goto(f"/staff/clients/{client}/edit/")
    staff.get_by_label("Electronic address").fill("9930")
    staff.get_by_label("Buyer reference").fill("04011000-12345-34")
    staff.get_by_role("button", name="Save").click()
    staff.get_by_text("Write the scheme, a colon and the address").first.wait_for()
    assert staff.get_by_label("Buyer reference").input_value() == "04011000-12345-34"
    staff.get_by_label("Electronic address").fill("0204:04011000-12345-34")
    staff.get_by_role("button", name="Save").click()
    staff.wait_for_url(re.compile(rf"/staff/clients/{client}/$"))

    staff.goto("/staff/einvoices/")
    staff.get_by_role("link", name=re.compile(re.escape(number))).first.click()
    staff.get_by_role("button", name="Write again").click()
    eventually(lambda: stack.query(f"EInvoice.objects.filter(client_id={client}, state='ready').count()"), 90)
    staff.reload()
    staff.get_by_text("Ready").first.wait_for()
    assert "04011000-12345-34" in staff.locator("pre").inner_text()
    with staff.expect_download() as download:
        staff.get_by_role("link", name="File").click()
    assert download.value.suggested_filename == f"{number}-xrechnung.xml"
    assert acts.mail_with(stack, f"{tag}@stadt.example", number)
    sent = f"[part['provider'] for part in Message.objects.get(client_id={client}, kind='billing.invoice_issued').attachments]"
    assert stack.query(sent) == ["billing.invoice_pdf", "billing.einvoice"]
    stack.books()
