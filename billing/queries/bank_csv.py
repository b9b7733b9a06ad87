"""CSV files of banks: which column says what is guessed from the head and the data, corrected by people, remembered."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hostbill.core.errors import AppError
from hostbill.core.money import exponent
from hostbill.core.ui.fields import plain_number

#: What a column may say, and the words by which it is known in heads (folded to letters).
COLUMNS = {
    "booked_on": (gettext_lazy("Day"), ("buchungstag", "buchung", "valuta", "bookingdate", "transactiondate", "date", "datum", "fecha")),
    "amount": (gettext_lazy("Amount"), ("betrag", "amount", "umsatz", "montant", "importe", "bedrag", "belop", "beloeb", "credit")),
    "payer": (gettext_lazy("Payer"), ("zahlungspflichtiger", "beguenstigter", "auftraggeber", "payer", "sender", "debtor", "counterparty",
                                      "partnername", "name", "nom")),
    "payer_account": (gettext_lazy("Payer's account"), ("iban", "kontonummer", "account", "counteraccount")),
    "text": (gettext_lazy("Text"), ("verwendungszweck", "reference", "description", "details", "purpose", "memo", "communication", "text")),
    "more_text": (gettext_lazy("More text"), ("buchungstext", "kundenreferenz", "endtoend", "additional")),
    "bank_reference": (gettext_lazy("Bank's reference"), ("bankreferenz", "transactionid", "bankreference", "umsatzid", "entryreference")),
    "currency": (gettext_lazy("Currency"), ("waehrung", "wahrung", "currency", "devise", "moneda")),
    "direction": (gettext_lazy("In or out"), ("sollhaben", "creditdebit", "direction", "afbij", "type")),
}  # fmt: skip
NEEDED = ("booked_on", "amount")
DAYS = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d", "%d/%m/%y"]
OUT = {"s", "soll", "d", "debit", "dbit", "dr", "af", "out", "-"}


@dataclass(frozen=True)
class Row:
    """A line as it stands there; `problem` says why it cannot be read. Amounts above zero came in."""

    number: int
    booked_on: date | None = None
    amount: Decimal = Decimal(0)
    currency: str = ""
    payer: str = ""
    payer_account: str = ""
    text: str = ""
    bank_reference: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Table:
    """The file as cells: the head (empty names are numbered) and the rows below it with their line numbers."""

    head: list[str]
    rows: list[tuple[int, list[str]]]


def table(content: str) -> Table:
    """The widest block of the file: many banks write a preamble of their own above the head. AppError "unreadable"."""
    sample = content[:20_000]
    delimiter = max(";,\t|", key=lambda sign: sum(min(line.count(sign), 30) for line in sample.splitlines()))
    try:
        cells = list(csv.reader(io.StringIO(content), delimiter=delimiter))
    except csv.Error as error:
        raise AppError(_("This is not a CSV file."), code="unreadable", field="file") from error
    filled = [sum(bool(cell.strip()) for cell in row) for row in cells]
    start = next((at for at, count in enumerate(filled) if count >= 3 and count * 10 >= max(filled) * 6), None)
    if start is None:
        raise AppError(_("This is not a table with at least three columns."), code="unreadable", field="file")
    head = [name.strip() or str(place) for place, name in enumerate(cells[start], 1)]
    rows = [(at + 1, row) for at, row in enumerate(cells) if at > start and any(cell.strip() for cell in row)]
    return Table(head, rows)


def guess(found: Table) -> dict:
    """The most likely mapping: {what it says: column's name, ..., "day": format}."""
    mapping, free = {}, list(found.head)
    for key, (_label, names) in COLUMNS.items():
        hit = next((column for name in names for column in free if _folded(column).startswith(name)), None)
        hit = hit or next((column for name in names for column in free if len(name) > 4 and name in _folded(column)), None)
        if hit:
            mapping[key] = hit
            free.remove(hit)
    return mapping | {"day": day_format(found, mapping.get("booked_on"))}


def fits(mapping: dict, found: Table) -> bool:
    """Whether a remembered mapping names columns of this file."""
    return bool(mapping) and all(mapping.get(key) in found.head for key in COLUMNS if mapping.get(key))


def day_format(found: Table, column: str | None) -> str:
    """The format that most days of the column have."""
    place = found.head.index(column) if column in found.head else None
    texts = [row[place].strip() for _number, row in found.rows[:200] if place is not None and place < len(row) and row[place].strip()]
    return max(DAYS, key=lambda pattern: sum(_day(text, pattern) is not None for text in texts))


def rows(content: str, mapping: dict) -> list[Row]:
    """Every line below the head, read by the mapping. AppError "unreadable", "no_mapping"."""
    found = table(content)
    if not all(mapping.get(key) in found.head for key in NEEDED):
        raise AppError(_("Say which column is the day and which the amount."), code="no_mapping")
    places = {key: found.head.index(mapping[key]) for key in COLUMNS if mapping.get(key) in found.head}
    return [_row(number, cells, places, mapping.get("day") or DAYS[0]) for number, cells in found.rows]


def _row(number: int, cells: list[str], places: dict, pattern: str) -> Row:
    said = {key: cells[place].strip() if place < len(cells) else "" for key, place in places.items()}
    currency = said.get("currency", "").upper()
    day, amount = _day(said["booked_on"], pattern), _amount(said["amount"], currency or "EUR")
    if day is None:
        return Row(number, problem=_("no day: “%(text)s”") % {"text": said["booked_on"][:40]})
    if amount is None:
        return Row(number, problem=_("no amount: “%(text)s”") % {"text": said["amount"][:40]})
    if currency and not re.fullmatch("[A-Z]{3}", currency):
        return Row(number, problem=_("no currency: “%(text)s”") % {"text": currency[:10]})
    amount = -abs(amount) if said.get("direction", "").casefold() in OUT else amount
    text = " ".join(filter(None, (said.get("text"), said.get("more_text"))))
    rest = {key: said.get(key, "") for key in ("payer", "payer_account", "bank_reference")}
    return Row(number, day, amount, currency, text=text, **rest)


def _day(text: str, pattern: str) -> date | None:
    try:
        return datetime.strptime(text[:10] if pattern == "%Y-%m-%d" else text, pattern).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def _amount(text: str, currency: str) -> Decimal | None:
    """As people write it; more digits than the currency has means that points were misread, so it is no amount."""
    text = re.sub(r"[A-Z€$£]+", "", text).strip()
    if text.endswith("-"):
        text = f"-{text[:-1]}"
    try:
        amount = Decimal(plain_number(text.removeprefix("+")))
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 12 or amount != round(amount, exponent(currency)):
        return None
    return amount


def _folded(name: str) -> str:
    plain = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ø", "o")
    return re.sub(r"[^a-z]", "", plain)
