"""The kinds of file that the journal can be taken along as."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from billing.queries import datev, journal
from billing.queries.journal import Span


@dataclass(frozen=True)
class Format:
    """`needs`: the column of a ledger account that must be filled; `head(span)` and `rows(entry, postings)` give text. `most`: lines
    that the program takes at once, beside the head."""

    label: str
    suffix: str
    needs: str
    head: object
    rows: object
    charset: str = "utf-8"
    most: int = 0

    def parts(self, span: Span) -> Iterator[Iterator[str]]:
        """The files, each to be read before the next: one, or as many as it takes; no entry is torn apart."""
        entries = (list(self.rows(*found)) for found in span.entries())
        waiting = next(entries, [])
        while True:
            file = _File(self, span, waiting, entries)
            yield file.lines()
            if file.over is None:
                return
            waiting = file.over


class _File:
    """One of them; `over` is what did not go in any more."""

    def __init__(self, kind: Format, span: Span, first: list[str], entries):
        self.kind, self.span, self.first, self.entries, self.over = kind, span, first, entries, None

    def lines(self) -> Iterator[str]:
        yield self.kind.head(self.span)
        yield from self.first
        count = len(self.first)
        for rows in self.entries:
            if self.kind.most and count + len(rows) > self.kind.most:
                self.over = rows
                return
            yield from rows
            count += len(rows)


FORMATS = {
    "csv": Format(_("CSV"), "csv", "", journal.csv_head, journal.csv_rows),
    "datev": Format(_("DATEV (EXTF)"), "csv", "datev_account", datev.datev_head, datev.datev_rows, "cp1252", 99_999),
    "xero": Format(_("Xero"), "csv", "xero_code", journal.xero_head, journal.xero_rows, most=300),
    "quickbooks": Format(
        _("QuickBooks Desktop (IIF)"), "iif", "quickbooks_name", journal.quickbooks_head, journal.quickbooks_rows
    ),
    "quickbooks_online": Format(
        _("QuickBooks Online"), "csv", "quickbooks_name", journal.quickbooks_online_head, journal.quickbooks_online_rows, most=1000
    ),
}
