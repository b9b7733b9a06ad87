"""The files for bookkeeping programs, read as strictly as those programs read them: each cell by its own pattern, nothing left over."""

import re
from datetime import datetime
from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.credit_note import credit_invoice
from billing.actions.invoice import NewLine, write_invoice
from billing.models import Invoice, LedgerAccount
from billing.queries.journal import Span
from billing.queries.journal_formats import FORMATS
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from tests.billing.factories import make_order, make_tax_rate, pay

pytestmark = pytest.mark.django_db

TEXT = r'"(?:[^"\x00-\x1f]|"")*"'
#: DATEV's own patterns of the heading's fields (developer.datev.de, "Header"), where they are not empty.
HEADING = {
    1: '"EXTF"', 2: "700", 3: "21", 4: '"Buchungsstapel"', 5: "13", 6: r"20\d{15}", 8: TEXT, 9: TEXT, 10: TEXT, 11: r"\d{4,7}",
    12: r"\d{1,5}",
    13: r"20\d{6}", 14: "[4-8]", 15: r"20\d{6}", 16: r"20\d{6}", 17: TEXT, 18: TEXT, 19: "[12]", 20: "0", 21: "[01]", 22: '"[A-Z]{3}"',
    24: TEXT, 27: TEXT, 30: TEXT, 31: TEXT,
}  # fmt: skip
#: And of a booking ("Buchungsstapel"); every other column stays empty.
BOOKING = {
    1: r"\d{1,10},\d{2}", 2: '"[SH]"', 3: '"[A-Z]{3}"', 7: r"\d{4,9}", 8: r"\d{4,9}", 9: r'(?:"\d{1,4}")?',
    10: r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])",
    11: r'"[\w$&%*+/-]{0,36}"', 14: rf"(?=.{{0,62}}$){TEXT}", 114: "[01]",
}  # fmt: skip


@pytest.fixture
def span(cast, db):
    """Orders, a payment, a credit note; clients with names that no code page of Western Europe has, or that are formulas."""
    make_tax_rate()
    pay(make_order(cast.alice_client).invoice)
    for name in ('=1+2";\r\nx\t"y"', "ሰላም ታደሰ", "A" * 120, "Łukasz; Żółć"):
        cast.charlie_client.company = name
        cast.charlie_client.save()
        lines = [NewLine(f"hosting {name}"[:80], D("33.33"))]
        invoice = write_invoice(open_account(cast.charlie_client), lines, due_on=clock.today(), actor=SYSTEM)
    credit_invoice(invoice, actor=SYSTEM, reason="x", total=D("7.77"))
    for number, account in enumerate(LedgerAccount.objects.order_by("pk"), 1000):
        names = {"datev_account": str(number), "xero_code": str(number), "quickbooks_name": f"Books:{number}"}
        LedgerAccount.objects.filter(pk=account.pk).update(**names)
    return Span(clock.today().replace(day=1), clock.today(), "EUR")


def written(kind: str, span: Span) -> str:
    """The file as it is sent, read back in its own character set."""
    made = FORMATS[kind]
    (text,) = ["".join(part) for part in made.parts(span)]
    return text.encode(made.charset, "replace").decode(made.charset)


def lines_of(text: str) -> list[str]:
    """Each line ends with carriage return and line feed, and there is neither elsewhere."""
    lines = text.split("\r\n")
    assert lines.pop() == "" and not any("\n" in line or "\r" in line for line in lines)
    return lines


def split(line: str, sign: str) -> list[str]:
    """Cells, quoted ones with their quotes; nothing may stand beside them."""
    cells = re.findall(rf'(?:^|{sign})({TEXT}|[^"{sign}]*)(?={sign}|$)', line)
    assert sign.join(cells) == line, line
    return cells


def fits(cells: list[str], patterns: dict[int, str], count: int) -> None:
    assert len(cells) == count
    for number, cell in enumerate(cells, 1):
        assert re.fullmatch(patterns.get(number, ""), cell), (number, cell)


def postings(span: Span) -> list[D]:
    return [row.amount for _entry, rows in span.entries() for row in rows]


def test_datev(span):
    heading, columns, *rows = lines_of(written("datev", span))
    fits(split(heading, ";"), HEADING, 31)
    assert len(columns.split(";")) == 125 and '"' not in columns
    total = D(0)
    for row in rows:
        cells = split(row, ";")
        fits(cells, BOOKING, 125)
        assert cells[6] != cells[7] and cells[13][1:2] not in ("=", "+", "-", "@")
        total += D(cells[0].replace(",", "."))
    assert total == sum(amount for amount in postings(span) if amount > 0)
    made = heading.split(";")
    assert made[12] <= made[14] <= made[15] and datetime.strptime(made[5][:14], "%Y%m%d%H%M%S")


def test_quickbooks_desktop(span):
    """A block opens with TRNS, goes on with SPL, ends with ENDTRNS, and sums to zero; as many cells as the heading names."""
    trns, spl, ends, *rows = [line.split("\t") for line in lines_of(written("quickbooks", span))]
    columns = ["TRNSTYPE", "DATE", "ACCNT", "NAME", "AMOUNT", "DOCNUM", "MEMO"]
    assert trns == ["!TRNS", "TRNSID", *columns] and spl == ["!SPL", "SPLID", *columns] and ends == ["!ENDTRNS"]
    block = []
    for row in rows:
        if row == ["ENDTRNS"]:
            assert [each[0] for each in block] == ["TRNS"] + ["SPL"] * (len(block) - 1) and len(block) > 1
            assert sum(D(each[6]) for each in block) == 0
            assert len({(each[3], each[7]) for each in block}) == 1, "one day and number"
            block = []
            continue
        assert len(row) == len(trns) and row[2] == "GENERAL JOURNAL" and datetime.strptime(row[3], "%m/%d/%Y")
        assert re.fullmatch(r"-?\d+\.\d{2}", row[6]) and '"' not in "".join(row)
        assert not any(cell.startswith(("=", "+", "@")) for cell in row)
        block.append(row)
    assert block == [] and rows


def test_xero(span):
    heads, *rows = [split(line, ",") for line in lines_of(written("xero", span))]
    assert heads[:6] == ["*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount"] and len(heads) == 10
    journals: dict = {}
    for row in rows:
        assert len(row) == 10 and row[0] and row[4] and re.fullmatch(r"\d{1,10}", row[3])
        assert datetime.strptime(row[1], "%d/%m/%Y") and re.fullmatch(r"-?\d+\.\d{2}", row[5])
        journals.setdefault((row[0], row[1]), []).append(D(row[5]))
    assert all(sum(amounts) == 0 for amounts in journals.values()) and len(journals) == len(list(span.entries()))


def test_quickbooks_online(span):
    heads, *rows = [split(line, ",") for line in lines_of(written("quickbooks_online", span))]
    assert heads == ["Journal No.", "Journal Date", "Currency", "Account Name", "Debits", "Credits", "Description", "Name"]
    entries: dict = {}
    for row in rows:
        assert len(row) == 8 and datetime.strptime(row[1], "%m/%d/%Y") and row[2] == "EUR" and row[3]
        assert [bool(row[4]), bool(row[5])].count(True) == 1, "debit or credit"
        entries.setdefault(row[0], []).append(D(row[4] or 0) - D(row[5] or 0))
    assert all(sum(amounts) == 0 for amounts in entries.values()) and Invoice.objects.count() == 5
