"""The journal for DATEV: a batch of bookings ("Buchungsstapel") in its EXTF format, version 700, category 21, 13 of 2024.

DATEV books pairs of accounts; an entry of ours with several sides becomes as many pairs as it takes."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from billing.models import JournalEntry, Posting
from billing.options import (
    LEDGER_DATEV_CLIENT,
    LEDGER_DATEV_CONSULTANT,
    LEDGER_DATEV_KEY,
    LEDGER_DATEV_LENGTH,
    LEDGER_DATEV_YEAR_MONTH,
)
from billing.queries.journal import Span, client_of, document_of
from billing.queries.open_day import first_open_day
from hostbill.core import clock

_NO_REFERENCE = re.compile(r"[^A-Za-z0-9_$&%*+/-]")


def _numbered(number: int, *names: str) -> list[str]:
    return [name.format(count) for count in range(1, number + 1) for name in names]


#: The 125 columns, as DATEV names them.
COLUMNS = [
    "Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz", "WKZ Basis-Umsatz", "Konto",
    "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum", "Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext",
    "Postensperre", "Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt", "Zinssperre", "Beleglink",
    *_numbered(8, "Beleginfo - Art {}", "Beleginfo - Inhalt {}"),
    "KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge", "EU-Land u. UStID (Bestimmung)",
    "EU-Steuersatz (Bestimmung)", "Abw. Versteuerungsart", "Sachverhalt L+L", "Funktionsergänzung L+L",
    "BU 49 Hauptfunktionstyp", "BU 49 Hauptfunktionsnummer", "BU 49 Funktionsergänzung",
    *_numbered(20, "Zusatzinformation - Art {}", "Zusatzinformation- Inhalt {}"),
    "Stück", "Gewicht", "Zahlweise", "Forderungsart", "Veranlagungsjahr", "Zugeordnete Fälligkeit", "Skontotyp",
    "Auftragsnummer", "Buchungstyp", "USt-Schlüssel (Anzahlungen)", "EU-Land (Anzahlungen)", "Sachverhalt L+L (Anzahlungen)",
    "EU-Steuersatz (Anzahlungen)", "Erlöskonto (Anzahlungen)", "Herkunft-Kz", "Buchungs GUID", "KOST-Datum",
    "SEPA-Mandatsreferenz", "Skontosperre", "Gesellschaftername", "Beteiligtennummer", "Identifikationsnummer",
    "Zeichnernummer", "Postensperre bis", "Bezeichnung SoBil-Sachverhalt", "Kennzeichen SoBil-Buchung", "Festschreibung",
    "Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit", "Generalumkehr (GU)", "Steuersatz", "Land",
    "Abrechnungsreferenz", "BVV-Position", "EU-Land u. UStID (Ursprung)", "EU-Steuersatz (Ursprung)", "Abw. Skontokonto",
]  # fmt: skip


def business_year(day: date) -> date:
    """The first day of the business year that the day lies in."""
    month = LEDGER_DATEV_YEAR_MONTH.value
    return date(day.year if day.month >= month else day.year - 1, month, 1)


def text(value: str, length: int) -> str:
    """A cell of text: quoted, without control characters, no longer than DATEV takes, never a formula."""
    clean = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split()).lstrip("=+-@ ")
    return '"' + clean[:length].replace('"', '""') + '"'


def reference(value: str) -> str:
    """Field 11 takes 36 letters of ASCII, digits and a few signs; another sign becomes a hyphen."""
    return '"' + _NO_REFERENCE.sub("-", value)[:36] + '"'


def datev_rows(entry: JournalEntry, postings: list[Posting]) -> Iterator[str]:
    """A line a pair of accounts."""
    key, closed_until = LEDGER_DATEV_KEY.value, first_open_day() or date.min
    client = next(filter(None, map(client_of, postings)), "")
    for amount, debit, credit in pairs(postings):
        cells = {
            1: f"{amount:.2f}".replace(".", ","),
            2: '"S"',
            3: text(debit.currency, 3),
            7: debit.ledger_account.datev_account,
            8: credit.ledger_account.datev_account,
            9: text(key, 4) if key else "",
            10: f"{entry.booked_on:%d%m}",
            11: reference(document_of(entry)),
            14: text(f"{entry.description} {client}", 60),
            114: "1" if entry.booked_on < closed_until else "0",
        }
        yield ";".join(str(cells.get(number, "")) for number in range(1, len(COLUMNS) + 1)) + "\r\n"


def datev_head(span: Span) -> str:
    """The heading of 31 fields, and the names of the columns."""
    return _heading(span) + ";".join(COLUMNS) + "\r\n"


def _heading(span: Span) -> str:
    made = f"{clock.now().astimezone(clock.seller_zone()):%Y%m%d%H%M%S}000"
    cells = ['"EXTF"', 700, 21, '"Buchungsstapel"', 13, made, "", '"HB"', '""', '""']
    cells += [LEDGER_DATEV_CONSULTANT.value, LEDGER_DATEV_CLIENT.value, f"{business_year(span.first):%Y%m%d}"]
    cells += [LEDGER_DATEV_LENGTH.value, f"{span.first:%Y%m%d}", f"{span.last:%Y%m%d}", '"HostBill"', '""', 1, 0]
    cells += [int(span.last < (first_open_day() or date.min)), text(span.currency, 3), "", '""', "", "", '""', "", "", '""', '""']
    return ";".join(map(str, cells)) + "\r\n"


def pairs(postings: list[Posting]) -> Iterator[tuple[Decimal, Posting, Posting]]:
    """(amount, debited, credited): sums by side are those of the entry."""
    debits = [[row.amount, row] for row in postings if row.amount > 0]
    credits = [[-row.amount, row] for row in postings if row.amount < 0]
    while debits and credits:
        amount = min(debits[0][0], credits[0][0])
        yield amount, debits[0][1], credits[0][1]
        for side in (debits, credits):
            side[0][0] -= amount
            if not side[0][0]:
                side.pop(0)
