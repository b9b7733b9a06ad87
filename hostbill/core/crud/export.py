"""CSV of everything a list matches, streamed row by row."""

import csv

from django.http import StreamingHttpResponse
from django.utils.text import slugify

from hostbill.core import clock
from hostbill.core.crud.columns import MoneyColumn

#: A spreadsheet takes a cell that begins so for a formula; customers choose names.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Line:
    """A file whose write() hands the text on."""

    def write(self, text):
        return text


def safe(value) -> str:
    """The cell as text that no spreadsheet will execute. Numbers stay numbers."""
    if not isinstance(value, str):
        return str(value)
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def lines(rows, columns):
    """Header, then one line per row. Amounts carry their currency in the next column."""
    writer = csv.writer(Line())
    yield "\ufeff" + writer.writerow([cell for column in columns for cell in _heads(column)])
    for row in rows.iterator(chunk_size=2000):
        yield writer.writerow([safe(cell) for column in columns for cell in _cells(column, row)])


def _heads(column):
    head = str(column.label)
    return [head, f"{head} (currency)"] if isinstance(column, MoneyColumn) else [head]


def _cells(column, row):
    text = column.text(row)
    if not isinstance(column, MoneyColumn):
        return [text]
    value = column.get(row)
    return [text, value.currency if value is not None else ""]


def csv_response(rows, columns, name: str) -> StreamingHttpResponse:
    """The download."""
    response = StreamingHttpResponse(lines(rows, columns), content_type="text/csv; charset=utf-8")
    file_name = f"{slugify(name) or 'list'}-{clock.today():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response
