"""A list as a file: CSV or an Excel sheet, row by row, so that a million rows need no more memory than one."""

import csv
import re
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify

from hostbill.core import clock
from hostbill.core.crud.columns import MoneyColumn
from hostbill.core.money import Money

MIME = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "pdf": "application/pdf",
}
#: A spreadsheet takes a cell of a CSV file that begins so for a formula; customers choose names.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: A program that separates cells at another sign than ours finds one that begins within the text.
_INNER_CELL = re.compile(r"([;\t\r\n]\s*)(?=[=+@＝＋＠]|[-－](?! ))")
CHUNK = 1000
#: Excel's own limit, heading included; further rows go to further sheets.
SHEET_ROWS = 1_048_576
LONGEST_CELL = 32_767


def file_name(title: str, form: str) -> str:
    """invoices-2027-05-13.csv"""
    return f"{slugify(title) or 'list'}-{clock.today():%Y-%m-%d}.{form}"


def heads(columns) -> list[str]:
    """Amounts carry their currency in the next column."""
    return [head for column in columns for head in _heads(column)]


def _heads(column) -> list[str]:
    head = str(column.label)
    return [head, f"{head} (currency)"] if isinstance(column, MoneyColumn) else [head]


def safe(value) -> str:
    """A cell of a CSV file as text that no spreadsheet will execute. Numbers stay numbers."""
    if not isinstance(value, str):
        return str(value)
    text = _INNER_CELL.sub(r"\1'", value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def csv_cells(columns, row) -> list[str]:
    """One line."""
    cells = []
    for column in columns:
        cells.append(safe(column.text(row)))
        if isinstance(column, MoneyColumn):
            value = column.get(row)
            cells.append(value.currency if value is not None else "")
    return cells


class Line:
    """A file whose write() hands the text on."""

    def write(self, text):
        return text


def csv_lines(rows, columns):
    """Heading first; the mark tells spreadsheets that it is UTF-8."""
    writer = csv.writer(Line())
    yield "\ufeff" + writer.writerow([safe(head) for head in heads(columns)])
    for row in rows.iterator(chunk_size=CHUNK):
        yield writer.writerow(csv_cells(columns, row))


def write_csv(path: Path, rows, columns, title: str, tell: Callable[[int], None]) -> int:
    """The whole file; returns how many rows."""
    number = -1
    with path.open("w", encoding="utf-8", newline="") as target:
        for number, line in enumerate(csv_lines(rows, columns)):
            target.write(line)
            tell(number)
    return max(number, 0)


def write_xlsx(path: Path, rows, columns, title: str, tell: Callable[[int], None]) -> int:
    """The whole workbook; text is always text, whatever it begins with."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    number = 0
    with xlsxwriter.Workbook(path, options) as book:
        sheet = None
        for number, row in enumerate(rows.iterator(chunk_size=CHUNK), 1):
            line = (number - 1) % (SHEET_ROWS - 1) + 1
            if line == 1:
                sheet = Sheet(book, columns)
            sheet.write(line, row)
            tell(number)
        if sheet is None:
            Sheet(book, columns)
    return number


class Sheet:
    """One sheet with its heading: amounts, days and times as such."""

    def __init__(self, book, columns):
        self.columns, self.sheet = columns, book.add_worksheet()
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.amount = book.add_format({"num_format": "#,##0.00"})
        bold = book.add_format({"bold": True})
        self.sheet.freeze_panes(1, 0)
        for place, head in enumerate(heads(columns)):
            self.sheet.set_column(place, place, min(40, max(12, len(head) + 2)))
            self.sheet.write_string(0, place, head, bold)

    def write(self, line: int, row) -> None:
        """One row."""
        place = 0
        for column in self.columns:
            value = column.get(row)
            place = self._cell(line, place, value if isinstance(value, Money | date) else column.text(row))
            if isinstance(column, MoneyColumn) and not isinstance(value, Money):
                place += 1

    def _cell(self, line: int, place: int, value) -> int:
        if isinstance(value, Money):
            self.sheet.write_number(line, place, value.amount, self.amount)
            self.sheet.write_string(line, place + 1, value.currency)
            return place + 2
        if isinstance(value, datetime):
            self.sheet.write_datetime(line, place, timezone.localtime(value).replace(tzinfo=None), self.moment)
        elif isinstance(value, date):
            self.sheet.write_datetime(line, place, value, self.day)
        elif isinstance(value, int | float | Decimal):
            self.sheet.write_number(line, place, value)
        elif value:
            self.sheet.write_string(line, place, str(value)[:LONGEST_CELL])
        return place + 1


WRITERS = {"csv": write_csv, "xlsx": write_xlsx}


def response(rows, columns, title: str, form: str):
    """The download at once, for lists that are not long."""
    if form == "csv":
        answer = StreamingHttpResponse(csv_lines(rows, columns), content_type=MIME["csv"])
        answer["Content-Disposition"] = f'attachment; filename="{file_name(title, form)}"'
        return answer
    target = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 (the answer closes it)
    write_xlsx(Path(target.name), rows, columns, title, lambda number: None)
    return FileResponse(target, as_attachment=True, filename=file_name(title, form), content_type=MIME[form])
