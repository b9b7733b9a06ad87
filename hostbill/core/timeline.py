"""Moving the sandbox clock: every day passed gets its jobs, in order, and each day ends quiet."""

from datetime import datetime, timedelta

from hostbill.core import clock, jobs
from hostbill.core.drain import drain


def move_clock(target: datetime, on_day=None) -> int:
    """Move to ``target``, running each day's daily jobs at their own times. Returns how many job runs were made."""
    runs = 0
    drain()
    while (moment := _next_daily_slot()) <= target:
        clock.move_to(moment)
        runs += len(jobs.enqueue_due())
        drain()
        if on_day:
            on_day(moment)
    clock.move_to(target)
    runs += len(jobs.enqueue_due())
    drain()
    return runs


def _next_daily_slot() -> datetime:
    """The next time of day at which any daily job runs. Retries that fall due meanwhile run at that moment."""
    now = clock.now()
    slots = [entry.next_slot(now) for entry in jobs.all_jobs() if entry.daily_at]
    return min(slots, default=now + timedelta(days=1))
