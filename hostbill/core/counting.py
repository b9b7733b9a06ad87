"""Figures that take long to count in a large house, short in a small one.

Where counting is quick it is done for each look, so that figures are always true. Where it is not, a worker counts, at most
once in ``fresh`` seconds and only while somebody looks, and pages show the last figures with their age: no page waits for a
sum over a million rows, and a hundred looks cost as much as one. What is quick is found out by trying, with little patience.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.utils import translation

from hostbill.core import clock, nudge
from hostbill.core.search import TOO_LONG

#: Seconds: what counts as quick, and how long a try may take before a worker is asked.
QUICK, PATIENCE = 0.012, 0.06
#: Seconds for which figures are fresh, unless the source says otherwise.
FRESH = 60
#: Seconds: figures are shown that old when no worker comes; one that was asked is given so long; one that died holds others up so long.
KEPT, ASKED, LONGEST = 26 * 3600, 10, 600


@dataclass(frozen=True)
class Source:
    """``count(*args)`` gives a value that can be pickled, in the words of the language in force, the same for all readers."""

    name: str
    count: Callable
    fresh: int = FRESH


@dataclass(frozen=True)
class Counted:
    """A value, when it was counted, and the seconds that took. ``is_late``: older than it should be, and asked for anew."""

    value: object
    at: datetime
    seconds: float
    is_live: bool = True
    is_late: bool = False


class _TooLongError(Exception):
    """Patience is over."""


_sources: dict[str, Source] = {}


def register_source(name: str, count: Callable, fresh: int = FRESH) -> None:
    """Make a figure known, to web processes and workers alike."""
    _sources[name] = Source(name, count, fresh)


def read(name: str, *args) -> Counted | None:
    """The figure, or None while a worker counts it for the first time today."""
    return read_many([(name, *args)])[(name, *args)]


def read_many(wanted: Iterable[tuple]) -> dict[tuple, Counted | None]:
    """{(name, *args): figure}. The house is large as soon as one of them takes long; then none is tried any more."""
    keys = {asked: _key(asked) for asked in wanted}
    found, patient = cache.get_many(keys.values()), True
    figures: dict = {}
    for asked, key in keys.items():
        kept, live = found.get(key), None
        if patient and (kept is None or kept.seconds <= QUICK):
            live = _try(asked)
            patient = live is not None
        if live is not None:
            cache.set(key, live, KEPT)
        figures[asked] = live or _as_kept(asked, kept)
    return figures


def count(name: str, *args, language: str) -> None:
    """What the worker does: count, unless a colleague is at it."""
    with translation.override(language):
        key = _key((name, *args))
        if not cache.add(f"{key}.lock", 1, LONGEST):
            return
        try:
            began, at = time.monotonic(), clock.now()
            value = _sources[name].count(*args)
            cache.set(key, Counted(value, at, time.monotonic() - began), KEPT)
        finally:
            cache.delete(f"{key}.lock")


def ask(name: str, *args) -> None:
    """Have a worker count it soon; many who ask at once are one."""
    if cache.add(f"{_key((name, *args))}.asked", 1, ASKED):
        nudge.publish("count_figure", [name, *args], translation.get_language(), priority=nudge.LATER)


def _key(asked: tuple) -> str:
    """Of the day, since "today" and "this month" are other ones tomorrow."""
    return f"count.{'.'.join(map(str, asked))}.{translation.get_language()}.{clock.today()}"


def _as_kept(asked: tuple, kept: Counted | None) -> Counted | None:
    """The last figures; a worker is asked for new ones where they are old."""
    fresh = _sources[asked[0]].fresh
    age = (clock.now() - kept.at).total_seconds() if kept else None
    if age is None or not 0 <= age <= fresh:
        ask(*asked)
    return kept and Counted(kept.value, kept.at, kept.seconds, is_live=False, is_late=not 0 <= age <= 2 * fresh)


def _try(asked: tuple) -> Counted | None:
    """Counted now, or None when that takes too long."""
    began, at = time.monotonic(), clock.now()

    def hurry(execute, sql, params, many, context):
        if time.monotonic() - began > PATIENCE:
            raise _TooLongError
        return execute(sql, params, many, context)

    try:
        with transaction.atomic():
            _be_patient(round(PATIENCE * 1000))
            with connection.execute_wrapper(hurry):
                value = _sources[asked[0]].count(*asked[1:])
            _be_patient(0)
    except _TooLongError:
        return None
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != TOO_LONG:
            raise
        return None
    return Counted(value, at, time.monotonic() - began)


def _be_patient(milliseconds: int) -> None:
    """For each statement of this transaction; 0 is for ever."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
