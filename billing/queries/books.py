"""The books verified: every invariant as a query that names the rows breaking it."""

from dataclasses import dataclass, field

from django.db import connection

from billing.queries.check import COVERED_TO
from billing.queries.credit_note_checks import CREDIT_NOTE_CHECKS
from billing.queries.digits import digits
from billing.queries.document_checks import DOCUMENT_CHECKS
from billing.queries.ledger_checks import LEDGER_CHECKS
from billing.queries.number_checks import NUMBER_CHECKS
from billing.queries.revenue_checks import REVENUE_CHECKS
from billing.queries.work_checks import WORK_CHECKS


@dataclass(frozen=True)
class Finding:
    """One broken invariant: what it is, and the rows (as dicts) that break it."""

    check: str
    meaning: str
    rows: list[dict] = field(default_factory=list)

    def __str__(self):
        return f"{self.check}: {self.meaning}"


#: Rows named per broken check.
LIMIT = 200

CHECKS = LEDGER_CHECKS + REVENUE_CHECKS + DOCUMENT_CHECKS + NUMBER_CHECKS + CREDIT_NOTE_CHECKS + WORK_CHECKS

TRIGGERS = [
    "billing_invoice_frozen",
    "billing_invoiceline_frozen",
    "billing_invoicetax_frozen",
    "billing_journalentry_append_only",
    "billing_posting_append_only",
    "billing_creditmovement_append_only",
    "billing_allocation_append_only",
    "billing_posting_zero_sum",
    "billing_posting_month",
    "billing_journalentry_tax_lines",
    "billing_invoice_tax_lines",
    "billing_taxline_no_truncate",
    "billing_ledgerbalance_no_truncate",
    "billing_journalentry_open_month",
    "billing_deferral_frozen",
    "billing_ledgerperiod_kept",
    "billing_deferral_no_truncate",
    "billing_ledgerperiod_no_truncate",
    "billing_order_frozen",
    "billing_creditnote_frozen",
    "billing_creditnoteline_frozen",
    "billing_creditnotetax_frozen",
    "billing_creditnote_sums",
    "billing_creditnoteline_sums",
    "billing_creditnotetax_sums",
    "billing_invoice_no_truncate",
    "billing_invoiceline_no_truncate",
    "billing_invoicetax_no_truncate",
    "billing_journalentry_no_truncate",
    "billing_posting_no_truncate",
    "billing_creditmovement_no_truncate",
    "billing_paymentallocation_no_truncate",
    "billing_payment_no_truncate",
    "billing_order_no_truncate",
    "billing_creditnote_no_truncate",
    "billing_creditnoteline_no_truncate",
    "billing_creditnotetax_no_truncate",
]


def verify() -> list[Finding]:
    """Run every check; returns the broken ones only."""
    decimals = digits()
    checked = [(check, _rows(_filled_in(check.sql, decimals))) for check in CHECKS]
    findings = [Finding(check.name, check.meaning, rows) for check, rows in checked if rows]
    missing = _missing_guards()
    if missing:
        findings.append(Finding("guards", "the database's own guards are in place and switched on", missing))
    return findings


def _filled_in(sql: str, decimals: str) -> str:
    return sql.replace("{digits}", decimals).replace("{covered_to}", COVERED_TO)


def _rows(sql: str) -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(LIMIT)]


def _missing_guards() -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D' AND tgname = ANY(%s)", [TRIGGERS])
        present = {name for (name,) in cursor.fetchall()}
    return [{"trigger": name} for name in TRIGGERS if name not in present]
