"""Run everything that is due until it is quiet: used by the clock command, the demo and the tests.

Safe beside running workers, since each row is claimed by whoever comes first.
"""

import time

from hostbill.core import clock, events, jobs, outgoing
from hostbill.core.errors import AppError
from hostbill.core.models import Delivery, JobRun, Outgoing


def drain(seconds: float = 60) -> int:
    """Deliver, send and run what is due; wait for what workers hold. Returns how many rows were processed.

    Raises AppError when it is not quiet after ``seconds``.
    """
    done, deadline = 0, time.monotonic() + seconds
    while True:
        progressed = sum(jobs.run(name, slot) is not None for name, slot in jobs.waiting())
        progressed += sum(events.deliver(row_id) for row_id in events.due())
        progressed += sum(outgoing.process(row_id) for row_id in outgoing.due())
        done += progressed
        if not progressed and not _busy():
            return done
        if time.monotonic() > deadline:
            raise AppError(f"Not quiet after {seconds} s: {_busy()} rows are still under way.", code="not_quiet")
        if not progressed:
            time.sleep(0.05)


def _busy() -> int:
    """Rows in somebody's hands or due this moment (a lane may be full)."""
    due_now = {"next_try_at__lte": clock.now()}
    return (
        Outgoing.objects.filter(state=Outgoing.State.SENDING).count()
        + JobRun.objects.filter(state__in=[JobRun.State.RUNNING, JobRun.State.QUEUED]).count()
        + Delivery.objects.filter(state=Delivery.State.WAITING, **due_now).count()
    )
