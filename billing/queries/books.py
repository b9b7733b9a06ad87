"""The books verified: every invariant as a query that names the rows breaking it."""

from dataclasses import dataclass, field

from django.db import connection


@dataclass(frozen=True)
class Finding:
    """One broken invariant: what it is, and the rows (as dicts) that break it."""

    check: str
    meaning: str
    rows: list[dict] = field(default_factory=list)


@dataclass(frozen=True)
class Check:
    """A query that returns nothing while all is well."""

    name: str
    meaning: str
    sql: str


#: Rows named per broken check.
LIMIT = 200

CHECKS = [
    Check(
        "entries_sum_to_zero",
        "every journal entry sums to zero per currency",
        """SELECT entry_id AS journal_entry, currency, sum(amount) AS total FROM billing_posting
           GROUP BY entry_id, currency HAVING sum(amount) <> 0""",
    ),
    Check(
        "trial_balance",
        "the ledger as a whole sums to zero per currency",
        "SELECT currency, sum(amount) AS total FROM billing_posting GROUP BY currency HAVING sum(amount) <> 0",
    ),
    Check(
        "invoice_lines",
        "an issued invoice's net is the sum of its lines, its tax the sum of its tax groups, its total both",
        """SELECT i.id AS invoice, i.number, i.net_amount, i.tax_amount, i.total_amount, l.net AS lines, t.tax AS taxes
           FROM billing_invoice i
           LEFT JOIN (SELECT invoice_id, sum(net_amount) AS net FROM billing_invoiceline GROUP BY 1) l ON l.invoice_id = i.id
           LEFT JOIN (SELECT invoice_id, sum(tax_amount) AS tax FROM billing_invoicetax GROUP BY 1) t ON t.invoice_id = i.id
           WHERE i.state <> 'draft' AND (i.net_amount <> coalesce(l.net, 0) OR i.tax_amount <> coalesce(t.tax, 0)
                 OR i.total_amount <> i.net_amount + i.tax_amount)""",
    ),
    Check(
        "tax_groups",
        "each tax group's base is the sum of its lines",
        """SELECT t.invoice_id AS invoice, t.tax_class, t.percent, t.net_amount, l.net AS lines
           FROM billing_invoicetax t
           LEFT JOIN (SELECT invoice_id, tax_class, tax_percent, sum(net_amount) AS net FROM billing_invoiceline
                      GROUP BY 1, 2, 3) l
             ON l.invoice_id = t.invoice_id AND l.tax_class = t.tax_class AND l.tax_percent = t.percent
           WHERE t.net_amount <> coalesce(l.net, 0)""",
    ),
    Check(
        "invoice_balance",
        "open = total - payments - credit used + refunds + chargebacks; zero when paid or cancelled",
        """SELECT i.id AS invoice, i.number, i.state, i.open_amount AS open,
                  i.total_amount - coalesce(p.amount, 0) + coalesce(c.amount, 0) + coalesce(r.amount, 0)
                  + coalesce(d.amount, 0) AS computed
           FROM billing_invoice i
           LEFT JOIN (SELECT invoice_id, sum(amount) AS amount FROM billing_paymentallocation GROUP BY 1) p
             ON p.invoice_id = i.id
           LEFT JOIN (SELECT invoice_id, sum(amount) AS amount FROM billing_creditmovement WHERE kind = 'used' GROUP BY 1) c
             ON c.invoice_id = i.id
           LEFT JOIN (SELECT invoice_id, sum(amount) AS amount FROM billing_refund
                      WHERE source = 'invoice' AND succeeded_at IS NOT NULL GROUP BY 1) r ON r.invoice_id = i.id
           LEFT JOIN (SELECT invoice_id, sum(reopened_amount) AS amount FROM billing_dispute GROUP BY 1) d
             ON d.invoice_id = i.id
           WHERE (i.state IN ('issued', 'paid') AND i.open_amount <> i.total_amount - coalesce(p.amount, 0)
                    + coalesce(c.amount, 0) + coalesce(r.amount, 0) + coalesce(d.amount, 0))
              OR (i.state IN ('paid', 'cancelled', 'refunded') AND i.open_amount <> 0)
              OR (i.state = 'issued' AND i.open_amount <= 0)""",
    ),
    Check(
        "invoice_booked",
        "an issued invoice has exactly one entry for its issue, with its total as receivable",
        """SELECT i.id AS invoice, i.number, i.total_amount, sum(p.amount) AS booked
           FROM billing_invoice i
           LEFT JOIN billing_journalentry e ON e.key = 'invoice:' || i.id || ':issued'
           LEFT JOIN billing_posting p ON p.entry_id = e.id
                AND p.ledger_account_id IN (SELECT id FROM billing_ledgeraccount WHERE code = 'receivable')
           WHERE i.state <> 'draft' GROUP BY i.id HAVING count(DISTINCT e.id) <> 1 OR i.total_amount <> coalesce(sum(p.amount), 0)""",
    ),
    Check(
        "cancelled_reversed",
        "a cancelled invoice, and no other, has a reversing entry",
        """SELECT i.id AS invoice, i.number, i.state FROM billing_invoice i
           LEFT JOIN billing_journalentry e ON e.key = 'invoice:' || i.id || ':cancelled'
           WHERE (i.state = 'cancelled') <> (e.id IS NOT NULL)""",
    ),
    Check(
        "account_balance",
        "an account's cached balance and credit equal the ledger's",
        """SELECT a.id AS account, a.balance_amount, a.credit_amount, coalesce(l.balance, 0) AS ledger_balance,
                  coalesce(l.credit, 0) AS ledger_credit
           FROM billing_account a
           LEFT JOIN (SELECT p.account_id, sum(p.amount) FILTER (WHERE g.code = 'receivable') AS balance,
                             -sum(p.amount) FILTER (WHERE g.code = 'credit') AS credit
                      FROM billing_posting p JOIN billing_ledgeraccount g ON g.id = p.ledger_account_id
                      GROUP BY 1) l ON l.account_id = a.id
           WHERE a.balance_amount <> coalesce(l.balance, 0) OR a.credit_amount <> coalesce(l.credit, 0)""",
    ),
    Check(
        "account_open_invoices",
        "an account's balance is the sum of what is open on its invoices",
        """SELECT a.id AS account, a.balance_amount, coalesce(sum(i.open_amount), 0) AS open
           FROM billing_account a
           LEFT JOIN billing_invoice i ON i.account_id = a.id AND i.state = 'issued'
           GROUP BY a.id HAVING a.balance_amount <> coalesce(sum(i.open_amount), 0)""",
    ),
    Check(
        "credit_movements",
        "an account's credit is the sum of its movements",
        """SELECT a.id AS account, a.credit_amount, coalesce(sum(m.amount), 0) AS movements
           FROM billing_account a LEFT JOIN billing_creditmovement m ON m.account_id = a.id
           GROUP BY a.id HAVING a.credit_amount <> coalesce(sum(m.amount), 0)""",
    ),
    Check(
        "period_once",
        "a subscription's period start is billed once per kind",
        """SELECT subscription_id AS subscription, kind, period_start, count(*) AS times FROM billing_invoiceline
           WHERE subscription_id IS NOT NULL AND period_start IS NOT NULL AND NOT released
           GROUP BY 1, 2, 3 HAVING count(*) > 1""",
    ),
    Check(
        "periods_tile",
        "a subscription's invoiced periods follow each other without gap or overlap",
        """SELECT subscription, period_start, period_end, next_start FROM (
               SELECT subscription_id AS subscription, period_start, period_end,
                      lead(period_start) OVER (PARTITION BY subscription_id ORDER BY period_start) AS next_start
               FROM billing_invoiceline WHERE kind = 'recurring' AND NOT released AND subscription_id IS NOT NULL) x
           WHERE next_start IS NOT NULL AND next_start <> period_end""",
    ),
    Check(
        "numbers_gapless",
        "invoice numbers of a series run from 1 without gap or repeat up to the counter",
        """SELECT s.name AS series, s.last, count(i.id) AS invoices, max(i.series_number) AS highest
           FROM core_sequence s LEFT JOIN billing_invoice i ON i.series = s.name
           WHERE s.name = 'invoice' OR s.name LIKE 'invoice:%'
           GROUP BY s.name, s.last
           HAVING count(i.id) <> s.last - coalesce(min(i.series_number), 1) + 1
               OR count(DISTINCT i.series_number) <> count(i.id) OR coalesce(max(i.series_number), 0) <> s.last""",
    ),
    Check(
        "one_live_charge",
        "an invoice has at most one payment attempt under way",
        """SELECT invoice_id AS invoice, count(*) AS live FROM billing_charge
           WHERE state IN ('queued', 'unknown', 'open', 'needs_action', 'processing') GROUP BY 1 HAVING count(*) > 1""",
    ),
    Check(
        "charge_has_payment",
        "a succeeded charge has exactly its payment, and a payment's charge succeeded",
        """SELECT c.id AS charge, c.state, p.id AS payment, c.amount, p.amount AS paid FROM billing_charge c
           LEFT JOIN billing_payment p ON p.charge_id = c.id
           WHERE (c.state = 'succeeded') <> (p.id IS NOT NULL) OR (p.id IS NOT NULL AND p.amount <> c.amount)""",
    ),
    Check(
        "payment_shares",
        "a payment is what it settled plus what became credit",
        """SELECT p.id AS payment, p.amount, p.credited_amount, coalesce(sum(a.amount), 0) AS settled
           FROM billing_payment p LEFT JOIN billing_paymentallocation a ON a.payment_id = p.id
           GROUP BY p.id HAVING p.amount <> p.credited_amount + coalesce(sum(a.amount), 0)""",
    ),
    Check(
        "payment_booked",
        "every payment has its journal entry",
        """SELECT p.id AS payment, p.remote_id FROM billing_payment p
           LEFT JOIN billing_journalentry e ON e.key = 'payment:' || p.id WHERE e.id IS NULL""",
    ),
    Check(
        "payment_once",
        "a gateway's payment is booked once",
        """SELECT gateway_id AS gateway, remote_id, count(*) AS times FROM billing_payment
           GROUP BY 1, 2 HAVING count(*) > 1""",
    ),
    Check(
        "refunds",
        "refunds of a payment never exceed it and add up to what it says was refunded",
        """SELECT p.id AS payment, p.amount, p.refunded_amount, coalesce(sum(r.amount), 0) AS refunds
           FROM billing_payment p LEFT JOIN billing_refund r ON r.payment_id = p.id AND r.state <> 'failed'
           GROUP BY p.id HAVING p.refunded_amount <> coalesce(sum(r.amount), 0) OR p.refunded_amount > p.amount""",
    ),
    Check(
        "disputes_booked",
        "each time disputed money goes or comes back there is an entry, and together they say where it is",
        """SELECT d.id AS dispute, d.remote_id, d.is_taken, d.amount, d.fee_amount, coalesce(sum(p.amount), 0) AS cash
           FROM billing_dispute d
           LEFT JOIN billing_journalentry e ON e.key LIKE 'dispute:' || d.id || ':%'
           LEFT JOIN billing_posting p ON p.entry_id = e.id
                AND p.ledger_account_id IN (SELECT id FROM billing_ledgeraccount WHERE code LIKE 'cash:%')
           GROUP BY d.id
           HAVING coalesce(sum(p.amount), 0) <> -d.fee_amount - CASE WHEN d.is_taken THEN d.amount ELSE 0 END
               OR d.is_taken <> (d.state IN ('open', 'lost'))""",
    ),
    Check(
        "suspended_has_reason",
        "a subscription is suspended exactly while a suspension is in force",
        """SELECT s.id AS subscription, s.state, count(x.id) AS in_force FROM billing_subscription s
           LEFT JOIN billing_suspension x ON x.subscription_id = s.id AND x.lifted_at IS NULL
           GROUP BY s.id HAVING (s.state = 'suspended') <> (count(x.id) > 0)""",
    ),
    Check(
        "paid_until",
        "a subscription is paid until the end of its last paid period",
        """SELECT s.id AS subscription, s.paid_until, max(l.period_end) AS computed FROM billing_subscription s
           LEFT JOIN (billing_invoiceline l JOIN billing_invoice i ON i.id = l.invoice_id AND i.state = 'paid')
             ON l.subscription_id = s.id AND l.kind = 'recurring'
           GROUP BY s.id HAVING s.paid_until IS DISTINCT FROM max(l.period_end)""",
    ),
]

TRIGGERS = [
    "billing_invoice_frozen",
    "billing_invoiceline_frozen",
    "billing_invoicetax_frozen",
    "billing_journalentry_append_only",
    "billing_posting_append_only",
    "billing_creditmovement_append_only",
    "billing_allocation_append_only",
    "billing_posting_zero_sum",
    "billing_order_frozen",
    "billing_invoice_no_truncate",
    "billing_invoiceline_no_truncate",
    "billing_invoicetax_no_truncate",
    "billing_journalentry_no_truncate",
    "billing_posting_no_truncate",
    "billing_creditmovement_no_truncate",
    "billing_paymentallocation_no_truncate",
    "billing_payment_no_truncate",
    "billing_order_no_truncate",
]


def verify() -> list[Finding]:
    """Run every check; returns the broken ones only."""
    findings = [Finding(check.name, check.meaning, rows) for check in CHECKS if (rows := _rows(check.sql))]
    missing = _missing_guards()
    if missing:
        findings.append(Finding("guards", "the database's own guards are in place and switched on", missing))
    return findings


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
