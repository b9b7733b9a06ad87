"""From what happened to what is sent: one delivery for each endpoint that asks for it and may know."""

import uuid

from django.db.models import Q

from hostbill.core import models as rows
from hostbill.core.events import Event
from hostbill.core.locks import lock_all
from hostbill.core.models import WebhookDelivery, WebhookEndpoint
from hostbill.core.webhooks import payload, turns
from hostbill.core.webhooks.catalogue import EventType, type_of
from hostbill.core.webhooks.owners import owner_of


def message_id() -> str:
    """The ``webhook-id``: the same at every try, so that receivers can drop what they have."""
    return f"msg_{uuid.uuid4().hex}"


def tell(event: Event, row: rows.Event) -> None:
    """Write the deliveries of an event. Runs in its own transaction, once."""
    found = type_of(event)
    object_id = getattr(event, found.key)
    for endpoint in lock_all(asking(found, object_id), no_key=True):
        actor = owner_of(endpoint)
        if actor is None or not found.open_to(actor, endpoint.client_id):
            continue
        told = payload.find(found, object_id, actor, endpoint)
        if told is not None:
            turns.enter(_delivery(endpoint, found, told, row))


def asking(found: EventType, object_id: int):
    """The endpoints that want this event: those of the house, and those of the client whose it is."""
    whose = Q(client_id=None)
    if found.subject.own:
        owner = found.subject.model._base_manager.filter(**{found.by: object_id}).values_list(found.subject.client, flat=True).first()
        whose |= Q(client_id=owner) if owner is not None else Q()
    return WebhookEndpoint.objects.filter(whose, is_on=True, events__contains=[found.name])


def _delivery(endpoint: WebhookEndpoint, found: EventType, told, row: rows.Event) -> WebhookDelivery:
    return WebhookDelivery(
        endpoint=endpoint,
        event=row,
        message_id=message_id(),
        type=found.name,
        object_kind=told._meta.label_lower,
        object_id=told.pk,
        body=payload.written(found.name, row.created_at, payload.told(found.subject, told, endpoint)),
    )
