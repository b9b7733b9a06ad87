"""Figures in many currencies on one page: those in use stand there at once, the others are folded."""

#: So many currencies stand on the page without being folded.
AT_ONCE = 3


def is_used(fields) -> bool:
    """Whether any of these bound fields has a figure or an error."""
    return any(field.errors or field.value() not in (None, "") for field in fields)


def folded(rows, fields_of, asked=()) -> tuple[list, list]:
    """(rows that stand there, rows that are folded). `fields_of(row)` gives its bound fields. The first row, ours, always stands there,
    and those that were asked for; few rows all do."""
    rows = list(rows)
    if len(rows) <= AT_ONCE:
        return rows, []
    shown = [row for place, row in enumerate(rows) if place == 0 or row in asked or is_used(fields_of(row))]
    rest = [row for row in rows if row not in shown]
    return (shown, rest) if len(rest) > 1 else (rows, [])
