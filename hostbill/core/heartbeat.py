"""Signs of life for rows in hand: whoever holds a row renews its time stamp, so that a dead holder is noticed within a minute.

A claim lasts LEASE after its last beat. That is longer than a dead worker's last call is likely to keep the other side busy,
because the call is looked up right afterwards. Stamps are the database's time, so machines may disagree about theirs.
"""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

log = structlog.get_logger(__name__)

#: Without a beat for so long the holder is dead.
LEASE = timedelta(seconds=settings.LEASE_SECONDS)
#: Seconds between two beats: several fit into a lease, so that a slow machine is not taken for dead.
BEAT = min(5, LEASE.total_seconds() / 4)
#: After a restart of the database its living holders need so long to be heard again.
SETTLING = timedelta(seconds=15)

_held: dict[object, Callable[[], object]] = {}
_lock = threading.Lock()
_thread: threading.Thread | None = None


@contextmanager
def holding(rows, field: str):
    """Renew ``field`` of ``rows`` (a queryset that matches only while they are ours) until the block ends or this process dies."""
    token = object()
    with _lock:
        _held[token] = lambda: rows.update(**{field: Now()})
        _start()
    try:
        yield
    finally:
        with _lock:
            _held.pop(token, None)


def _start() -> None:
    """One thread per process; a forked child starts its own."""
    global _thread
    if _thread is None or not _thread.is_alive():
        _thread = threading.Thread(target=_beat_for_ever, daemon=True, name="heartbeat")
        _thread.start()


def _beat_for_ever() -> None:
    pause = threading.Event()
    while not pause.wait(BEAT):
        beat()


def beat() -> None:
    """Renew everything this process holds. The connection is not kept: most rows are done before the first beat."""
    with _lock:
        renewals = list(_held.values())
    if not renewals:
        return
    try:
        for renew in renewals:
            renew()
    except DatabaseError as error:  # the database is away; the next beat tries again
        log.warning("heartbeat_failed", error=str(error))
    finally:
        if threading.current_thread() is _thread:
            connection.close()


def can_judge() -> bool:
    """False for some seconds after a start of the database: nobody could beat while it was away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time() < statement_timestamp() - %s", [SETTLING])
        return cursor.fetchone()[0]
