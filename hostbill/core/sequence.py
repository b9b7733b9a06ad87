"""Gapless numbers: one row lock per series, taken last, in the transaction that uses the number."""

from django.db import connection, transaction

from hostbill.core import foresight
from hostbill.core.errors import AppError


def next_number(name: str, count: int = 1, *, after: str = "") -> int:
    """The next number of the series (the first of ``count``). Rolls back with the caller, so no gap can remain. ``after``: a lock
    to be taken before, by its name; one for several series."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a number is drawn in the transaction that uses it")
    if ahead := foresight.current():
        return ahead.draw(name, count)
    with connection.cursor() as cursor:
        # Two statements in one message: the second one sees what those before it in the queue have drawn.
        lock = "SELECT pg_advisory_xact_lock(hashtext(%s)); " if after else ""
        cursor.execute(
            f"{lock}INSERT INTO core_sequence (name, last) VALUES (%s, %s) "  # noqa: S608
            "ON CONFLICT (name) DO UPDATE SET last = core_sequence.last + EXCLUDED.last RETURNING last",
            [*([after] if after else []), name, count],
        )
        return cursor.fetchone()[0] - count + 1


def set_next(name: str, number: int) -> None:
    """Continue a series at a higher number; never lower. Raises AppError."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_sequence (name, last) VALUES (%s, 0) ON CONFLICT DO NOTHING", [name])
        cursor.execute("UPDATE core_sequence SET last = %s WHERE name = %s AND last < %s", [number - 1, name, number])
        if cursor.rowcount != 1:
            raise AppError("The next number can only go up.", code="number_not_higher", field="next_number")
