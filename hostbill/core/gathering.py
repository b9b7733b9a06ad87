"""Log rows and events of one use case, written together at its end: one statement for each kind, however many there are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_notes: ContextVar[dict | None] = ContextVar("gathered_notes", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """Inside, `audit()` and `emit()` take note, and all is written when the block ends; nothing when an exception leaves it.

    For a use case that ends as a whole: a part of it that is rolled back to a savepoint would leave its notes."""
    if _notes.get() is not None:
        yield
        return
    notes: dict[Callable, list] = {}
    token = _notes.set(notes)
    try:
        yield
    finally:
        _notes.reset(token)
    for write, rows in notes.items():
        write(rows)


def note(write: Callable[[list], None], row) -> None:
    """``write([row])`` at once or, inside a block, ``write(rows)`` with the other rows at its end."""
    notes = _notes.get()
    if notes is None:
        write([row])
    else:
        notes.setdefault(write, []).append(row)
