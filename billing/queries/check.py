"""One invariant of the books as a query."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """A query that returns nothing while all is well. `{digits}` in it becomes the decimals of the row's currency."""

    name: str
    meaning: str
    sql: str
