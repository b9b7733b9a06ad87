"""Files of many rows in one ZIP, on the list of invoices: made in the background for the person who asked."""

import io
import zipfile

import pytest
from django.urls import reverse
from pypdf import PdfReader

from billing.models import Invoice
from billing.queries.invoice_document import invoice_file_name
from clients.models import StaffRole
from hostbill.core import options
from hostbill.core.access import SYSTEM
from hostbill.core.crud import exporting
from hostbill.core.errors import AppError
from hostbill.core.models import BulkRun, Change, Export
from tests.billing.factories import make_order
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db
URL = "/staff/invoices/?tab=all"


@pytest.fixture
def invoices(db):
    """Three documents of Alice and a draft."""
    client = make_cast().alice_client
    made = [make_order(client).invoice for _number in range(3)]
    draft = copy_of(made[0])
    Invoice.objects.bulk_create([draft])
    return [*made, draft]


def copy_of(invoice) -> Invoice:
    """A draft like it."""
    draft = Invoice.objects.get(pk=invoice.pk)
    draft.pk, draft.number, draft.series_number, draft.state, draft._state.adding = None, None, None, "draft", True
    return draft


@pytest.fixture
def sven(client, db):
    """May look at invoices only."""
    role = StaffRole.objects.create(code="looker", name="Looker", permissions=["billing.invoice.view"])
    client.user = make_staff(role.code)
    client.role = role
    client.force_login(client.user)
    return client


def ask(client, *rows, url=URL):
    chosen = {"ids": [row.pk for row in rows]} if rows else {"all": "1"}
    return client.post(url, {"bulk": "pdf", **chosen})


def opened(client) -> zipfile.ZipFile:
    answer = client.get(reverse("export_file", args=[Export.objects.get().pk]))
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_chosen_invoices_become_a_zip_of_pdfs_named_by_number(sven, invoices, drain):
    first, second, *_others = invoices
    assert ask(sven, first, second).url == reverse("export_list")
    drain()
    row = Export.objects.get()
    assert (row.state, row.written, row.left_out, row.format, row.title) == ("done", 2, 0, "zip", "PDFs of invoices")
    with opened(sven) as found:
        assert set(found.namelist()) == {invoice_file_name(first), invoice_file_name(second)}
        assert first.number in found.namelist()[0] + found.namelist()[1]
        assert all(found.read(name).startswith(b"%PDF-") for name in found.namelist())
    assert row.file.name.startswith("pdfs-of-invoices-") and row.file.name.endswith(".zip")
    assert not BulkRun.objects.exists()
    assert Change.objects.get(action="core.list_exported").reason == "Invoices (zip: pdf)"


def test_one_pdf_of_all_has_every_page_and_a_bookmark_for_each(sven, invoices, drain):
    answer = sven.post(URL, {"bulk": "print", "all": "1"})
    assert answer.url == reverse("export_list")
    drain()
    row = Export.objects.get()
    assert (row.state, row.written, row.left_out, row.format, row.title) == ("done", 3, 1, "pdf", "Invoices to print")
    assert row.file.name.endswith(".pdf") and row.file.mime == "application/pdf"
    answer = sven.get(reverse("export_file", args=[row.pk]))
    found = PdfReader(io.BytesIO(b"".join(answer.streaming_content)), strict=True)
    assert len(found.pages) == 3
    assert {item.title for item in found.outline} == {invoice_file_name(invoice)[:-4] for invoice in invoices[:3]}


def test_all_that_match_and_what_has_no_document_is_named(sven, invoices, drain):
    ask(sven)
    drain()
    row = Export.objects.get()
    assert (row.written, row.left_out, row.total) == (3, 1, 4)
    with opened(sven) as found:
        assert len(found.namelist()) == 4
        assert str(invoices[3]) in found.read("left-out.txt").decode()
    assert "1 row has no file" in sven.get(reverse("export_list")).content.decode()


def test_filters_narrow_what_all_means(sven, invoices, drain):
    ask(sven, url=f"/staff/invoices/?tab=all&q={invoices[1].number}")
    drain()
    with opened(sven) as found:
        assert found.namelist() == [invoice_file_name(invoices[1])]


def test_one_that_cannot_be_typeset_stops_no_other(sven, invoices, drain, monkeypatch):
    from billing.views.staff import invoice as screen

    real = screen.invoice_pdf

    def broken(invoice):
        if invoice.pk == invoices[0].pk:
            raise AppError("no font draws it", code="fonts")
        return real(invoice)

    monkeypatch.setattr(screen, "invoice_pdf", broken)
    ask(sven, *invoices[:2])
    drain()
    with opened(sven) as found:
        assert found.namelist() == [invoice_file_name(invoices[1]), "left-out.txt"]
        assert "no font draws it" in found.read("left-out.txt").decode()


def test_more_than_a_zip_holds_is_refused_at_once(sven, invoices):
    options.set_option(options.find("list.bundle_files"), 10, SYSTEM)
    Invoice.objects.bulk_create([copy_of(invoices[3]) for _number in range(7)])
    page = sven.post(URL, {"bulk": "pdf", "all": "1"}, follow=True)
    assert "One ZIP holds 10 files at most" in page.content.decode()
    assert not Export.objects.exists()
    Invoice.objects.filter(state="draft").last().delete()
    ask(sven)
    assert Export.objects.count() == 1


def test_nothing_chosen_makes_nothing(sven, invoices):
    assert sven.post(URL, {"bulk": "pdf"}).status_code == 302
    assert not Export.objects.exists()


def test_a_right_lost_meanwhile_stops_the_file_and_the_download(sven, invoices, drain):
    ask(sven, invoices[0])
    drain()
    sven.role.permissions = []
    sven.role.save()
    assert sven.get(reverse("export_file", args=[Export.objects.get().pk])).status_code == 403
    sven.role.permissions = ["billing.invoice.view"]
    sven.role.save()
    ask(sven, invoices[1])
    sven.role.permissions = []
    sven.role.save()
    drain()
    assert [row.state for row in Export.objects.order_by("pk")] == ["done", "failed"]


def test_a_forged_bundle_is_refused(sven, invoices):
    ask(sven, invoices[0])
    row = Export.objects.get()
    row.bundle = "everything"
    with pytest.raises(Exception, match="not do this"):
        exporting.reopen(row)


def test_the_zip_is_no_format_of_a_plain_export(sven, invoices):
    sven.post(URL, {"do": "export", "format": "zip"})
    assert not Export.objects.exists()


def test_names_never_meet():
    from hostbill.core.crud.bundles import _own_name

    taken: set = set()
    assert [_own_name(name, pk, taken) for pk, name in enumerate(["a.pdf", "A.pdf", "../../etc/a.pdf", "c:\\x\\b.pdf"])] == [
        "a.pdf",
        "1-A.pdf",
        "2-a.pdf",
        "b.pdf",
    ]


def test_the_most_files_is_a_setting():
    option = options.find("list.bundle_files")
    options.set_option(option, 50, SYSTEM)
    assert option.value == 50
