"""Revenue of periods, earned by the day: what was served becomes revenue, each day of each line exactly once."""

from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta

from django.db import connection, transaction

from billing.options import RECOGNISE
from billing.queries.digits import digits
from hostbill.core import clock
from hostbill.core.money import Money

from .ledger import Side, book

CHUNK = 20_000

#: The part earned so far is the exact share of days, rounded once; the last day takes what is left. `upto` is not served yet.
_EARN = """
WITH due AS (
    SELECT id, currency, amount, recognised_amount,
           CASE WHEN ends_on <= %(upto)s OR earned_on < %(upto)s THEN amount
                ELSE round(amount * (%(upto)s - starts_on) / (ends_on - starts_on), {digits}) END AS earned,
           ends_on <= %(upto)s OR coalesce(earned_on < %(upto)s, false) AS ends
    FROM billing_deferral
    WHERE id IN (SELECT id FROM billing_deferral WHERE {due} AND id > %(after)s ORDER BY id LIMIT %(chunk)s FOR UPDATE)
)
UPDATE billing_deferral d SET recognised_amount = due.earned, is_done = due.ends, recognised_until = %(upto)s
FROM due WHERE d.id = due.id
RETURNING d.id, d.code, d.currency, due.earned - due.recognised_amount
"""
_DUE = """NOT is_done AND booked_on < %(upto)s AND recognised_until < %(upto)s
          AND (starts_on < %(upto)s OR earned_on < %(upto)s)"""
_SINCE = """SELECT min(greatest(booked_on, recognised_until, least(starts_on, coalesce(earned_on, starts_on))))
            FROM billing_deferral WHERE """


def recognise_due(*, on: date | None = None) -> int:
    """Book what was served up to yesterday (or up to the end of last month, where it is booked once a month), oldest month
    first; returns how many lines moved. Asked for twice, the second time finds nothing."""
    today = on or clock.today()
    return sum(recognise(last) for last in _ends(today))


def _ends(today: date) -> list[date]:
    """The last days to book, from the oldest that waits: each day up to yesterday, or the last of each month that is over."""
    day, ends = _oldest_unbooked(today), []
    while day is not None:
        last = day if RECOGNISE.value == "day" else month_end(day)
        if last >= today:
            break
        ends.append(last)
        day = last + timedelta(days=1)
    return ends


def _oldest_unbooked(today: date) -> date | None:
    """The day since which something waits. Nothing is earned before its document is booked."""
    with connection.cursor() as cursor:
        cursor.execute(_SINCE + _DUE, {"upto": today})
        return cursor.fetchone()[0]


def month_end(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def recognise(last: date) -> int:
    """Book everything served up to and including the day, on that day (or the first open one), in chunks; each chunk is one
    entry. Two runs at once share the chunks: the rows are locked and moved with the entry."""
    moved, after = 0, 0
    while True:
        with transaction.atomic():
            rows = _earn(last + timedelta(days=1), after)
            if not rows:
                return moved
            after = max(row[0] for row in rows)
            moved += len(rows)
            _book(last, rows)


def _earn(upto: date, after: int) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(_EARN.format(digits=digits(), due=_DUE), {"upto": upto, "after": after, "chunk": CHUNK})
        return cursor.fetchall()


def _book(last: date, rows: list[tuple]) -> None:
    earned = defaultdict(lambda: 0)
    for _pk, code, currency, amount in rows:
        earned[code, currency] += amount
    sides = []
    for (code, currency), amount in sorted(earned.items()):
        money = Money(amount, currency) if amount else Money.zero(currency)
        sides += [Side(f"deferred:{code}", money), Side(f"revenue:{code}", -money)]
    if any(not side.money.is_zero for side in sides):
        first = min(row[0] for row in rows)
        book(f"recognition:{last:%Y%m%d}:{first}", f"Revenue served up to {last:%Y-%m-%d}", sides, booked_on=last)


def is_recognised(last: date) -> bool:
    """Whether everything served up to and including the day is booked."""
    with connection.cursor() as cursor:
        cursor.execute(_SINCE + _DUE, {"upto": last + timedelta(days=1)})
        return cursor.fetchone()[0] is None
