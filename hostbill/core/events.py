"""Events with deliveries: what happened is written with the change itself; each listener gets its own row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import ClassVar

import structlog
from django.db import connection, transaction
from django.db.models import Q

from hostbill.core import bulk, clock, foresight, nudge
from hostbill.core import models as rows
from hostbill.core.fetch import fetch, relate
from hostbill.core.gathering import note
from hostbill.core.scope import request_id, scope

log = structlog.get_logger(__name__)

#: Seconds until the next try after the n-th failure; after the last the delivery is dead and staff decide.
BACKOFF = (2, 10, 60, 300, 900, 3600, 3600, 3600)

#: The listener that tells programs of others. It gets a delivery only where an endpoint asks for the event.
WEBHOOKS = "core.webhooks"

#: Deliveries of many events that one message hands to a worker.
TOGETHER = 100

_event_types: dict[str, type[Event]] = {}
_listeners: dict[str, dict[str, object]] = {}
_later: set[str] = set()
#: Wire name -> public name, of those that programs of others can be told of.
_public: dict[str, str] = {}
_left_out: ContextVar[frozenset] = ContextVar("left_out_listeners", default=frozenset())


@dataclass(frozen=True)
class Event:
    """Base of all events: a frozen dataclass with ids only and a wire name."""

    name: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.name:
            _event_types[cls.name] = cls


def event_types() -> dict:
    """Every event the program knows, by wire name."""
    return dict(_event_types)


def publish(event_class: type[Event], public_name: str, tell) -> None:
    """Give an event a name outside the house: ``tell(event, row)`` is called where an endpoint asks for that name."""
    _public[event_class.name] = public_name
    listen(event_class, name=WEBHOOKS, later=True)(tell)


def listen(*event_classes, name: str, later: bool = False):
    """Register a handler under a unique name. It gets the event, runs in its own transaction and may run again.

    ``later``: nobody waits for it (mails, second looks), so it stands back when there is more urgent work."""

    def register_handler(handler):
        if later:
            _later.add(name)
        for event_class in event_classes:
            _listeners.setdefault(event_class.name, {})[name] = handler
        return handler

    return register_handler


@contextmanager
def without(*listeners: str) -> Iterator[None]:
    """What is emitted inside reaches every listener but these: an act that its caller wants without its mail.

    Raises LookupError for a name that no listener has."""
    for name in listeners:
        if not any(name in handlers for handlers in _listeners.values()):
            raise LookupError(f"no listener is called {name}")
    token = _left_out.set(_left_out.get() | set(listeners))
    try:
        yield
    finally:
        _left_out.reset(token)


def _handlers(event_name: str) -> list[str]:
    return [name for name in _listeners.get(event_name, ()) if name not in _left_out.get()]


#: One statement, because every order passes here several times. Each listener stands with the place of its event.
_WRITE = """
WITH wanted AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('core_event', 'id')) AS id, name, payload, place
    FROM unnest(%s::text[], %s::jsonb[]) WITH ORDINALITY AS event (name, payload, place)
), event AS (
    INSERT INTO core_event (id, name, payload, request_id, created_at) SELECT id, name, payload, %s, %s FROM wanted
)
INSERT INTO core_delivery (event_id, handler, state, attempts, next_try_at, error)
SELECT wanted.id, told.handler, 'waiting', 0, %s, '' FROM wanted
JOIN unnest(%s::int[], %s::text[], %s::jsonb[]) AS told (place, handler, public) USING (place)
WHERE told.handler <> %s OR EXISTS (SELECT 1 FROM core_webhookendpoint WHERE is_on AND events @> told.public)
RETURNING id, handler
"""


def emit(event: Event) -> None:
    """Write the event and its deliveries with the caller's change. Raises outside a transaction."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("emit() belongs in the transaction of the change it tells of")
    if ahead := foresight.current():
        ahead.events.append((clock.now(), event))
    note(_write, (event, _handlers(event.name)))


def _write(told: list[tuple[Event, list[str]]]) -> None:
    """Events, each with the listeners that it reaches, in their order."""
    now = clock.now()
    listeners = [
        (place, handler, json.dumps([_public.get(event.name, "")]))
        for place, (event, handlers) in enumerate(told, 1)
        for handler in handlers
    ]
    columns = [list(column) for column in zip(*listeners, strict=True)] or [[], [], []]
    names, payloads = [event.name for event, _handlers in told], [json.dumps(asdict(event)) for event, _handlers in told]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [names, payloads, request_id(), now, now, *columns, WEBHOOKS])
        deliveries = cursor.fetchall()
    for delivery_id, handler in deliveries:
        if handler not in _later:
            nudge.on_commit("deliver", delivery_id)
    later = [delivery_id for delivery_id, handler in deliveries if handler in _later]
    if len(later) == 1 or foresight.current():
        for delivery_id in later:
            nudge.on_commit("deliver", delivery_id, priority=nudge.LATER)
    elif later:
        nudge.on_commit("follow", [["deliver", delivery_id] for delivery_id in later], priority=nudge.LATER)


def emit_many(events: list[Event]) -> None:
    """The same for many of one kind, in a few statements. Their deliveries stand back: nobody waits for one of a hundred
    thousand."""
    if not events:
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("emit_many() belongs in the transaction of the changes it tells of")
    if foresight.current():  # it keeps each one
        for event in events:
            emit(event)
        return
    now, request, name = clock.now(), request_id(), events[0].name
    keys = bulk.reserve(rows.Event, len(events))
    bulk.insert(
        rows.Event,
        [
            bulk.new(rows.Event, id=key, name=name, payload=asdict(event), request_id=request, created_at=now)
            for key, event in zip(keys, events, strict=True)
        ],
    )
    handlers = _told_of(name)
    pairs = [(key, handler) for key in keys for handler in handlers]
    deliveries = bulk.reserve(rows.Delivery, len(pairs))
    bulk.insert(
        rows.Delivery,
        [
            bulk.new(rows.Delivery, id=delivery, event_id=key, handler=handler, next_try_at=now)
            for delivery, (key, handler) in zip(deliveries, pairs, strict=True)
        ],
    )
    for start in range(0, len(deliveries), TOGETHER):
        steps = [["deliver", delivery] for delivery in deliveries[start : start + TOGETHER]]
        nudge.on_commit("follow", steps, priority=nudge.LATER)


def _told_of(name: str) -> list[str]:
    """The listeners of many events of one kind."""
    handlers = _handlers(name)
    if WEBHOOKS in handlers and not rows.WebhookEndpoint.objects.filter(is_on=True, events__contains=[_public[name]]).exists():
        handlers.remove(WEBHOOKS)
    return handlers


def deliver(delivery_id: int) -> bool:
    """Run one waiting delivery. False when it is not due, done, or in other hands."""
    try:
        with transaction.atomic():
            delivery = _claim(delivery_id)
            if delivery is None:
                return False
            with scope(delivery.event.request_id):
                _run(delivery)
            delivery.state, delivery.done_at, delivery.error = rows.Delivery.State.DONE, clock.now(), ""
            delivery.save(update_fields=["state", "done_at", "error"])
    except Exception as error:
        log.exception("delivery_failed", delivery_id=delivery_id)
        _note_failure(delivery_id, error)
    return True


def _claim(delivery_id: int):
    delivery = fetch(rows.Delivery, delivery_id, lock="skip")
    if delivery is None or delivery.state != rows.Delivery.State.WAITING or delivery.next_try_at > clock.now():
        return None
    relate(delivery, "event")
    return delivery


def _run(delivery) -> None:
    handler = _listeners.get(delivery.event.name, {}).get(delivery.handler)
    if handler is None:
        raise LookupError(f"no handler called {delivery.handler}")
    event = _event_types[delivery.event.name](**delivery.event.payload)
    if delivery.handler == WEBHOOKS:
        handler(event, delivery.event)
    else:
        handler(event)


def _note_failure(delivery_id: int, error: Exception) -> None:
    with transaction.atomic():
        delivery = rows.Delivery.objects.select_for_update().get(pk=delivery_id)
        if delivery.state != rows.Delivery.State.WAITING:
            return
        delivery.attempts += 1
        delivery.error = f"{type(error).__name__}: {error}"[:2000]
        if delivery.attempts >= len(BACKOFF):
            delivery.state = rows.Delivery.State.DEAD
        else:
            delivery.next_try_at = clock.now() + timedelta(seconds=BACKOFF[delivery.attempts - 1])
        delivery.save()


def due(limit: int = 500) -> list[int]:
    """Deliveries that can run now, oldest first."""
    waiting = rows.Delivery.objects.filter(state=rows.Delivery.State.WAITING, next_try_at__lte=clock.now())
    return list(waiting.order_by("next_try_at", "id").values_list("pk", flat=True)[:limit])


def retry_delivery(delivery_id: int) -> None:
    """Staff's retry of a dead or waiting delivery."""
    with transaction.atomic():
        changed = rows.Delivery.objects.filter(~Q(state=rows.Delivery.State.DONE), pk=delivery_id).update(
            state=rows.Delivery.State.WAITING, attempts=0, next_try_at=clock.now()
        )
        if changed:
            nudge.on_commit("deliver", delivery_id)
