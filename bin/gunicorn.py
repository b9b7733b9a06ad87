"""How gunicorn serves HostBill in production; every value can be changed by the environment."""

import os
from pathlib import Path

from prometheus_client import multiprocess

bind = os.environ.get("HOSTBILL_LISTEN", "0.0.0.0:8000")
workers = int(os.environ.get("HOSTBILL_WEB_PROCESSES", "2"))
threads = int(os.environ.get("HOSTBILL_WEB_THREADS", "4"))
worker_class = "gthread"
worker_tmp_dir = "/dev/shm"
preload_app = True
timeout = 60
graceful_timeout = 30
max_requests = 20000
max_requests_jitter = 2000
control_socket_disable = True
accesslog = None  # the application logs each request itself, as JSON with its id

metrics = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if metrics:
    Path(metrics).mkdir(parents=True, exist_ok=True)


def child_exit(server, worker):
    """Forgets the gauges of a process that has ended."""
    if metrics:
        multiprocess.mark_process_dead(worker.pid)
