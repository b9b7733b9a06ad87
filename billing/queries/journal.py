"""The journal as rows of files that bookkeeping programs import. Which account is meant there is said on each ledger account."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from billing.models import JournalEntry, LedgerAccount, Posting
from hostbill.core.crud.export import safe


@dataclass(frozen=True)
class Span:
    """What is taken along: entries of these days, both included, in one currency."""

    first: date
    last: date
    currency: str

    def postings(self):
        """In the order of the days."""
        rows = Posting.objects.filter(currency=self.currency, entry__booked_on__range=(self.first, self.last))
        rows = rows.select_related("entry__invoice", "ledger_account", "account__client")
        return rows.order_by("entry__booked_on", "entry_id", "pk")

    def entries(self) -> Iterator[tuple[JournalEntry, list[Posting]]]:
        """Each entry with its postings, read as they are written."""
        for _pk, postings in groupby(self.postings().iterator(chunk_size=2000), key=lambda row: row.entry_id):
            rows = list(postings)
            yield rows[0].entry, rows

    def accounts(self):
        """The ledger accounts that occur."""
        return LedgerAccount.objects.filter(pk__in=self.postings().order_by().values("ledger_account_id"))


class Figure(str):
    """A cell that is a number or a day of ours, so that a minus in front makes no formula of it."""


def csv_line(cells) -> str:
    """Text is made harmless for spreadsheets; figures and ids stay as they are."""
    target = io.StringIO()
    plain_cells = [safe(cell) if isinstance(cell, str) and not isinstance(cell, Figure) else cell for cell in cells]
    csv.writer(target).writerow(plain_cells)
    return target.getvalue()


def figure(amount: Decimal) -> Figure:
    """Without needless zeros beyond two decimals."""
    exact = amount.normalize()
    return Figure(f"{amount:.2f}" if exact == exact.quantize(Decimal("0.01")) else f"{exact:f}")


def debit_credit(posting: Posting) -> tuple[Figure | str, Figure | str]:
    """Its amount in one of two columns."""
    return (figure(posting.amount), "") if posting.amount > 0 else ("", figure(-posting.amount))


def document_of(entry: JournalEntry) -> str:
    """The invoice's number, else the key of the fact."""
    return entry.invoice.number if entry.invoice_id and entry.invoice.number else entry.key


def client_of(posting: Posting) -> str:
    """Whom it concerns, where it concerns one."""
    return posting.account.client.name if posting.account_id else ""


def csv_head(_span: Span) -> str:
    """Everything, for people and other programs."""
    heads = ["Entry", "Date", "Fact", "Description", "Account", "Account name", "Debit", "Credit", "Currency", "Client"]
    return "\ufeff" + csv_line([*heads, "Document"])


def csv_rows(entry: JournalEntry, postings: list[Posting]) -> Iterator[str]:
    """A line a posting."""
    for posting in postings:
        account = posting.ledger_account
        about = [entry.pk, entry.booked_on.isoformat(), entry.key, entry.description, account.code, account.name]
        more = [posting.currency, client_of(posting), document_of(entry)]
        yield csv_line([*about, *debit_credit(posting), *more])


def quickbooks_online_head(_span: Span) -> str:
    """QuickBooks Online, Settings, Import data, Journal entries."""
    return csv_line(["Journal No.", "Journal Date", "Currency", "Account Name", "Debits", "Credits", "Description", "Name"])


def quickbooks_online_rows(entry: JournalEntry, postings: list[Posting]) -> Iterator[str]:
    """A line a posting."""
    for posting in postings:
        about = [entry.pk, f"{entry.booked_on:%m/%d/%Y}", posting.currency, posting.ledger_account.quickbooks_name]
        yield csv_line([*about, *debit_credit(posting), entry.description, client_of(posting)])


def _tabbed(*cells) -> str:
    """A line of an IIF file: no tabs or line breaks within cells, and no quotes, which it cannot escape."""
    return "\t".join(" ".join(str(cell).replace('"', "'").split()) for cell in cells) + "\r\n"


def quickbooks_head(_span: Span) -> str:
    """QuickBooks Desktop: an IIF file of general journal entries."""
    columns = ("TRNSTYPE", "DATE", "ACCNT", "NAME", "AMOUNT", "DOCNUM", "MEMO")
    return _tabbed("!TRNS", "TRNSID", *columns) + _tabbed("!SPL", "SPLID", *columns) + _tabbed("!ENDTRNS")


def quickbooks_rows(entry: JournalEntry, postings: list[Posting]) -> Iterator[str]:
    """The first side opens a transaction, the others split it."""
    for number, posting in enumerate(postings):
        name = posting.ledger_account.quickbooks_name
        cells = (f"{entry.booked_on:%m/%d/%Y}", safe(name), safe(client_of(posting)), figure(posting.amount))
        kind = "SPL" if number else "TRNS"
        yield _tabbed(kind, posting.pk, "GENERAL JOURNAL", *cells, entry.pk, safe(entry.description))
    yield _tabbed("ENDTRNS")


def xero_head(_span: Span) -> str:
    """Xero, Accounting, Manual journals, Import."""
    heads = ["*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount"]
    return csv_line([*heads, "TrackingName1", "TrackingOption1", "TrackingName2", "TrackingOption2"])


def xero_rows(entry: JournalEntry, postings: list[Posting]) -> Iterator[str]:
    """Lines of one narration and day are one journal there."""
    for posting in postings:
        account = posting.ledger_account
        about = [f"{entry.pk} {entry.description}", f"{entry.booked_on:%d/%m/%Y}", client_of(posting)]
        code = [account.xero_code, account.xero_tax or "Tax Exempt", figure(posting.amount)]
        yield csv_line([*about, *code, "", "", "", ""])
