"""No file that we give away holds a formula: every list as CSV and as a workbook, every report, every file for bookkeeping
programs, with names that somebody chose in order to do harm. And a statement that is taken in keeps such words as words."""

import csv
import io
import re

import openpyxl
import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, models, transaction
from django.urls import reverse

from billing.actions.bank import import_statement, take_statement
from billing.models import BankLine, LedgerAccount
from billing.queries.bank_csv import guess, table
from billing.queries.journal_formats import FORMATS
from billing.views.staff.tax_report import FILES
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.crud import StaffListView
from hostbill.core.crud.export import FORMULA_STARTS, safe
from hostbill.pages.reports import REPORTS
from tests.security.conftest import browser
from tests.security.routes import routes
from tests.security.world import arguments_of

LISTS = [route for route in routes() if isinstance(route.view, type) and issubclass(route.view, StaffListView) and route.view.export]
BAD = '=HYPERLINK("http://bad.example","x")'
OURS = ("core", "clients", "billing", "provisioning", "support")
#: Columns into which people write.
FREE = (
    "name", "company", "first_name", "last_name", "native_name", "description", "title", "subject", "label", "text", "reason", "note",
    "payer", "domain", "address1", "city", "message", "summary", "actor_label", "taken_by", "delivered_to", "quickbooks_name", "buyer_name",
)  # fmt: skip
NUMBER = re.compile(r"-?\d+([.,]\d+)?( %)?")


def poison() -> int:
    """Every free text of every row becomes a formula, where the database lets it; how many columns did."""
    count = 0
    for model in (model for label in OURS for model in apps.get_app_config(label).get_models()):
        for field in model._meta.concrete_fields:
            fits = isinstance(field, models.CharField | models.TextField) and not field.choices and (field.max_length or 99) > len(BAD)
            if field.name in FREE and fits and not field.unique:
                try:
                    with transaction.atomic():
                        count += bool(model._base_manager.update(**{field.name: BAD}))
                except DatabaseError:
                    continue  # issued documents are frozen
    return count


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def formulas(text: str, delimiter=",") -> list[str]:
    """Cells that a spreadsheet would take for a formula; numbers below zero are none."""
    cells = [cell for row in csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter) for cell in row]
    return [cell for cell in cells if cell.lstrip(" ").startswith(FORMULA_STARTS) and not NUMBER.fullmatch(cell)]


@pytest.fixture
def harmful(world):
    """The world with harmful names, and the owner's browser."""
    assert poison() > 40
    return browser(world.people["stella"])


@pytest.mark.django_db
def test_no_list_gives_a_formula_away(world, harmful):
    wrong, disarmed = [], set()
    for route in LISTS:
        url = reverse(route.name, kwargs=arguments_of(route, world))
        for form in ("csv", "xlsx"):
            answer = harmful.post(f"{url}?tab=all", {"do": "export", "format": form})
            if not answer.headers.get("Content-Disposition"):
                wrong.append(f"{route.name}: no {form} ({answer.status_code})")
            elif form == "csv":
                text = body(answer).decode("utf-8-sig")
                disarmed |= {route.name} if f"'{BAD[:10]}" in text else set()
                wrong += [f"{route.name}: {cell}" for cell in formulas(text)]
            else:
                sheet = openpyxl.load_workbook(io.BytesIO(body(answer))).active
                wrong += [f"{route.name}: {cell.value}" for row in sheet for cell in row if cell.data_type == "f" or cell.hyperlink]
    assert not wrong, "\n".join(wrong)
    assert len(LISTS) > 40 and len(disarmed) > 20, "harmful names reached almost no list"


@pytest.mark.django_db
def test_no_report_gives_a_formula_away(harmful):
    year = clock.today().year
    asked = [f"{reverse('staff_reports')}?report={key}&year={year}&export=csv" for key in REPORTS]
    asked += [f"{reverse('billing_staff:tax_report')}?year={year}&export={key}" for key in FILES]
    asked.append(f"{reverse('billing_staff:ageing')}?export=csv")
    for url in asked:
        answer = harmful.get(url)
        assert answer["Content-Type"].startswith("text/csv"), url
        text = body(answer).decode("utf-8-sig")
        assert text and not formulas(text), url
    assert f"'{BAD[:10]}" in text, "the ageing names clients"


@pytest.mark.django_db
def test_no_file_for_bookkeeping_gives_a_formula_away(harmful):
    for number, account in enumerate(LedgerAccount.objects.all(), 1000):
        account.datev_account = account.xero_code = str(number)
        account.save()
    days = {"first": clock.today().replace(day=1), "last": clock.today(), "currency": "EUR"}
    for kind in FORMATS:
        answer = harmful.post(reverse("billing_staff:journal_export"), {**days, "file_format": kind})
        text = body(answer).decode("cp1252" if kind == "datev" else "utf-8-sig")
        assert answer.headers.get("Content-Disposition") and "HYPERLINK" in text, kind
        assert not formulas(text, {"datev": ";", "quickbooks": "\t"}.get(kind, ",")), kind


@pytest.mark.django_db
def test_what_a_bank_file_says_is_kept_as_words_and_given_away_as_such(world):
    content = f'Date;Payer;Text;Amount\n2026-05-02;{BAD.replace(";", ",")};@SUM(A1);12,00\n2026-05-03;+49;-1;-=3\n'
    file = SimpleUploadedFile("=cmd.csv", content.encode())
    statement = take_statement(account=None, new_name="=Bank", currency="EUR", file=file, actor=SYSTEM)
    import_statement(statement, mapping=guess(table(content)), actor=SYSTEM)
    line = BankLine.objects.latest("pk")
    assert line.payer.startswith("=HYPERLINK") and line.text == "@SUM(A1)"
    url = f"{reverse('billing_staff:bank_line_list')}?tab=all"
    answer = browser(world.people["stella"]).post(url, {"do": "export", "format": "csv"})
    text = body(answer).decode("utf-8-sig")
    assert "'=HYPERLINK" in text and "'=Bank" in text and not formulas(text)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1", "'=1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\t=1", "'\t'=1"), ("\r=1", "'\r'=1"), ("\n=1", "'\n'=1"),
        ("  =1", "'  =1"), ("＝1", "'＝1"), ("a=1", "a=1"), ("a - b", "a - b"), ("x;=1", "x;'=1"), ("x\n@y", "x\n'@y"), ("x; -y", "x; '-y"),
        ("x; - y", "x; - y"), (-12, "-12"), ("", ""),
    ],
)  # fmt: skip
def test_a_cell(value, written):
    assert safe(value) == written
