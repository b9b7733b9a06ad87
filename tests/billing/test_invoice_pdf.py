"""The invoice as a document: what it says, that it stays the same, and that no name breaks it."""

import io
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader

from billing.actions.invoice import NewLine, draft_invoice, issue_invoice
from billing.models import Account, TaxRate
from billing.models.cycle import period
from billing.notices.invoice import attach_invoice
from billing.queries.invoice_document import epc_svg, invoice_data, invoice_file_name, invoice_pdf
from hostbill.core import options
from hostbill.core.access import SYSTEM
from hostbill.core.money import Money

pytestmark = pytest.mark.django_db


def configure(**values):
    """Company options."""
    for key, value in values.items():
        options.set_option(options.find(f"company.{key}"), value, SYSTEM)


@pytest.fixture
def invoice(cast):
    """Two lines, 19 % and 7 %."""
    configure(name="Nordhost", legal_name="Nordhost GmbH", address1="Norderhofenden 12", city="Flensburg")
    configure(iban="DE85 9999 9999 0001 2345 67", tax_id="DE 000 000 000", email="billing@nordhost.example")
    TaxRate.objects.all().delete()
    for tax_class, percent in (("standard", "19"), ("reduced", "7")):
        TaxRate.objects.create(tax_class=tax_class, name="VAT", percent=Decimal(percent), valid_from=date(2020, 1, 1))
    client = cast.alice_client
    account, _created = Account.objects.get_or_create(client=client, defaults={"currency": "EUR"})
    year = period(date(2027, 10, 15), 15, "annual", 0)
    lines = [
        NewLine("Scale hosting, weaves.example", Decimal("210"), kind="recurring", period=year),
        NewLine("Selling books online", Decimal("20"), tax_class="reduced"),
        NewLine("Loyalty discount", Decimal("-21")),
    ]
    return issue_invoice(draft_invoice(account, lines, kind="manual", due_on=date(2027, 10, 15)), actor=SYSTEM)


def text_of(pdf: bytes) -> str:
    """Words of all pages, spaces made single."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_document_says_what_the_law_and_people_want(invoice):
    text = text_of(invoice_pdf(invoice))
    for words in (
        invoice.number,
        "Nordhost GmbH, Norderhofenden 12",
        invoice.client.name,
        "VAT ID DE 000 000 000",
        "Scale hosting, weaves.example",
        "15 October 2027 – 14 October 2028",
        "1 year",
        "19 %",
        "7 %",
        "−21.00",
        "209.00",
        "37.31",
        "€246.31",
        "DE85 9999 9999 0001 2345 67",
        "Page 1 of 1",
    ):
        assert words in text, words


def test_document_is_an_archivable_pdf_and_always_the_same(invoice):
    first, second = invoice_pdf(invoice), invoice_pdf(invoice)
    assert first == second
    metadata = PdfReader(io.BytesIO(first)).xmp_metadata.stream.get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata


def test_old_document_keeps_the_seller_of_its_day(invoice):
    configure(legal_name="Somebody Else AG", iban="")
    text = text_of(invoice_pdf(invoice))
    assert "Nordhost GmbH" in text
    assert "Somebody Else" not in text


@pytest.mark.parametrize(
    "name", ["শ্রাবণী দত্ত", "አበበ በቀለ", "مريم العلي", "漢字有限公司", "#eval(1) $x$ *b* \\u{41}", 'a"b\\']
)
def test_no_name_breaks_the_document(invoice, name):
    invoice.buyer = invoice.buyer | {"company": name, "name": name}
    pdf = invoice_pdf(invoice)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    if name.isascii():
        assert name.split()[0] in text_of(pdf)


def test_paid_invoice_asks_for_nothing(invoice):
    invoice.state, invoice.open_amount = "paid", Decimal(0)
    box = invoice_data(invoice)["box"]
    assert box["qr"] == ""
    assert "Paid" in box["title"]


def test_attachment_of_the_mail(invoice):
    name, content, mime = attach_invoice(invoice.pk)
    assert (name, mime) == (f"invoice-{invoice.number}.pdf", "application/pdf")
    assert content.startswith(b"%PDF")
    invoice.number = "../../etc/passwd"
    assert "/" not in invoice_file_name(invoice)


def test_transfer_code_exists_for_euro_only():
    euro = epc_svg("Nordhost GmbH", "DE85 9999 9999 0001 2345 67", "", Money(Decimal("270.11"), "EUR"), "2027-0415")
    assert euro.startswith("<svg")
    assert epc_svg("Nordhost GmbH", "DE85", "", Money(Decimal("270.11"), "USD"), "x") == ""
    assert epc_svg("Nordhost GmbH", "DE85", "", Money(Decimal("0"), "EUR"), "x") == ""
