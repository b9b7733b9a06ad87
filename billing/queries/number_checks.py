"""Invariants of document numbers. Pro-forma invoices are left out: their numbers are no legal ones."""

from billing.queries.check import Check

#: Every document with a legal number.
NUMBERED = """(SELECT 'invoice' AS what, id, number, series, series_number, issued_on FROM billing_invoice
               WHERE state <> 'draft' AND NOT is_proforma
               UNION ALL SELECT 'credit note', id, number, series, series_number, issued_on FROM billing_creditnote)"""


def _check(name: str, meaning: str, sql: str) -> Check:
    return Check(name, meaning, sql.replace("{numbered}", NUMBERED))


NUMBER_CHECKS = [
    _check(
        "numbers_gapless",
        "the numbers of each series run from 1 without gap or repeat up to the counter, but for those left out with a reason",
        """SELECT s.name AS series, s.last, count(d.id) AS documents, max(d.series_number) AS highest,
                  coalesce(max(x.skipped), 0) AS skipped
           FROM core_sequence s LEFT JOIN {numbered} d ON d.series = s.name
           LEFT JOIN (SELECT counter, sum(last - first + 1) AS skipped FROM billing_seriesskip GROUP BY 1) x
             ON x.counter = s.name
           WHERE s.name ~ '^(invoice|corrective|credit_note)(@[^:]*)?(:.*)?$'
           GROUP BY s.name, s.last
           HAVING count(d.id) + coalesce(max(x.skipped), 0) <> s.last OR count(DISTINCT d.series_number) <> count(d.id)
               OR max(d.series_number) > s.last""",
    ),
    _check(
        "numbers_skipped",
        "no document has a number that was left out, and none was left out twice",
        """SELECT x.id AS skip, x.counter, x.first, x.last, d.number FROM billing_seriesskip x
           JOIN {numbered} d ON d.series = x.counter AND d.series_number BETWEEN x.first AND x.last
           UNION ALL SELECT x.id, x.counter, x.first, x.last, NULL FROM billing_seriesskip x
           JOIN billing_seriesskip y ON y.counter = x.counter AND y.id < x.id AND y.last >= x.first AND y.first <= x.last""",
    ),
    _check(
        "numbers_counted",
        "every numbered document is of a series that is counted, and later numbers are not of earlier days",
        """SELECT i.what, i.id AS row, i.number, i.series, i.issued_on FROM
               (SELECT d.*, lag(issued_on) OVER (PARTITION BY series ORDER BY series_number) AS before FROM {numbered} d) i
           LEFT JOIN core_sequence s ON s.name = i.series
           WHERE s.name IS NULL OR i.before > i.issued_on""",
    ),
]
