"""Where e-invoices are found: the console's list and pages, the client's invoice, and programs."""

from decimal import Decimal

import pytest

from billing.actions.credit_note import credit_invoice
from billing.actions.einvoice import request_einvoice
from billing.models import EInvoice, Invoice
from clients.actions.api_token import create_token
from hostbill.core.access import SYSTEM
from tests.billing.factories import make_order
from tests.factories import make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


@pytest.fixture
def rows(cast, drain):
    """A file that is held, one that is ready, and one inside the PDF."""
    invoice = make_order(cast.alice_client).invoice
    made = {key: request_einvoice(invoice, format=key, actor=SYSTEM) for key in ("xrechnung", "ubl", "facturx")}
    EInvoice.objects.filter(format="xrechnung").update(
        state="held", xml="<held/>", findings=[["BR-DE-15", "The buyer reference is needed.", ""]]
    )
    ready = EInvoice.objects.exclude(format="xrechnung")
    ready.update(state="ready", xml="<ready/>", written_at=invoice.issued_at)
    return {key: EInvoice.objects.get(pk=row.pk) for key, row in made.items()}


def test_staff_see_the_rule_and_the_file(cast, client, rows):
    client.force_login(cast.stella)
    page = client.get("/staff/einvoices/").content.decode()
    assert "BR-DE-15: The buyer reference is needed." in page
    assert f"/staff/einvoices/{rows['xrechnung'].pk}/" in page and f"/staff/einvoices/{rows['ubl'].pk}/" not in page
    page = client.get(f"/staff/einvoices/{rows['xrechnung'].pk}/").content.decode()
    assert "This e-invoice breaks a rule and is not sent" in page and "&lt;held/&gt;" in page
    answer = client.get(f"/staff/einvoices/{rows['ubl'].pk}/file/")
    assert (answer.content, answer["Content-Type"]) == (b"<ready/>", "application/xml")
    assert f'filename="{rows["ubl"].invoice.number}-ubl.xml"' in answer["Content-Disposition"]


def test_staff_write_again_leave_out_and_ask_for_more(cast, client, rows):
    client.force_login(cast.stella)
    held = rows["xrechnung"]
    client.post(f"/staff/einvoices/{held.pk}/leave/", {"reason": ""})
    assert EInvoice.objects.get(pk=held.pk).state == "held"
    client.post(f"/staff/einvoices/{held.pk}/leave/", {"reason": "They want paper"})
    assert EInvoice.objects.get(pk=held.pk).state == "left"
    client.post(f"/staff/einvoices/{held.pk}/retry/")
    assert EInvoice.objects.get(pk=held.pk).state == "queued"
    answer = client.post(f"/staff/invoices/{held.invoice_id}/einvoice/", {"format": "cii"})
    assert answer.url == EInvoice.objects.get(format="cii").get_absolute_url()
    answer = client.post(f"/staff/invoices/{held.invoice_id}/einvoice/", {"format": "none"})
    assert "format" in answer.context["form"].errors


def test_credit_notes_have_one_on_request(cast, client, drain):
    invoice = make_order(cast.alice_client).invoice
    note = credit_invoice(invoice, total=Decimal(1), reason="agreed", actor=SYSTEM)
    client.force_login(cast.stella)
    row_url = client.post(f"/staff/credit-notes/{note.pk}/einvoice/", {"format": "ubl"}).url
    row = EInvoice.objects.get(credit_note=note)
    assert row_url == row.get_absolute_url() and not row.with_mail
    assert row_url in client.get(f"/staff/credit-notes/{note.pk}/").content.decode()


def test_clients_get_what_is_ready_of_their_own(cast, client, rows):
    client.force_login(cast.alice)
    page = client.get(f"/account/invoices/{rows['ubl'].invoice_id}/").content.decode()
    assert f"/account/einvoices/{rows['ubl'].pk}/file/" in page
    assert f"/account/einvoices/{rows['xrechnung'].pk}/file/" not in page
    assert f"/account/einvoices/{rows['facturx'].pk}/file/" not in page
    assert client.get(f"/account/einvoices/{rows['ubl'].pk}/file/").content == b"<ready/>"
    assert client.get(f"/account/einvoices/{rows['xrechnung'].pk}/file/").status_code == 404
    client.force_login(cast.charlie)
    assert client.get(f"/account/einvoices/{rows['ubl'].pk}/file/").status_code == 404


def test_programs_read_the_file(cast, client, rows):
    _row, token = create_token(actor=cast.stella_actor, label="Books", reach="read")
    headers = {"Authorization": f"Bearer {token}"}
    listed = client.get("/api/v1/e-invoices/?format=ubl&format=facturx", headers=headers).json()
    assert {row["format"] for row in listed["data"]} == {"ubl", "facturx"} and "xml" not in listed["data"][0]
    one = client.get(f"/api/v1/e-invoices/{rows['ubl'].pk}/", headers=headers).json()
    assert one["xml"] == "<ready/>" and one["is_checked"] is False
    held = client.get(f"/api/v1/e-invoices/{rows['xrechnung'].pk}/", headers=headers).json()
    assert held["findings"] == [["BR-DE-15", "The buyer reference is needed.", ""]]
    assert Invoice.objects.filter(pk=one["invoice"]["id"]).exists()
