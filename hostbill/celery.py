"""The Celery application. All tasks are in hostbill.core.tasks; the schedule has one entry, the tick."""

import logging.config
import os
import time

from celery import Celery
from celery.signals import after_task_publish, setup_logging, worker_process_init
from django.conf import settings
from django.db import connections
from django_structlog.celery.steps import DjangoStructLogInitStep
from redis import Redis

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


@after_task_publish.connect(sender="hostbill.core.tasks.tick")
def show_that_beat_lives(**kwargs):
    """Only beat publishes the tick, so doing it is its sign of life, which /healthz reads."""
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.set("hostbill:beat", int(time.time()))
