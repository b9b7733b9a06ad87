"""Documents of many pages, with long words, and with the house's logo."""

import io
import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfReader

from billing.actions.invoice import NewLine, draft_invoice, issue_invoice
from billing.models import Account
from billing.queries.invoice_document import invoice_data, invoice_pdf
from hostbill.core import options
from hostbill.core.access import SYSTEM
from hostbill.core.models import File
from hostbill.core.pictures import store_picture
from hostbill.core.typeset import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(cast):
    """An invoice of these lines."""
    account, _made = Account.objects.get_or_create(client=cast.alice_client, defaults={"currency": "EUR"})

    def _issue(lines):
        return issue_invoice(draft_invoice(account, lines, kind="manual", due_on=date(2027, 10, 15)), actor=SYSTEM)

    return _issue


def pages_of(invoice) -> list[str]:
    """Words of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(invoice_pdf(invoice))).pages]


def carried(page: str, words: str) -> Decimal | None:
    """The amount behind the words."""
    found = re.search(rf"{words}\s*([\d,.]+)", page)
    return Decimal(found[1].replace(",", "")) if found else None


def test_what_is_carried_over_is_the_sum_of_the_lines_so_far(issue):
    invoice = issue([NewLine(f"Service {n}", Decimal(f"{n}.01")) for n in range(1, 201)])
    pages = pages_of(invoice)
    assert len(pages) >= 6
    so_far = Decimal(0)
    for number, page in enumerate(pages):
        lines = [int(n) for n in re.findall(r"Service (\d+)\b", page)]
        assert carried(page, "Carried forward") == (so_far or None)
        so_far += sum((Decimal(f"{n}.01") for n in lines), Decimal(0))
        is_last = not any("Service" in later for later in pages[number + 1 :])
        assert carried(page, "Carried over") == (None if is_last else so_far)
    assert so_far == invoice.net_amount


def test_one_page_carries_nothing(issue):
    (page,) = pages_of(issue([NewLine("Service", Decimal(1))]))
    assert "Carried" not in page


def test_a_word_without_end_is_broken_before_the_figures(issue):
    (page,) = pages_of(issue([NewLine("x" * 400, Decimal(1))]))
    runs = [len(run) for run in re.findall(r"x{10,}", page.replace("\u200b", ""))]
    assert sum(runs) == 400 and max(runs) < 60


def test_the_logo_stands_instead_of_sign_and_name(issue):
    invoice = issue([NewLine("Service", Decimal(1))])
    assert invoice_data(invoice)["is_logo"] is False
    out = io.BytesIO()
    Image.new("RGBA", (600, 120), "#dd3333").save(out, "PNG")
    stored = store_picture(SimpleUploadedFile("logo.png", out.getvalue()))
    options.set_option(options.find("brand.logo"), stored, SYSTEM)
    data = invoice_data(invoice)
    assert data["is_logo"] and "data:image/png;base64," in data["mark"]
    shown = Image.open(io.BytesIO(picture("invoice.typ", data)[0])).convert("RGB")
    red = shown.crop((0, 0, shown.width // 2, shown.height // 8)).getcolors(100_000)
    assert max(red, key=lambda entry: entry[0] * (entry[1][0] > 200 and entry[1][1] < 80))[1] == (221, 51, 51)
    assert PdfReader(io.BytesIO(invoice_pdf(invoice))).pages
    File.objects.filter(token=stored["token"]).delete()
