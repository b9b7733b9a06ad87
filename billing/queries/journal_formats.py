"""The kinds of file that the journal can be taken along as."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from billing.queries import journal
from billing.queries.datev import datev_lines


@dataclass(frozen=True)
class Format:
    """`needs`: the column of a ledger account that must be filled; `lines(span)` yields text."""

    label: str
    suffix: str
    needs: str
    lines: object
    charset: str = "utf-8"


FORMATS = {
    "csv": Format(_("CSV"), "csv", "", journal.csv_lines),
    "datev": Format(_("DATEV (EXTF)"), "csv", "datev_account", datev_lines, "cp1252"),
    "xero": Format(_("Xero"), "csv", "xero_code", journal.xero_lines),
    "quickbooks": Format(_("QuickBooks Desktop (IIF)"), "iif", "quickbooks_name", journal.quickbooks_lines),
    "quickbooks_online": Format(_("QuickBooks Online"), "csv", "quickbooks_name", journal.quickbooks_online_lines),
}
