"""One invariant of the books as a query."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """A query that returns nothing while all is well. `{digits}` in it becomes the decimals of the row's currency,
    `{covered_to}` the day up to which the invoice line `l` covers its period."""

    name: str
    meaning: str
    sql: str


#: The end of a line's period, or the day from which it was given back.
COVERED_TO = """coalesce((SELECT min(c.from_on) FROM billing_linecredit c WHERE c.line_id = l.id AND NOT c.released),
                            l.period_end)"""
