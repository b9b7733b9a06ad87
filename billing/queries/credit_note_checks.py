"""Invariants of credit notes: never more than the invoice, line for line and tax for tax, and booked as they say."""

from billing.queries.check import Check

CREDIT_NOTE_CHECKS = [
    Check(
        "credit_notes_sum",
        "what an invoice says was credited is the sum of its credit notes, and all of each line means that it was taken back",
        """SELECT i.id AS invoice, i.number, i.state, i.credited_amount, coalesce(sum(n.total_amount), 0) AS notes
           FROM billing_invoice i LEFT JOIN billing_creditnote n ON n.invoice_id = i.id
           GROUP BY i.id HAVING i.credited_amount <> coalesce(sum(n.total_amount), 0)
               OR i.total_amount > 0 AND i.credited_amount = i.total_amount AND i.kind <> 'change'
               AND i.state NOT IN ('cancelled', 'refunded') AND NOT EXISTS (
                   SELECT 1 FROM billing_invoiceline l LEFT JOIN billing_creditnoteline c ON c.invoice_line_id = l.id
                   WHERE l.invoice_id = i.id GROUP BY l.id HAVING l.net_amount <> coalesce(sum(c.net_amount), 0))""",
    ),
    Check(
        "credit_notes_within_lines",
        "the credit notes of a line take back no more than the line's net",
        """SELECT l.id AS line, l.invoice_id AS invoice, l.net_amount, sum(c.net_amount) AS credited
           FROM billing_invoiceline l JOIN billing_creditnoteline c ON c.invoice_line_id = l.id
           GROUP BY l.id HAVING abs(sum(c.net_amount)) > abs(l.net_amount) OR sum(c.net_amount) * l.net_amount < 0""",
    ),
    Check(
        "credit_notes_within_taxes",
        "the credit notes of an invoice take back no more tax of a rate than it charged",
        """SELECT n.invoice_id AS invoice, t.tax_class, t.percent, sum(t.tax_amount) AS credited, x.tax AS charged
           FROM billing_creditnotetax t JOIN billing_creditnote n ON n.id = t.credit_note_id
           LEFT JOIN (SELECT invoice_id, tax_class, percent, sum(tax_amount) AS tax FROM billing_invoicetax GROUP BY 1, 2, 3) x
             ON x.invoice_id = n.invoice_id AND x.tax_class = t.tax_class AND x.percent = t.percent
           GROUP BY n.invoice_id, t.tax_class, t.percent, x.tax
           HAVING abs(sum(t.tax_amount)) > abs(coalesce(x.tax, 0))""",
    ),
    Check(
        "credit_notes_own_lines",
        "a credit note's lines are lines of its invoice, and its sums are theirs",
        """SELECT n.id AS credit_note, n.number, n.net_amount, n.tax_amount, l.net AS lines, t.tax AS taxes, l.foreign_lines
           FROM billing_creditnote n
           LEFT JOIN (SELECT c.credit_note_id, sum(c.net_amount) AS net,
                             count(*) FILTER (WHERE i.invoice_id <> m.invoice_id) AS foreign_lines
                      FROM billing_creditnoteline c JOIN billing_invoiceline i ON i.id = c.invoice_line_id
                      JOIN billing_creditnote m ON m.id = c.credit_note_id GROUP BY 1) l ON l.credit_note_id = n.id
           LEFT JOIN (SELECT credit_note_id, sum(tax_amount) AS tax FROM billing_creditnotetax GROUP BY 1) t
             ON t.credit_note_id = n.id
           WHERE n.net_amount <> coalesce(l.net, 0) OR n.tax_amount <> coalesce(t.tax, 0) OR l.foreign_lines > 0""",
    ),
    Check(
        "credit_note_booked",
        "a credit note has one entry on its day: its total off the receivables, its tax off the tax",
        """SELECT n.id AS credit_note, n.number, n.total_amount, sum(p.amount) FILTER (WHERE g.code = 'receivable') AS booked
           FROM billing_creditnote n
           LEFT JOIN billing_journalentry e ON e.key = 'credit_note:' || n.id
           LEFT JOIN billing_posting p ON p.entry_id = e.id LEFT JOIN billing_ledgeraccount g ON g.id = p.ledger_account_id
           GROUP BY n.id
           HAVING count(DISTINCT e.id) <> 1 OR max(e.booked_on) < n.issued_on
               OR coalesce(sum(p.amount) FILTER (WHERE g.code = 'receivable'), 0) <> -n.total_amount
               OR coalesce(sum(p.amount) FILTER (WHERE g.code LIKE 'tax:%'), 0) <> n.tax_amount""",
    ),
]
