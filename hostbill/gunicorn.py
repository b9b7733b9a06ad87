"""How gunicorn serves HostBill: `gunicorn --config python:hostbill.gunicorn hostbill.wsgi`."""

import gc
import os
from pathlib import Path

from prometheus_client import multiprocess

bind = os.environ.get("HOSTBILL_LISTEN", "0.0.0.0:8000")
workers = int(os.environ.get("HOSTBILL_WEB_PROCESSES", "2"))
threads = int(os.environ.get("HOSTBILL_WEB_THREADS", "4"))
worker_class = "gthread"
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
preload_app = True
timeout = 60
graceful_timeout = int(os.environ.get("HOSTBILL_WEB_GRACE", "30"))  # seconds for requests under way at a stop
max_requests = 20000
max_requests_jitter = 2000
control_socket_disable = True
accesslog = None  # the application logs each request itself, as JSON with its id

metrics = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if metrics:
    Path(metrics).mkdir(parents=True, exist_ok=True)


def when_ready(server):
    """What is loaded now stays: the processes share it, and nobody looks for cycles in it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


def post_request(worker, request, environ, response):
    """Cycles are looked for between requests, when the answer has left: in the middle of one, a look at all that a long page
    has under its hands would cost 8 ms. What the look finds after a request is little."""
    worker.served = getattr(worker, "served", 0) + 1
    gc.collect(2 if worker.served % 1000 == 0 else 1 if worker.served % 50 == 0 else 0)


def child_exit(server, worker):
    """Forgets the gauges of a process that has ended."""
    if metrics:
        multiprocess.mark_process_dead(worker.pid)
