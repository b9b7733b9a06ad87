"""Outgoing work: claim, send, look up, settle.

A kind has three functions: ``send`` and ``look_up`` talk to the network with no transaction open; ``settle`` writes the
final answer in one transaction. A call is sent blind at most once: whenever an earlier call may have worked, look_up asks
first.
"""

from __future__ import annotations

import json
import random
import uuid
from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.db.models.functions import Now

from hostbill.core import clock, foresight, heartbeat, nudge
from hostbill.core.errors import DriverError, OutcomeUnknown
from hostbill.core.fetch import fetch
from hostbill.core.models import Lane, Outgoing
from hostbill.core.scope import request_id, scope

log = structlog.get_logger(__name__)
State = Outgoing.State

#: Failures in a row after which a lane rests, and for how many seconds.
BREAKER_FAILURES, BREAKER_SECONDS = 5, 60


class OutgoingKind:
    """Base of outgoing kinds. Subclasses set ``kind`` and write the three functions."""

    kind = ""
    #: Seconds before the n-th further try; the last repeats.
    backoff = (30, 120, 300, 900, 3600)
    #: Calls at once to one remote system, where a new lane is made for it.
    at_once = 3
    #: Whether it may wait when there is more urgent work.
    later = False
    #: Tries stop this long after the row was made; then staff decide.
    budget = timedelta(hours=12)

    def send(self, row: Outgoing) -> dict:
        """Make the call; return what settle needs. Raises DriverError or OutcomeUnknown."""
        raise NotImplementedError

    def look_up(self, row: Outgoing) -> dict | None:
        """Ask whether an earlier call worked: its answer, or None when it surely did not happen."""
        raise NotImplementedError

    def settle(self, row: Outgoing, answer: dict | None, error: DriverError | None) -> None:
        """Write the outcome: an answer, or the error on which we gave up. Runs once, in a transaction."""
        raise NotImplementedError

    def foretell(self, row: Outgoing, assumed: dict) -> dict | None:
        """Looking ahead: the answer that is assumed instead of a call, in settle's form; None: it goes on waiting."""
        return None

    def on_retry(self, row: Outgoing, error: Exception) -> None:
        """Optional: show that a try failed and another will follow. Runs in a transaction."""


_kinds: dict[str, OutgoingKind] = {}


def register(cls: type[OutgoingKind]) -> type[OutgoingKind]:
    """Class decorator."""
    _kinds[cls.kind] = cls()
    return cls


_WRITE = """
INSERT INTO core_outgoing (kind, key, object_id, lane, payload, next_try_at, created_at, request_id,
                           state, must_look, attempts, error, error_code)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'queued', false, 0, '', '') ON CONFLICT (kind, key) DO NOTHING RETURNING id
"""


def queue(kind, object_id, *, key, lane="", not_before=None, payload=None) -> Outgoing:
    """Write the row, in the caller's transaction. The same (kind, key) again returns the row that stands."""
    row = Outgoing(kind=kind, key=key, object_id=object_id, lane=lane, payload=payload or {}, request_id=request_id())
    row.next_try_at = not_before or row.next_try_at
    with connection.cursor() as cursor:
        values = [kind, key, object_id, lane, json.dumps(row.payload), row.next_try_at, row.created_at, row.request_id]
        cursor.execute(_WRITE, values)
        written = cursor.fetchone()
    if written is None:
        return Outgoing.objects.get(kind=kind, key=key)
    row.pk = written[0]
    nudge.on_commit("send", row.pk, priority=_priority(kind))
    return row


def _priority(kind: str) -> int:
    return nudge.LATER if _kinds[kind].later else nudge.FIRST


def foresee(row_id: int) -> None:
    """Looking ahead: settle a row with the answer that its kind assumes, without any call."""
    with transaction.atomic():
        row = Outgoing.objects.select_for_update().get(pk=row_id)
        kind = _kinds[row.kind]
        answer = kind.foretell(row, foresight.current().assumed) if row.state == State.QUEUED else None
        if answer is not None:
            kind.settle(row, answer, None)
            Outgoing.objects.filter(pk=row.pk).update(state=State.DONE, finished_at=clock.now(), answer=answer)


def process(row_id: int) -> bool:
    """Take one row as far as it goes now. False when it is not due, done, in other hands, or its lane is full."""
    row = _claim(row_id)
    if row is None:
        return False
    kind = _kinds[row.kind]
    with scope(row.request_id), heartbeat.holding(_mine(row), "claimed_at"):
        _work(row, kind)
    return True


def _work(row: Outgoing, kind: OutgoingKind) -> None:
    try:
        answer = kind.look_up(row) if row.looks_first else None
        if answer is None:
            if row.looks_first:
                _check_claim(row)
            answer = kind.send(row)
    except LostClaim:
        log.warning("claim_lost", kind=row.kind, key=row.key)
    except OutcomeUnknown as error:
        _postpone(row, kind, error, unknown=True)
    except DriverError as error:
        _failed(row, kind, error)
    except Exception as error:  # a bug of ours: the call may have been made
        log.exception("outgoing_crashed", kind=row.kind, key=row.key)
        _postpone(row, kind, OutcomeUnknown(f"{type(error).__name__}: {error}", code="crashed"), unknown=True)
    else:
        _settle(row, kind, answer)


def _claim(row_id: int) -> Outgoing | None:
    """Claim by conditional update under the lane's lock, so that a lane never exceeds its limit.

    From here on the call may have been made, whatever happens to this process: the next holder looks first."""
    with transaction.atomic():
        row = fetch(Outgoing, row_id, lock="skip")
        if row is None or row.state not in (State.QUEUED, State.UNKNOWN) or row.next_try_at > clock.now():
            return None
        if not _lane_is_free(row.lane, _kinds[row.kind].at_once):
            return None
        row.looks_first, row.must_look = row.must_look, True
        row.state, row.claim, row.claimed_at = State.SENDING, uuid.uuid4(), Now()
        row.attempts += 1
        row.save(update_fields=["state", "claim", "claimed_at", "attempts", "must_look"])
        return row


def _lane_is_free(name: str, limit: int) -> bool:
    if not name:
        return True
    try:
        lane = fetch(Lane, name, lock="wait")
    except Lane.DoesNotExist:
        Lane.objects.get_or_create(name=name, defaults={"limit": limit})
        lane = fetch(Lane, name, lock="wait")
    if lane.stopped or (lane.open_until and lane.open_until > clock.now()):
        return False
    is_free = Outgoing.objects.filter(lane=name, state=State.SENDING).count() < lane.limit
    if not is_free and not lane.turned_away:
        Lane.objects.filter(name=name).update(turned_away=True)
    return is_free


def _mine(row: Outgoing):
    """The row, as long as our claim on it stands."""
    return Outgoing.objects.filter(pk=row.pk, claim=row.claim, state=State.SENDING)


def _check_claim(row: Outgoing) -> None:
    """Looking took its time. Without the claim nothing may be sent: others may be at it."""
    if not _mine(row).exists():
        raise LostClaim


class LostClaim(Exception):
    """The lease ran out and another worker has the row; whatever we were about to write must not be written."""


def _release(row: Outgoing, **values) -> None:
    """Write the new state if the row is still ours, else undo the transaction.

    The row comes last in the lock order, so it is touched after everything that settle() locks.
    """
    if _mine(row).update(claim=None, **values) != 1:
        raise LostClaim


def _settle(row: Outgoing, kind: OutgoingKind, answer: dict) -> None:
    others_wait = True
    try:
        with transaction.atomic():
            kind.settle(row, answer, None)
            _release(row, state=State.DONE, finished_at=clock.now(), answer=answer, error="")
            others_wait = _lane_well(row.lane)
    except LostClaim:
        log.warning("claim_lost", kind=row.kind, key=row.key)
    except Exception as error:
        log.exception("settle_failed", kind=row.kind, key=row.key)
        _postpone(row, kind, OutcomeUnknown(f"{type(error).__name__}: {error}", code="crashed"), unknown=True)
    if others_wait:
        _wake_lane(row.lane)


def _failed(row: Outgoing, kind: OutgoingKind, error: DriverError) -> None:
    if error.stop_lane and row.lane:
        Lane.objects.update_or_create(name=row.lane, defaults={"stopped": True, "reason": error.message})
    if error.permanent:
        _give_up(row, kind, error)
    else:
        _postpone(row, kind, error, unknown=False)


def _give_up(row: Outgoing, kind: OutgoingKind, error: DriverError) -> None:
    try:
        with transaction.atomic():
            kind.settle(row, None, error)
            _release(
                row,
                state=State.FAILED,
                finished_at=clock.now(),
                error=str(error)[:4000],
                error_code=error.code,
            )
    except LostClaim:
        log.warning("claim_lost", kind=row.kind, key=row.key)
    except Exception as problem:
        log.exception("settle_failed", kind=row.kind, key=row.key)
        _postpone(row, kind, OutcomeUnknown(f"{type(problem).__name__}: {problem}", code="crashed"), unknown=True)
    _wake_lane(row.lane)


def _postpone(row: Outgoing, kind: OutgoingKind, error: Exception, *, unknown: bool) -> None:
    out_of_time = clock.now() - row.created_at > kind.budget and row.attempts > len(kind.backoff)
    if out_of_time and not unknown:
        code = getattr(error, "code", "") or "gave_up"
        _give_up(row, kind, DriverError(error.message, permanent=True, code=code, technical=error.technical))
        return
    try:
        with transaction.atomic():
            kind.on_retry(row, error)
            _release(
                row,
                # A refusal proves that this call did nothing; anything else is looked up before the next call.
                must_look=row.must_look if unknown else row.attempts > 1,
                state=State.UNKNOWN if unknown else State.QUEUED,
                next_try_at=clock.now() + timedelta(seconds=_wait(row, kind, error, unknown)),
                error=str(error)[:4000],
                error_code=getattr(error, "code", "") or "",
            )
            _lane_ill(row.lane)
    except LostClaim:
        log.warning("claim_lost", kind=row.kind, key=row.key)
    _wake_lane(row.lane)


def _wait(row: Outgoing, kind: OutgoingKind, error: Exception, unknown: bool) -> int:
    if unknown and row.attempts == 1:
        return 1  # look soon: somebody may be watching the progress page
    asked = getattr(error, "retry_after", None)
    planned = kind.backoff[min(row.attempts, len(kind.backoff)) - 1]
    return asked or planned + random.randint(0, max(1, planned // 10))


def _lane_ill(name: str) -> None:
    if not name:
        return
    lane = Lane.objects.select_for_update().get(name=name)
    lane.failures += 1
    if lane.failures >= BREAKER_FAILURES:
        lane.open_until = clock.now() + timedelta(seconds=BREAKER_SECONDS)
    lane.save(update_fields=["failures", "open_until"])


def _lane_well(name: str) -> bool:
    """A call went well; whether others were turned away while the lane was full."""
    if not name:
        return False
    lane = fetch(Lane, name)
    if lane.failures:
        Lane.objects.filter(name=name).update(failures=0, open_until=None)
    return lane.turned_away


def _wake_lane(name: str) -> None:
    """A slot of the lane is free: nudge its next row, which was turned away while the lane was full."""
    if not name:
        return
    with transaction.atomic():
        # Under the lane's lock nobody is turned away between our look and the flag.
        Lane.objects.select_for_update().filter(name=name).first()
        waiting = Outgoing.objects.filter(lane=name, state=State.QUEUED, next_try_at__lte=clock.now())
        found = list(waiting.order_by("next_try_at", "id").values_list("pk", "kind")[:2])
        if len(found) < 2:
            Lane.objects.filter(name=name).update(turned_away=False)
    for row_id, kind in found[:1]:
        nudge.publish("send", row_id, priority=_priority(kind))


def due(limit: int = 500) -> list[int]:
    """Rows that can be taken now, oldest first."""
    waiting = Outgoing.objects.filter(state__in=[State.QUEUED, State.UNKNOWN], next_try_at__lte=clock.now())
    return list(waiting.order_by("next_try_at", "id").values_list("pk", flat=True)[:limit])


def expire_leases() -> int:
    """Rows whose worker died while sending become unknown. Real time: a moved clock must not do this."""
    silent = Outgoing.objects.filter(state=State.SENDING, claimed_at__lt=Now() - heartbeat.LEASE)
    if not silent.exists() or not heartbeat.can_judge():
        return 0
    return silent.update(state=State.UNKNOWN, claim=None, next_try_at=clock.now())


def retry(row: Outgoing) -> None:
    """Staff's retry: a failed row is tried again, looking first when an earlier call may have worked."""
    with transaction.atomic():
        own = Outgoing.objects.select_for_update().get(pk=row.pk)
        if own.state in (State.DONE, State.SENDING):
            return
        own.state = State.UNKNOWN if own.must_look else State.QUEUED
        own.next_try_at, own.created_at, own.finished_at = clock.now(), clock.now(), None
        own.save(update_fields=["state", "next_try_at", "created_at", "finished_at"])
        nudge.on_commit("send", own.pk)


def reopen_lane(name: str) -> None:
    """Staff have mended the remote system's access: let the waiting rows go."""
    Lane.objects.filter(name=name).update(stopped=False, failures=0, open_until=None, reason="")
    _wake_lane(name)
