"""Invariants of deferred revenue, written-off invoices and closed months."""

from billing.queries.check import Check

REVENUE_CHECKS = [
    Check(
        "deferred_balance",
        "the deferred revenue of the ledger is what is still to be earned, by account and currency",
        """SELECT coalesce(d.code, l.code) AS code, coalesce(d.currency, l.currency) AS currency,
                  coalesce(d.rest, 0) AS to_earn, coalesce(l.rest, 0) AS in_ledger
           FROM (SELECT code, currency, sum(CASE WHEN released_on IS NULL THEN amount - recognised_amount ELSE 0 END) AS rest
                 FROM billing_deferral GROUP BY 1, 2) d
           FULL JOIN (SELECT substr(g.code, 10) AS code, p.currency, -sum(p.amount) AS rest FROM billing_posting p
                      JOIN billing_ledgeraccount g ON g.id = p.ledger_account_id
                      WHERE g.code LIKE 'deferred:%' GROUP BY 1, 2) l ON l.code = d.code AND l.currency = d.currency
           WHERE coalesce(d.rest, 0) <> coalesce(l.rest, 0)""",
    ),
    Check(
        "deferred_as_booked",
        "what an entry deferred is what its rows still had to earn on that day",
        """SELECT coalesce(d.entry_id, l.entry_id) AS journal_entry, d.total AS rows, l.total AS booked
           FROM (SELECT entry_id, code, sum(amount) AS total FROM billing_deferral GROUP BY 1, 2) d
           FULL JOIN (SELECT p.entry_id, substr(g.code, 10) AS code, -sum(p.amount) AS total FROM billing_posting p
                      JOIN billing_ledgeraccount g ON g.id = p.ledger_account_id
                      JOIN billing_journalentry e ON e.id = p.entry_id
                      WHERE g.code LIKE 'deferred:%' AND e.reverses_id IS NULL AND e.key NOT LIKE 'recognition:%'
                        AND e.key NOT LIKE '%:unearned' GROUP BY 1, 2) l
             ON l.entry_id = d.entry_id AND l.code = d.code
           WHERE coalesce(d.total, 0) <> coalesce(l.total, 0)""",
    ),
    Check(
        "earned_by_the_day",
        "each line has earned its share of days, rounded once, and all of it when its period is over",
        """SELECT id AS deferral, amount, recognised_amount, recognised_until, starts_on, ends_on FROM billing_deferral
           WHERE released_on IS NULL AND recognised_amount <> CASE
                     WHEN recognised_until >= ends_on OR earned_on < recognised_until THEN amount
                     WHEN recognised_until <= starts_on THEN 0
                     ELSE round(amount * (recognised_until - starts_on) / (ends_on - starts_on), {digits}) END
              OR is_done <> (released_on IS NOT NULL OR recognised_until >= ends_on
                             OR coalesce(earned_on < recognised_until, false))""",
    ),
    Check(
        "write_offs_booked",
        "an invoice is written off exactly while a write-off stands, and its entry takes that from what is owed",
        """SELECT w.id AS write_off, i.number, i.state, w.amount, coalesce(sum(p.amount), 0) AS booked
           FROM billing_writeoff w JOIN billing_invoice i ON i.id = w.invoice_id
           LEFT JOIN billing_journalentry e ON e.key IN ('writeoff:' || w.id, 'writeoff:' || w.id || ':undone')
           LEFT JOIN (billing_posting p JOIN billing_ledgeraccount g ON g.id = p.ledger_account_id AND g.code = 'receivable')
             ON p.entry_id = e.id
           GROUP BY w.id, i.id
           HAVING coalesce(sum(p.amount), 0) <> CASE WHEN w.taken_back_at IS NULL THEN -w.amount ELSE 0 END
               OR w.taken_back_at IS NULL AND i.state <> 'bad_debt'
           UNION ALL
           SELECT NULL, i.number, i.state, NULL, NULL FROM billing_invoice i WHERE i.state = 'bad_debt'
             AND NOT EXISTS (SELECT 1 FROM billing_writeoff w WHERE w.invoice_id = i.id AND w.taken_back_at IS NULL)""",
    ),
    Check(
        "closed_months",
        "no entry of a closed month was booked after it was closed, and the closed months have no hole",
        """SELECT to_char(m.month, 'YYYY-MM') AS month, e.id AS journal_entry FROM billing_ledgerperiod m
           JOIN billing_journalentry e ON e.booked_on >= m.month AND e.booked_on < m.month + interval '1 month'
           WHERE m.closed_at IS NOT NULL AND e.booked_at > m.closed_at
           UNION ALL
           SELECT to_char(m.month, 'YYYY-MM'), NULL FROM billing_ledgerperiod m
           WHERE m.closed_at IS NULL AND EXISTS (SELECT 1 FROM billing_ledgerperiod n
                                                 WHERE n.month > m.month AND n.closed_at IS NOT NULL)""",
    ),
]
