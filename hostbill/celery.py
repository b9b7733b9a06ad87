"""The Celery application. All tasks are in hostbill.core.tasks; the schedule has one entry, the tick."""

import logging.config
import os

from celery import Celery
from celery.signals import setup_logging, worker_process_init
from django.conf import settings
from django.db import connections
from django_structlog.celery.steps import DjangoStructLogInitStep

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
