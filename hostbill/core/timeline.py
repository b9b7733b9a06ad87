"""Moving the sandbox clock: every day passed gets its jobs, in order, and each day ends quiet."""

from datetime import datetime, timedelta

from hostbill.core import clock, jobs
from hostbill.core.drain import drain
from hostbill.core.scope import scope


def move_clock(target: datetime, on_day=None) -> int:
    """Move to ``target``. Daily jobs run at their own times; those that run every few minutes run once a day on the way
    and at the end, which changes nothing: each finds whatever is due by a query. Returns how many runs were made."""
    runs = 0
    clock.check_move(target)
    drain()
    while True:
        with scope():  # the seller's zone is asked for many times a day: read the options once
            moment = _next_daily_slot()
            if moment > target:
                break
            is_new_day = clock.today() != moment.astimezone(clock.seller_zone()).date()
            clock.move_to(moment)
            due = [entry for entry in jobs.all_jobs() if is_new_day or _begins(entry, moment)]
            runs += len(jobs.make_due(due, clock.now()))
        drain()
        if on_day:
            on_day(moment)
    clock.move_to(target)
    runs += len(jobs.make_due(jobs.all_jobs(), clock.now()))
    drain()
    return runs


def _begins(entry, moment: datetime) -> bool:
    return bool(entry.daily_at) and entry.latest_slot(moment) == moment


def _next_daily_slot() -> datetime:
    """The next time of day at which any daily job runs. Retries that fall due meanwhile run at that moment."""
    now = clock.now()
    slots = [entry.next_slot(now) for entry in jobs.all_jobs() if entry.daily_at]
    return min(slots, default=now + timedelta(days=1))
