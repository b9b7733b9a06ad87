"""Looking ahead: the real code run day by day on a clock of its own, in a transaction that is rolled back.

While it goes on (only in this thread) `clock.now()` is the moment looked at; nudges and events are kept here instead of being
published; numbers come from counters that nobody else uses; outgoing rows are not sent: a kind may say what answer is to be
assumed (`OutgoingKind.foretell`). What a transaction cannot take back is used up: ids of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime

from django.apps import apps
from django.db import connection

#: Numbers drawn while looking ahead: far from real ones, so that nobody who issues a document waits for us.
FIRST_NUMBER, APART = 1_000_000_000, 1_000_000


@dataclass
class Foresight:
    """`clients`: only what is theirs is looked at. `assumed`: what kinds of outgoing rows may ask (such as how cards do)."""

    clients: frozenset[int]
    assumed: dict = field(default_factory=dict)
    now: datetime | None = None
    #: (moment, event) and (moment, id of the outgoing row), in order.
    events: list[tuple] = field(default_factory=list)
    sends: list[tuple] = field(default_factory=list)
    problems: list[tuple] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    settled: int = 0

    def keep(self, task: str, args: tuple) -> None:
        """A nudge that is not published."""
        if task == "deliver":
            self.waiting.append(args[0])
        elif task == "send":
            self.sends.append((self.now, args[0]))

    def draw(self, name: str, count: int) -> int:
        """The first of numbers that stand for the next ones."""
        first = self.numbers.get(name, FIRST_NUMBER + connection.connection.info.backend_pid % 1000 * APART)
        self.numbers[name] = first + count
        return first


_current: ContextVar[Foresight | None] = ContextVar("foresight", default=None)


def current() -> Foresight | None:
    """The look ahead that this code runs in, or None: this is for real."""
    return _current.get()


@contextmanager
def looking(foresight: Foresight):
    """Code inside looks ahead. The caller opens the transaction and rolls it back."""
    token = _current.set(foresight)
    try:
        yield foresight
    finally:
        _current.reset(token)


def among(rows, path: str = "client_id"):
    """The rows, looking ahead only those of its clients. Every job that is foretold narrows what it finds by this."""
    foresight = current()
    return rows if foresight is None else rows.filter(**{f"{path}__in": foresight.clients})


def among_pairs(model: str, pairs: list[tuple[int, date]]) -> list[tuple[int, date]]:
    """The same for (object id, day) of a model that belongs to a client; objects of others and of nobody are left out."""
    if current() is None:
        return pairs
    rows = apps.get_model(model)
    if not any(column.name == "client" for column in rows._meta.fields):
        return []
    ours = set(among(rows._base_manager.filter(pk__in=[pk for pk, _day in pairs])).values_list("pk", flat=True))
    return [pair for pair in pairs if pair[0] in ours]


def run(jobs: list, until: datetime, *, deliver: Callable, settle: Callable, report: Callable) -> None:
    """Every daily slot of the jobs before `until`, in order, and after each what follows from it; jobs that run more often do
    so once a day, which changes nothing: each finds what is due by a query. `deliver(id)` hands over a delivery,
    `settle(id)` assumes an outgoing row's answer, `report(job)` makes the report that a job gets."""
    foresight, day = current(), None
    while slot := next_slot(jobs, foresight.now, until):
        foresight.now = slot
        is_new_day, day = day != slot.date(), slot.date()
        for job in jobs:
            if job.latest_slot(slot) == slot if job.daily_at else is_new_day:
                told = report(job)
                job.function(slot, told)
                foresight.problems += [(slot, row) for row in told.failures]
                _settle_down(foresight, deliver, settle)


def next_slot(jobs: list, now: datetime, until: datetime) -> datetime | None:
    """The next moment at which a daily one of them runs."""
    slots = [slot for job in jobs if job.daily_at and (slot := job.next_slot(now)) < until]
    return min(slots, default=None)


def _settle_down(foresight: Foresight, deliver: Callable, settle: Callable) -> None:
    while foresight.waiting or foresight.settled < len(foresight.sends):
        while foresight.waiting:
            deliver(foresight.waiting.pop(0))
        fresh = foresight.sends[foresight.settled :]
        foresight.settled = len(foresight.sends)
        for _moment, row_id in fresh:
            settle(row_id)
