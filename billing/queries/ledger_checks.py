"""Invariants of the ledger and of the balances cached from it."""

from billing.queries.check import Check

LEDGER_CHECKS = [
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
        "balances_of_months",
        "what is kept of a month for the trial balance is the sum of its postings, by account and currency",
        """SELECT coalesce(b.month, p.month) AS month, coalesce(b.ledger_account_id, p.ledger_account_id) AS ledger_account,
                  b.debit, b.credit, p.debit AS booked_debit, p.credit AS booked_credit
           FROM (SELECT month, ledger_account_id, currency, sum(debit_amount) AS debit, sum(credit_amount) AS credit
                 FROM billing_ledgerbalance GROUP BY 1, 2, 3) b
           FULL JOIN (SELECT date_trunc('month', e.booked_on)::date AS month, x.ledger_account_id, x.currency,
                             sum(greatest(x.amount, 0)) AS debit, sum(greatest(-x.amount, 0)) AS credit
                      FROM billing_posting x JOIN billing_journalentry e ON e.id = x.entry_id GROUP BY 1, 2, 3) p
             ON p.month = b.month AND p.ledger_account_id = b.ledger_account_id AND p.currency = b.currency
           WHERE coalesce(b.debit, 0) <> coalesce(p.debit, 0) OR coalesce(b.credit, 0) <> coalesce(p.credit, 0)""",
    ),
    Check(
        "tax_lines",
        "the rows behind the tax report are the tax groups of what was booked",
        """SELECT coalesce(s.id, t.id) AS tax_line, coalesce(s.invoice_id, t.invoice_id) AS invoice
           FROM billing_taxline_source s FULL JOIN billing_taxline t ON t.id = s.id
           WHERE s.id IS NULL OR t.id IS NULL
              OR ROW(s.invoice_id, s.credit_note_id, s.client_id, s.booked_on, s.supply, s.buyer_country, s.buyer_tax_id, s.country,
                     s.tax_class, s.category, s.percent, s.step, s.currency, s.net_amount, s.tax_amount)
                 IS DISTINCT FROM
                 ROW(t.invoice_id, t.credit_note_id, t.client_id, t.booked_on, t.supply, t.buyer_country, t.buyer_tax_id, t.country,
                     t.tax_class, t.category, t.percent, t.step, t.currency, t.net_amount, t.tax_amount)""",
    ),
    Check(
        "one_currency",
        "everything of an account is in the account's currency",
        """SELECT a.id AS account, a.currency, x.what, x.id AS row, x.currency AS found FROM billing_account a
           JOIN (SELECT 'posting' AS what, id, account_id, currency FROM billing_posting WHERE account_id IS NOT NULL
                 UNION ALL SELECT 'invoice', id, account_id, currency FROM billing_invoice
                 UNION ALL SELECT 'payment', id, account_id, currency FROM billing_payment
                 UNION ALL SELECT 'credit note', id, account_id, currency FROM billing_creditnote
                 UNION ALL SELECT 'credit movement', id, account_id, currency FROM billing_creditmovement
                 UNION ALL SELECT 'subscription', id, account_id, currency FROM billing_subscription
                 UNION ALL SELECT 'line', l.id, i.account_id, l.currency FROM billing_invoiceline l
                           JOIN billing_invoice i ON i.id = l.invoice_id
                 UNION ALL SELECT 'tax', t.id, i.account_id, t.currency FROM billing_invoicetax t
                           JOIN billing_invoice i ON i.id = t.invoice_id) x
             ON x.account_id = a.id AND x.currency <> a.currency""",
    ),
    Check(
        "invoice_booked",
        "an issued invoice has exactly one entry: its total receivable, its net as revenue (deferred or not), its tax as tax",
        """SELECT i.id AS invoice, i.number, i.total_amount, i.net_amount, i.tax_amount, sum(p.amount) AS booked
           FROM billing_invoice i
           LEFT JOIN billing_journalentry e ON e.key = 'invoice:' || i.id || ':issued'
           LEFT JOIN billing_posting p ON p.entry_id = e.id
           LEFT JOIN billing_ledgeraccount g ON g.id = p.ledger_account_id
           WHERE i.state <> 'draft' AND NOT i.is_proforma GROUP BY i.id
           HAVING count(DISTINCT e.id) <> 1
               OR coalesce(sum(p.amount) FILTER (WHERE g.code = 'receivable'), 0) <> i.total_amount
               OR coalesce(sum(p.amount) FILTER (WHERE g.code LIKE 'revenue:%' OR g.code LIKE 'deferred:%'), 0)
                  <> -i.net_amount
               OR coalesce(sum(p.amount) FILTER (WHERE g.code LIKE 'tax:%'), 0) <> -i.tax_amount""",
    ),
    Check(
        "proforma_booked",
        "what is asked for by a pro-forma invoice counts as owed, and neither as revenue nor as tax, until it is paid",
        """SELECT i.id AS invoice, i.number, i.state, i.is_proforma, coalesce(-sum(p.amount), 0) AS asked_for
           FROM billing_invoice i
           LEFT JOIN billing_journalentry e ON e.invoice_id = i.id AND e.key LIKE 'invoice:%'
           LEFT JOIN billing_posting p ON p.entry_id = e.id
                AND p.ledger_account_id = (SELECT id FROM billing_ledgeraccount WHERE code = 'clearing:proforma')
           GROUP BY i.id
           HAVING coalesce(-sum(p.amount), 0) <> CASE WHEN i.is_proforma AND i.state = 'issued' THEN i.total_amount ELSE 0 END
               OR i.is_proforma AND i.state NOT IN ('issued', 'cancelled')""",
    ),
    Check(
        "cancelled_reversed",
        "an invoice that was taken back, and no other, has a reversing entry or credit notes over all of it",
        """SELECT i.id AS invoice, i.number, i.state, i.credited_amount FROM billing_invoice i
           LEFT JOIN billing_journalentry e ON e.key = 'invoice:' || i.id || ':cancelled'
           WHERE (i.state IN ('cancelled', 'refunded')) <> (e.id IS NOT NULL OR i.credited_amount = i.total_amount
                  AND EXISTS (SELECT 1 FROM billing_creditnote WHERE invoice_id = i.id AND kind = 'cancel'))""",
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
        "payment_booked",
        "every payment has its entry: cash and fee in, what it settled and what became credit out",
        """SELECT p.id AS payment, p.remote_id, p.amount, p.fee_amount, p.credited_amount FROM billing_payment p
           LEFT JOIN billing_journalentry e ON e.key = 'payment:' || p.id
           LEFT JOIN billing_posting x ON x.entry_id = e.id
           LEFT JOIN billing_ledgeraccount g ON g.id = x.ledger_account_id
           GROUP BY p.id
           HAVING coalesce(sum(x.amount) FILTER (WHERE g.code LIKE 'cash:%'), 0) <> p.amount - p.fee_amount
               OR coalesce(sum(x.amount) FILTER (WHERE g.code = 'fees'), 0) <> p.fee_amount
               OR coalesce(sum(x.amount) FILTER (WHERE g.code = 'receivable'), 0) <> p.credited_amount - p.amount
               OR coalesce(sum(x.amount) FILTER (WHERE g.code = 'credit'), 0) <> -p.credited_amount""",
    ),
    Check(
        "entries_have_facts",
        "every journal entry is about a document, payment, refund, dispute, credit or merge that exists",
        """SELECT e.id AS journal_entry, e.key FROM billing_journalentry e
           WHERE NOT CASE split_part(e.key, ':', 1)
               WHEN 'invoice' THEN EXISTS (SELECT 1 FROM billing_invoice WHERE id = split_part(e.key, ':', 2)::bigint)
               WHEN 'payment' THEN EXISTS (SELECT 1 FROM billing_payment WHERE id = split_part(e.key, ':', 2)::bigint)
               WHEN 'refund' THEN EXISTS (SELECT 1 FROM billing_refund WHERE id = split_part(e.key, ':', 2)::bigint)
               WHEN 'dispute' THEN EXISTS (SELECT 1 FROM billing_dispute WHERE id = split_part(e.key, ':', 2)::bigint)
               WHEN 'recognition' THEN EXISTS (SELECT 1 FROM billing_deferral WHERE id = split_part(e.key, ':', 3)::bigint)
               WHEN 'writeoff' THEN EXISTS (SELECT 1 FROM billing_writeoff WHERE id = split_part(e.key, ':', 2)::bigint)
               WHEN 'credit_note' THEN EXISTS (SELECT 1 FROM billing_creditnote WHERE id = split_part(e.key, ':', 2)::bigint)
               WHEN 'merge' THEN EXISTS (SELECT 1 FROM billing_account WHERE id = split_part(e.key, ':', 2)::bigint
                                         AND merged_into_id IS NOT NULL)
               WHEN 'credit' THEN EXISTS (SELECT 1 FROM billing_creditmovement WHERE id = split_part(e.key, ':', 2)::bigint)
               ELSE false END""",
    ),
    Check(
        "booked_on_its_day",
        "invoices and payments are booked on their own day, or later when its month was closed once",
        """SELECT e.id AS journal_entry, e.key, e.booked_on, coalesce(i.issued_on, p.received_on) AS day
           FROM billing_journalentry e
           LEFT JOIN billing_invoice i ON e.key = 'invoice:' || i.id || ':issued'
           LEFT JOIN billing_payment p ON e.key = 'payment:' || p.id
           LEFT JOIN billing_ledgerperiod m ON m.month = date_trunc('month', coalesce(i.issued_on, p.received_on))::date
           WHERE coalesce(i.issued_on, p.received_on) > e.booked_on
              OR coalesce(i.issued_on, p.received_on) < e.booked_on AND m.id IS NULL""",
    ),
    Check(
        "cash_where_it_is",
        "money of a payment, and what goes back of it, is booked at its own gateway and account",
        """SELECT p.id AS payment, p.remote_id, e.key, g.code FROM billing_payment p
           JOIN billing_journalentry e ON e.payment_id = p.id JOIN billing_posting x ON x.entry_id = e.id
           JOIN billing_ledgeraccount g ON g.id = x.ledger_account_id
           LEFT JOIN core_moduleconfig m ON m.id = p.gateway_id
           WHERE (g.code LIKE 'cash:%' AND g.code <> coalesce('cash:' || m.driver || ':' || m.id, 'cash:manual'))
              OR (x.account_id <> p.account_id AND NOT EXISTS (
                  SELECT 1 FROM billing_account a WHERE a.id = x.account_id AND a.merged_into_id = p.account_id))""",
    ),
    Check(
        "refunds_booked",
        "a refund that arrived has taken its money from the gateway, once",
        """SELECT r.id AS refund, r.state, r.amount, coalesce(-sum(x.amount), 0) AS booked FROM billing_refund r
           LEFT JOIN billing_journalentry e ON e.key IN ('refund:' || r.id, 'refund:' || r.id || ':undone')
           LEFT JOIN billing_posting x ON x.entry_id = e.id AND x.currency = r.currency
                AND x.ledger_account_id IN (SELECT id FROM billing_ledgeraccount WHERE code LIKE 'cash:%')
           GROUP BY r.id
           HAVING coalesce(-sum(x.amount), 0) <> CASE WHEN r.state = 'succeeded' THEN r.amount ELSE 0 END""",
    ),
    Check(
        "disputes_opened",
        "what a chargeback opened again is what its entries say",
        """SELECT d.id AS dispute, d.reopened_amount, coalesce(sum(x.amount), 0) AS booked FROM billing_dispute d
           LEFT JOIN billing_journalentry e ON e.key LIKE 'dispute:' || d.id || ':%'
           LEFT JOIN billing_posting x ON x.entry_id = e.id
                AND x.ledger_account_id = (SELECT id FROM billing_ledgeraccount WHERE code = 'receivable')
           GROUP BY d.id HAVING d.reopened_amount <> coalesce(sum(x.amount), 0)""",
    ),
    Check(
        "one_client",
        "everything of an account belongs to the account's client",
        """SELECT a.id AS account, a.client_id AS client, x.what, x.id AS row, x.client_id AS found FROM billing_account a
           JOIN (SELECT 'invoice' AS what, id, account_id, client_id FROM billing_invoice
                 UNION ALL SELECT 'payment', id, account_id, client_id FROM billing_payment
                 UNION ALL SELECT 'credit note', id, account_id, client_id FROM billing_creditnote
                 UNION ALL SELECT 'subscription', id, account_id, client_id FROM billing_subscription
                 UNION ALL SELECT 'charge', c.id, i.account_id, c.client_id FROM billing_charge c
                           JOIN billing_invoice i ON i.id = c.invoice_id
                 UNION ALL SELECT 'refund', r.id, p.account_id, r.client_id FROM billing_refund r
                           JOIN billing_payment p ON p.id = r.payment_id
                 UNION ALL SELECT 'dispute', d.id, p.account_id, d.client_id FROM billing_dispute d
                           JOIN billing_payment p ON p.id = d.payment_id) x
             ON x.account_id = a.id AND x.client_id <> a.client_id""",
    ),
    Check(
        "merged_clients",
        "what belonged to a client who was merged belongs to the kept one",
        """SELECT c.number AS client, x.what, x.id AS row FROM clients_client c
           JOIN (SELECT 'invoice' AS what, id, client_id FROM billing_invoice
                 UNION ALL SELECT 'subscription', id, client_id FROM billing_subscription
                 UNION ALL SELECT 'payment', id, client_id FROM billing_payment
                 UNION ALL SELECT 'credit note', id, client_id FROM billing_creditnote
                 UNION ALL SELECT 'order', id, client_id FROM billing_order
                 UNION ALL SELECT 'account', a.id, a.client_id FROM billing_account a
                           LEFT JOIN billing_account h ON h.id = a.merged_into_id
                           LEFT JOIN clients_client m ON m.id = a.client_id
                           WHERE h.client_id IS DISTINCT FROM m.merged_into_id
                              OR a.merged_into_id IS NOT NULL AND (a.balance_amount <> 0 OR a.credit_amount <> 0)) x
             ON x.client_id = c.id WHERE c.merged_into_id IS NOT NULL""",
    ),
    Check(
        "accounts_of_their_own",
        "only the account of a merged client leads to another",
        """SELECT a.id AS account, a.merged_into_id, c.number AS client FROM billing_account a
           JOIN clients_client c ON c.id = a.client_id WHERE a.merged_into_id IS NOT NULL AND c.merged_into_id IS NULL""",
    ),
    Check(
        "credit_moves_booked",
        "credit that was granted or used has its entry, and credit is used for an invoice",
        """SELECT m.id AS movement, m.kind, m.amount FROM billing_creditmovement m
           WHERE m.kind IN ('granted', 'used')
             AND NOT EXISTS (SELECT 1 FROM billing_journalentry WHERE key = 'credit:' || m.id || ':' || m.kind)
              OR m.kind = 'used' AND m.invoice_id IS NULL""",
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
]
