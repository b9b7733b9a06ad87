"""The only Celery tasks. Each takes one row as far as it goes; nothing in the broker is the only copy of anything."""

import gc
import time
from datetime import datetime

from celery import shared_task
from celery.signals import worker_init
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from redis import Redis

from hostbill.core import counting, events, jobs, modules, nudge, outgoing
from hostbill.core.scope import scope

#: Nudges the tick sends at the most: the rest comes with the next ones.
SWEEP = 500
#: Rows that one task takes at the most before it lets others have their turn.
STEPS = 12
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
    """Hand one event to one handler, and go on with what follows from it."""
    follow([["deliver", delivery_id]])


@shared_task
def send(row_id: int) -> None:
    """Take one outgoing row, and go on with what follows from it."""
    follow([["send", row_id]])


@shared_task
def count_figure(asked: list, language: str) -> None:
    """Count [name, arguments] for the pages that show it. No row: whoever looks asks again."""
    counting.count(*asked, language=language)


@shared_task
def follow(steps: list) -> None:
    """Work off [[task, row id], ...] and what follows from them: one order is carried from its payment to its account
    without a way through the broker between the steps. What nobody waits for goes back to the broker, in one message.

    A worker that dies on the way loses nothing: every step is a row, which the tick finds."""
    work = {"deliver": events.deliver, "send": outgoing.process}
    with scope(), nudge.keep_own() as fresh:
        waiting, later, done = [tuple(step) for step in steps], [], 0
        while waiting and done < STEPS:
            task, row_id = waiting.pop(0)
            work[task](row_id)
            waiting += [step for priority, *step in fresh if priority == nudge.FIRST]
            later += [step for priority, *step in fresh if priority != nudge.FIRST]
            fresh.clear()
            done += 1
    for left, priority in ((waiting, nudge.FIRST), (later, nudge.LATER)):
        if left:
            nudge.publish("follow", left, priority=priority)


@worker_init.connect
def load_before_forking(**kwargs):
    """What every child would load on its first task: loaded once it is ready at once, and its memory is shared."""
    reverse("home")
    for kind in modules.kinds().values():
        for driver in kind.names():
            modules.driver_class(kind.name, driver)
    gc.collect()
    gc.freeze()
    # Rows come and go by the thousand; looking for cycles after every 700 of them is a tenth of the work.
    gc.set_threshold(20_000, 20, 20)
