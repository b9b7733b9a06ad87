"""The only Celery tasks. Each takes one row as far as it goes; nothing in the broker is the only copy of anything."""

import time
from datetime import datetime

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from redis import Redis

from hostbill.core import events, jobs, outgoing

#: Nudges the tick sends at the most: the rest comes with the next ones.
SWEEP = 500
#: Tasks that wait in the broker from which on the tick adds none: they are worked off first.
BUSY = 50


@shared_task
def tick() -> None:
    """The beat's one entry: make due job runs, and find again whatever was not nudged."""
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.set("hostbill:worker", int(time.time()))
        waiting = sum(
            redis.llen(key) for key in redis.scan_iter(f"{settings.CELERY_TASK_DEFAULT_QUEUE}*", _type="list")
        )
    jobs.enqueue_due()
    outgoing.expire_leases()
    if waiting > BUSY:
        return  # the rows found now would mostly be those that wait in the queue already
    if not cache.add("hostbill:sweep", 1, timeout=max(5, settings.TICK_SECONDS - 2)):
        return  # another beat's tick has just nudged them
    for name, slot in jobs.waiting():
        run_job.delay(name, slot.isoformat())
    for row_id in events.due(SWEEP):
        deliver.delay(row_id)
    for row_id in outgoing.due(SWEEP):
        send.delay(row_id)


@shared_task
def run_job(name: str, slot: str) -> None:
    """Run one job for one slot."""
    jobs.run(name, datetime.fromisoformat(slot))


@shared_task
def deliver(delivery_id: int) -> None:
    """Hand one event to one handler."""
    events.deliver(delivery_id)


@shared_task
def send(row_id: int) -> None:
    """Take one outgoing row."""
    outgoing.process(row_id)
