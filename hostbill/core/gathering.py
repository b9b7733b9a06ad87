"""Log rows and events of one use case, written together at its end: one statement for each kind, however many there are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

_notes: ContextVar[tuple[int, dict] | None] = ContextVar("gathered_notes", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """Inside, `audit()` and `emit()` take note, and all is written when the block ends; nothing when an exception leaves it.

    Below a savepoint of its own, a part of the block writes at once: what is rolled back to it takes its rows along."""
    if _notes.get() is not None:
        yield
        return
    notes: dict[Callable, list] = {}
    token = _notes.set((_depth(), notes))
    try:
        yield
    finally:
        _notes.reset(token)
    for write, rows in notes.items():
        write(rows)


def note(write: Callable[[list], None], row) -> None:
    """``write([row])`` at once or, inside a block, ``write(rows)`` with the other rows at its end."""
    depth, notes = _notes.get() or (0, None)
    if notes is None or _depth() > depth:
        write([row])
    else:
        notes.setdefault(write, []).append(row)


def _depth() -> int:
    """How many savepoints stand."""
    return sum(1 for savepoint in connection.savepoint_ids if savepoint)
