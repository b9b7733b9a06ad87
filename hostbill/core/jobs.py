"""Clock work: declared with a schedule, found due by one tick, run once per slot whoever asks."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time

import structlog
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from hostbill.core import clock, heartbeat, nudge
from hostbill.core.audit import audit
from hostbill.core.errors import AppError, OutsideError
from hostbill.core.models import JobRun
from hostbill.core.scope import scope

log = structlog.get_logger(__name__)
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
KEPT_FAILURES = 200
#: A running job whose worker died is taken over; three deaths end it.
MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class Job:
    """A function with its schedule: ``every`` (aligned to the epoch) or ``daily_at`` in the seller's zone."""

    name: str
    function: object
    every: timedelta | None
    daily_at: clock_time | None
    foretold: bool = False

    def latest_slot(self, now: datetime) -> datetime:
        """The last slot at or before ``now`` (UTC)."""
        if self.every:
            return now - (now - EPOCH) % self.every
        day = now.astimezone(clock.seller_zone()).date()
        slot = clock.start_of(day, self.daily_at)
        return slot if slot <= now else clock.start_of(day - timedelta(days=1), self.daily_at)

    def next_slot(self, now: datetime) -> datetime:
        """The first slot after ``now``."""
        latest = self.latest_slot(now)
        if self.every:
            return latest + self.every
        day = latest.astimezone(clock.seller_zone()).date() + timedelta(days=1)
        return clock.start_of(day, self.daily_at)


_jobs: dict[str, Job] = {}


def job(name: str, *, every: timedelta | None = None, daily_at: str | None = None, foretold: bool = False):
    """Register ``function(now, report)``; exactly one of ``every`` and ``daily_at`` ("04:00"). ``foretold``: it takes part
    when somebody looks ahead, so it narrows what it finds by ``foresight.among`` and calls nobody outside."""

    def register(function):
        at = clock_time.fromisoformat(daily_at) if daily_at else None
        _jobs[name] = Job(name, function, every, at, foretold)
        return function

    return register


def all_jobs() -> list[Job]:
    """Every job, by name."""
    return [_jobs[name] for name in sorted(_jobs)]


def foretold_jobs() -> list[Job]:
    """Those that take part in looking ahead, by name."""
    return [entry for entry in all_jobs() if entry.foretold]


class Report:
    """What a run did: counts, and one line for each object that failed."""

    def __init__(self, run: JobRun):
        self.run = run
        self.counts: dict[str, int] = {}
        self.failures: list[dict] = []
        self._last_shown = time.monotonic()

    def count(self, what: str, number: int = 1) -> None:
        """Add to a named count."""
        self.counts[what] = self.counts.get(what, 0) + number
        self._show()

    def failed(self, obj, error: Exception) -> None:
        """Set one object aside with its reason; the run goes on."""
        self.counts["failed"] = self.counts.get("failed", 0) + 1
        if len(self.failures) < KEPT_FAILURES:
            kind = obj._meta.label_lower if hasattr(obj, "_meta") else type(obj).__name__
            row = {"object": kind, "id": getattr(obj, "pk", None), "label": str(obj)[:200]}
            known = isinstance(error, AppError | OutsideError)  # these bring words
            self.failures.append({**row, "error": (str(error) if known else f"{type(error).__name__}: {error}")[:500]})
        log.warning("job_object_failed", job=self.run.name, object=str(obj), error=str(error), exc_info=error)

    @contextmanager
    def guard(self, obj):
        """One object in one transaction: a failure is recorded and undone, the others go on."""
        try:
            with transaction.atomic():
                yield
        except Exception as error:
            self.failed(obj, error)

    def _show(self) -> None:
        """Progress of long runs, for the page that watches them."""
        if time.monotonic() - self._last_shown > 30:
            self._last_shown = time.monotonic()
            JobRun.objects.filter(pk=self.run.pk).update(counts=self.counts)


def enqueue_due(now: datetime | None = None) -> list[tuple[str, datetime]]:
    """Make the rows of slots that have come and nudge a worker. Two beats make one row."""
    made = make_due(_jobs.values(), now or clock.now())
    for name, slot in made:
        nudge.publish("run_job", name, slot.isoformat())
    return made


def make_due(entries, now: datetime) -> list[tuple[str, datetime]]:
    """Make the rows of these jobs' latest slots where they are missing; returns the new ones. Nobody is nudged."""
    rows = ((entry.name, entry.latest_slot(now)) for entry in entries)
    return [(name, slot) for name, slot in rows if JobRun.objects.get_or_create(name=name, slot=slot)[1]]


def waiting() -> list[tuple[str, datetime]]:
    """Runs that were made and not taken (their nudge was lost), or whose worker died."""
    queued = JobRun.objects.filter(state=JobRun.State.QUEUED)
    return list((queued | _dead()).order_by("slot", "id").values_list("name", "slot"))


def _dead():
    """Running for the database, but nobody has been at it lately."""
    silent = JobRun.objects.filter(state=JobRun.State.RUNNING, heartbeat_at__lt=Now() - heartbeat.LEASE)
    return silent if heartbeat.can_judge() else silent.none()


def run(name: str, slot: datetime) -> JobRun | None:
    """Run the job for the slot if it is still to be run; returns its row, or None when it was taken."""
    row = _claim(name, slot)
    if row is None:
        return None
    report, started = Report(row), time.monotonic()
    state, error = JobRun.State.DONE, ""
    mine = JobRun.objects.filter(pk=row.pk, state=JobRun.State.RUNNING, attempts=row.attempts)
    with scope(), heartbeat.holding(mine, "heartbeat_at"):
        try:
            _jobs[name].function(clock.now(), report)
        except Exception as exception:
            log.exception("job_failed", job=name)
            state, error = JobRun.State.FAILED, f"{type(exception).__name__}: {exception}"[:2000]
    mine.update(
        state=state,
        error=error,
        finished_at=clock.now(),
        seconds=round(time.monotonic() - started, 3),
        counts=report.counts,
        failures=report.failures,
    )
    row.refresh_from_db()
    return row


def run_now(name: str, *, actor) -> JobRun:
    """Staff's "run now": a slot of its own beside the planned ones. AppError while a run waits or is under way."""
    if name not in _jobs:
        raise AppError(_("There is no such job."), code="unknown_job")
    with transaction.atomic():
        if JobRun.objects.filter(name=name, state__in=[JobRun.State.QUEUED, JobRun.State.RUNNING]).exists():
            raise AppError(_("It waits or runs already."), code="under_way")
        row = JobRun.objects.create(name=name, slot=clock.now())
        audit(actor, "core.job_started", row)
        nudge.on_commit("run_job", name, row.slot.isoformat())
    return row


def _claim(name: str, slot: datetime) -> JobRun | None:
    with transaction.atomic():
        row = JobRun.objects.select_for_update(skip_locked=True).filter(name=name, slot=slot).first()
        if row is None or name not in _jobs:
            return None
        if row.state != JobRun.State.QUEUED and not _dead().filter(pk=row.pk).exists():
            return None
        if row.attempts >= MAX_ATTEMPTS:
            row.state, row.error = JobRun.State.FAILED, "The worker died each time."
        else:
            row.state, row.attempts = JobRun.State.RUNNING, row.attempts + 1
            row.started_at, row.heartbeat_at = clock.now(), Now()
        row.save()
        return row if row.state == JobRun.State.RUNNING else None
