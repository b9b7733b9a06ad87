"""E-invoices of real documents: written from what was stored, checked, held, mended, mailed."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from facturx import get_facturx_xml_from_pdf
from pypdf import PdfReader

from billing.actions.credit_note import credit_invoice
from billing.actions.einvoice import leave_einvoice, request_einvoice, retry_einvoice
from billing.actions.invoice import NewLine, draft_invoice, issue_invoice
from billing.actions.payment import book_bank_payment
from billing.actions.reminder import mail_invoice_again
from billing.einvoice import PROFILES, checker, write
from billing.models import Account, CreditNote, EInvoice, Invoice, TaxProfile, TaxRate
from billing.models.cycle import period
from billing.notices.invoice import attach_einvoice, attach_invoice
from billing.options import EINVOICE_ADDRESS
from billing.queries.einvoice import einvoice_of, vat_number
from billing.queries.invoice_document import invoice_pdf
from clients.actions.client import update_client
from clients.forms.client import ClientForm
from clients.models import EInvoiceWish
from hostbill.core import clock, options
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Message
from hostbill.core.money import Money
from hostbill.core.notify import render_attachment
from tests.factories import make_staff

pytestmark = pytest.mark.django_db
SELLER = {
    "name": "Nordhost",
    "legal_name": "Nordhost GmbH",
    "address1": "Norderhofenden 12",
    "postcode": "24937",
    "city": "Flensburg",
    "country": "DE",
    "tax_id": "DE 123 456 788",
    "register": "HRB 1234 FL",
    "email": "billing@nordhost.example",
    "phone": "+49 461 123456",
    "iban": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX",
}


def configure(prefix="company", **values):
    """Options."""
    for key, value in values.items():
        options.set_option(options.find(f"{prefix}.{key}"), value, SYSTEM)


@pytest.fixture
def account(cast):
    """Alice's, in Germany, at 19 %."""
    configure(**SELLER)
    TaxRate.objects.all().delete()
    for tax_class, percent in (("standard", "19"), ("reduced", "7")):
        TaxRate.objects.create(tax_class=tax_class, name="VAT", percent=Decimal(percent), valid_from=date(2020, 1, 1))
    client = cast.alice_client
    address = {"address1": "Hafenstr. 1", "postcode": "10115", "city": "Berlin", "country": "DE"}
    update_client(client, actor=SYSTEM, company="Weaves & <Söhne>", **address)
    return Account.objects.get_or_create(client=client, defaults={"currency": "EUR"})[0]


LINES = (
    NewLine("Grow hosting", Decimal("26"), kind="recurring", period=period(date(2027, 10, 15), 15, "monthly", 0)),
    NewLine("Scale hosting", Decimal("210"), kind="recurring", period=period(date(2027, 10, 15), 15, "annual", 0)),
    NewLine("A book", Decimal("20"), tax_class="reduced"),
    NewLine("Traffic in kilobytes", Decimal("0.00101"), quantity=Decimal(16000)),
    NewLine("Unused days of Start", Decimal("-4.50")),
    NewLine("Welcome discount", Decimal("-21"), kind="discount"),
)


def issued(account, lines=LINES, **changes):
    """An issued invoice."""
    draft = draft_invoice(account, list(lines), kind="manual", due_on=date(2027, 10, 15), **changes)
    return issue_invoice(draft, actor=SYSTEM)


def ask(account, **changes):
    """What the client wants."""
    update_client(account.client, actor=SYSTEM, **changes)
    account.client.refresh_from_db()


@pytest.mark.parametrize("key", ["ubl", "facturx"])
def test_written_from_the_stored_document_and_right(account, key):
    invoice = issued(account)
    configure(legal_name="Another GmbH", tax_id="DE999999999")
    update_client(account.client, actor=SYSTEM, city="Hamburg")
    document = einvoice_of(invoice)
    xml = write(document, PROFILES[key])
    assert checker.check(document, PROFILES[key], xml) == []
    assert document.seller.name == "Nordhost GmbH" and document.seller.vat_id == "DE123456788"
    assert document.buyer.city == "Berlin"
    assert [line.unit for line in document.lines] == ["MON", "ANN", "C62", "C62", "C62"]
    assert [(line.quantity, line.price) for line in document.lines][-1] == (Decimal(-1), Decimal("4.50"))
    assert [(row.amount, row.reason) for row in document.allowances] == [(Decimal(21), "Welcome discount")]
    assert document.gross == invoice.total_amount and document.payable == invoice.open_amount


def test_credit_that_was_used_is_what_was_paid(account):
    invoice = issued(account)
    document = einvoice_of(invoice)
    assert document.paid == 0
    invoice.open_amount -= 10
    document = einvoice_of(invoice)
    assert (document.paid, document.payable) == (Decimal(10), invoice.total_amount - 10)
    assert checker.check(document, PROFILES["cii"], write(document, PROFILES["cii"])) == []


def judged(invoice) -> list:
    """What the rules say of it in both syntaxes."""
    document = einvoice_of(invoice)
    return [found for key in ("ubl", "cii") for found in checker.check(document, PROFILES[key], write(document, PROFILES[key]))]


def test_prices_that_include_tax(account):
    lines = [NewLine(f"Plan {n}", Decimal(0), gross_amount=Decimal("9.99"), quantity=Decimal(n)) for n in (1, 2, 3)]
    invoice = issued(account, lines)
    assert invoice.total_amount == Decimal("29.97")
    assert judged(invoice) == []


def test_reverse_charge_names_both_numbers_and_the_reason(account):
    address = {"country": "FR", "city": "Paris", "postcode": "75001", "tax_id": "FR 40 303265045"}
    update_client(account.client, actor=SYSTEM, **address)
    values = {"tax_id": "FR40303265045", "state": "valid", "valid_at": clock.now()}
    TaxProfile.objects.update_or_create(client=account.client, defaults=values)
    invoice = issued(Account.objects.get(pk=account.pk), LINES[:2])
    document = einvoice_of(invoice)
    assert [group.tax.category for group in document.taxes] == ["AE"] and document.taxes[0].reason
    assert document.buyer.vat_id == "FR40303265045"
    assert judged(invoice) == []


def test_outside_the_scope_has_no_vat_numbers(account):
    update_client(account.client, actor=SYSTEM, country="US", city="Austin", postcode="73301", state="TX")
    invoice = issued(Account.objects.get(pk=account.pk), LINES[:2])
    document = einvoice_of(invoice)
    assert [group.tax.category for group in document.taxes] == ["O"]
    assert (document.seller.vat_id, document.buyer.vat_id) == ("", "")
    assert judged(invoice) == []


def test_two_taxes_one_on_the_other_are_one_rate(account):
    TaxRate.objects.all().delete()
    for step, name, percent in ((1, "GST", "5"), (2, "QST", "9.5")):
        TaxRate.objects.create(
            tax_class="standard", name=name, percent=Decimal(percent), step=step, compound=step == 2, valid_from=date(2020, 1, 1)
        )
    invoice = issued(account, [NewLine("Plan", Decimal(100))])
    document = einvoice_of(invoice)
    assert [(group.tax.percent, group.amount) for group in document.taxes] == [(Decimal("14.9750"), Decimal("14.98"))]
    assert judged(invoice) == []


@pytest.mark.parametrize("how", [{"total": Decimal("50.00")}, {}])
def test_credit_notes_have_e_invoices_too(account, drain, how):
    configure("billing", einvoice="facturx")
    invoice = issued(account)
    drain()
    note = credit_invoice(invoice, actor=SYSTEM, reason="Too much", **how)
    drain()
    row = EInvoice.objects.get(credit_note=note)
    assert (row.state, row.findings, row.with_mail) == ("ready", [], True)
    document = einvoice_of(CreditNote.objects.select_related("client", "invoice").get(pk=note.pk))
    assert (document.code, document.preceding) == ("381", ((invoice.number, invoice.issued_on),))
    assert document.gross == note.total_amount
    assert not checker.check(document, PROFILES["ubl"], write(document, PROFILES["ubl"]))
    mail = Message.objects.get(kind="billing.credit_note_issued", to_email=account.client.email)
    _name, pdf, _mime = render_attachment(mail.attachments[0]["provider"], mail.attachments[0]["object_id"])
    assert get_facturx_xml_from_pdf(pdf, check_xsd=True, check_schematron=False)[1] == row.xml.encode()
    again = einvoice_of(Invoice.objects.select_related("client").get(pk=invoice.pk))
    assert (again.paid, again.payable) == (Decimal(0), invoice.total_amount)


def test_pro_forma_invoices_have_none_until_they_are_legal(account, drain):
    configure("billing", einvoice="ubl", proforma=True)
    invoice = issued(account)
    drain()
    assert invoice.is_proforma and not EInvoice.objects.exists()
    with pytest.raises(AppError):
        request_einvoice(invoice, format="ubl", actor=SYSTEM)
    money = Money(invoice.open_amount, "EUR")
    book_bank_payment(account, reference="x", money=money, received_on=clock.today(), actor=SYSTEM, invoice=invoice)
    drain()
    row = EInvoice.objects.get()
    assert row.state == "ready" and row.invoice.number in row.xml and row.invoice.number != invoice.number


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("DE 123.456-788", "DE", "DE123456788"),
        ("el094259216", "GR", "EL094259216"),
        ("U12345678", "AT", "ATU12345678"),
        ("CHE-123.456.789 MWST", "CH", "CHE123456789MWST"),
        ("DE12", "DE", ""),
        ("21/815/08150", "DE", ""),
        ("", "DE", ""),
        ("GSTIN 27AAPFU0939F1ZV", "IN", ""),
        ("DE", "DE", ""),
    ],
)
def test_vat_numbers_are_told_from_tax_numbers(text, country, expected):
    assert vat_number(text, country) == expected


def test_goes_with_the_mail_when_ready(account, drain):
    ask(account, einvoice="xrechnung", buyer_reference="04011000-12345-34")
    invoice = issued(account)
    drain()
    row = EInvoice.objects.get(invoice=invoice)
    assert (row.state, row.findings, row.is_checked, row.with_mail) == ("ready", [], True, True)
    mail = Message.objects.get(kind="billing.invoice_issued", to_email=account.client.email)
    files = [render_attachment(part["provider"], part["object_id"]) for part in mail.attachments]
    assert [name for name, _content, _mime in files] == [f"invoice-{invoice.number}.pdf", f"{invoice.number}-xrechnung.xml"]
    assert b"xrechnung_3.0" in files[1][1] and b"04011000-12345-34" in files[1][1]


def test_held_is_never_sent_and_goes_when_mended(account, drain):
    ask(account, einvoice="xrechnung")
    make_staff("owner", email="sven@nordhost.example")
    invoice = issued(account)
    drain()
    row = EInvoice.objects.get(invoice=invoice)
    assert row.state == "held" and row.first_finding.startswith("BR-DE-15: ")
    assert not Message.objects.filter(kind="billing.invoice_issued").exists()
    told = Message.objects.get(kind="billing.einvoice_held", to_email="sven@nordhost.example")
    assert "BR-DE-15" in told.text
    with pytest.raises(EInvoice.DoesNotExist):
        attach_einvoice(row.pk)
    with pytest.raises(AppError) as refused:
        mail_invoice_again(invoice, actor=SYSTEM)
    assert refused.value.code == "einvoice_held"

    ask(account, buyer_reference="04011000-12345-34")
    retry_einvoice(row, actor=SYSTEM)
    drain()
    row.refresh_from_db()
    assert (row.state, row.findings, row.tries) == ("ready", [], 1)
    assert Message.objects.filter(kind="billing.invoice_issued").count() == 1
    with pytest.raises(AppError):
        retry_einvoice(row, actor=SYSTEM)


def test_left_out_sends_the_document_alone(account, drain):
    ask(account, einvoice="peppol")
    invoice = issued(account)
    drain()
    row = EInvoice.objects.get(invoice=invoice)
    leave_einvoice(row, reason="They want paper", actor=SYSTEM)
    drain()
    mail = Message.objects.get(kind="billing.invoice_issued")
    assert [part["provider"] for part in mail.attachments] == ["billing.invoice_pdf"]
    assert EInvoice.objects.get().left_reason == "They want paper"


def test_option_decides_for_who_chose_nothing(account, drain):
    configure("billing", einvoice="facturx")
    assert EInvoice.objects.count() == 0
    invoice = issued(account)
    drain()
    assert EInvoice.objects.get().format == "facturx"
    ask(account, einvoice="none")
    issued(account)
    drain()
    assert EInvoice.objects.count() == 1 and invoice.einvoices.exists()


def test_unchecked_by_option(account, drain):
    configure("billing", einvoice="xrechnung", einvoice_check=False)
    issued(account)
    drain()
    row = EInvoice.objects.get()
    assert (row.state, row.is_checked) == ("ready", False)


def test_rules_that_cannot_be_asked_hold_it(account, drain, monkeypatch, tmp_path):
    monkeypatch.setattr(checker, "_SCRIPT", tmp_path / "missing.py")
    checker.stop()
    configure("billing", einvoice="ubl")
    issued(account)
    drain()
    assert EInvoice.objects.get().state == "queued"
    assert not Message.objects.filter(kind="billing.invoice_issued").exists()


def test_factur_x_is_an_archivable_pdf_with_its_data_inside(account, drain):
    configure("billing", einvoice="facturx")
    invoice = issued(account)
    plain = invoice_pdf(invoice)
    drain()
    _name, pdf, _mime = attach_invoice(invoice.pk)
    assert pdf != plain and pdf == invoice_pdf(invoice)
    name, xml = get_facturx_xml_from_pdf(pdf, check_xsd=True, check_schematron=False)
    assert name == "factur-x.xml" and xml == EInvoice.objects.get().xml.encode()
    reader = PdfReader(io.BytesIO(pdf), strict=True)
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in metadata
    assert metadata.count("<pdfaExtension:schemas>") == 1
    assert reader.trailer["/Root"]["/AF"][0].get_object()["/AFRelationship"] == "/Alternative"
    assert len(reader.pages) == 1 and "Grow hosting" in reader.pages[0].extract_text()


def test_letters_that_no_font_has_still_carry_the_data(account, drain):
    configure("billing", einvoice="facturx")
    ask(account, company="株式会社サンプル")
    invoice = issued(account)
    drain()
    pdf = invoice_pdf(invoice)
    assert b"fx:ConformanceLevel" not in pdf
    assert PdfReader(io.BytesIO(pdf)).attachments["factur-x.xml"]


def test_drafts_have_none(account):
    draft = draft_invoice(account, list(LINES), kind="manual", due_on=date(2027, 10, 15))
    with pytest.raises(AppError):
        request_einvoice(draft, format="ubl", actor=SYSTEM)
    with pytest.raises(AppError):
        request_einvoice(issued(account), format="pdf", actor=SYSTEM)


def test_asked_for_twice_is_written_once(account, drain):
    invoice = issued(account)
    first = request_einvoice(invoice, format="cii", actor=SYSTEM)
    assert request_einvoice(invoice, format="cii", actor=SYSTEM) == first
    drain()
    drain()
    assert EInvoice.objects.get().state == "ready"


def test_clients_formats_are_those_that_can_be_written():
    assert set(EInvoiceWish.values) == {"none", *PROFILES}


@pytest.mark.parametrize("address", ["9930", "XX:1", "9930:", "9930:a b", "0204:\n1", "99301:x"])
def test_bad_electronic_addresses_are_refused_beside_the_field(cast, address):
    form = ClientForm({"electronic_address": address}, instance=cast.alice_client)
    assert "electronic_address" in form.errors
    with pytest.raises(ValidationError):
        EINVOICE_ADDRESS.clean(address)
