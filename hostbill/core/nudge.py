"""Tell a worker at commit that a row is waiting. Only a nudge: when it is lost, the tick finds the row."""

from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from celery import current_app
from django.db import transaction

from hostbill.core import foresight

log = structlog.get_logger(__name__)


#: Nudges of the row in hand, kept by a worker that goes on with them itself instead of asking the broker for each.
_own: ContextVar[list | None] = ContextVar("own_nudges", default=None)

#: Priorities of nudges: what customers wait for first, mails and other news after it.
FIRST, LATER = 0, 6


def on_commit(task: str, *args, priority: int = FIRST) -> None:
    """Publish ``hostbill.core.tasks.<task>`` when the surrounding transaction commits."""
    if ahead := foresight.current():
        ahead.keep(task, args)
        return
    transaction.on_commit(lambda: publish(task, *args, priority=priority), robust=True)


def publish(task: str, *args, priority: int = FIRST) -> bool:
    """Publish now; False when the broker cannot be reached."""
    if foresight.current():
        return False
    own = _own.get()
    if own is not None and task in ("deliver", "send"):
        own.append((priority, task, *args))
        return True
    try:
        current_app.send_task(f"hostbill.core.tasks.{task}", args=args, priority=priority, retry=False)
    except Exception as error:  # any broker trouble: the row is in the database, so nothing is lost
        log.warning("nudge_failed", task=task, error=str(error))
        return False
    return True


@contextmanager
def keep_own():
    """Collect the nudges of the block as (priority, task, row id) instead of publishing them."""
    token = _own.set([])
    try:
        yield _own.get()
    finally:
        _own.reset(token)
