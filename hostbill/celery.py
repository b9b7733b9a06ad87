"""The Celery application. All tasks are in hostbill.core.tasks; the schedule has one entry, the tick."""

import logging.config
import os
import time

from celery import Celery
from celery.signals import after_task_publish, beat_init, setup_logging, worker_process_init, worker_ready
from django.conf import settings
from django.db import connections
from django_structlog.celery.steps import DjangoStructLogInitStep
from redis import Redis, RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hostbill.settings")

app = Celery("hostbill")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks(["hostbill.core"])


@setup_logging.connect
def use_django_logging(**kwargs):
    """Celery would replace the log configuration; ours writes JSON with request ids."""
    logging.config.dictConfig(settings.LOGGING)


@worker_process_init.connect
def forget_inherited_connections(**kwargs):
    """A forked child must not share its parent's database sockets."""
    for connection in connections.all(initialized_only=True):
        connection.close()


@beat_init.connect
@after_task_publish.connect(sender="hostbill.core.tasks.tick")
def show_that_beat_lives(**kwargs):
    """Only beat publishes the tick, so doing it is its sign of life, which /healthz reads."""
    leave_sign_of_life("beat")


@worker_ready.connect
def show_that_worker_lives(**kwargs):
    """The first sign of life; later ones come with each tick it works on."""
    leave_sign_of_life("worker")


def leave_sign_of_life(process: str) -> None:
    """Writes the real time down in the broker. A broker that is away must not stop the process."""
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as redis:
            redis.set(f"hostbill:{process}", int(time.time()))
    except RedisError:
        pass
