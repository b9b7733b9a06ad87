"""Deliveries in their turn: events of one object go to an endpoint in their order, as far as that can be had.

The next one waits (``held``) until the one before was taken or given up, or has been tried for ``BOUND``: from then on a
receiver that is down for hours is told of new things first, and of the old one whenever it works. Callers hold the endpoint's
lock, so that no two see each other's turn half done."""

from datetime import timedelta
from urllib.parse import urlsplit

from hostbill.core import clock, outgoing
from hostbill.core.models import WebhookDelivery

KIND = "core.webhook"
BOUND = timedelta(minutes=30)
State = WebhookDelivery.State


def line(delivery: WebhookDelivery):
    """What is not over of the same object at the same endpoint."""
    same = {"endpoint_id": delivery.endpoint_id, "object_kind": delivery.object_kind, "object_id": delivery.object_id}
    return WebhookDelivery.objects.filter(**same, state__in=[State.HELD, State.WAITING])


def in_front(delivery: WebhookDelivery):
    """Those being tried now for which the others wait."""
    return line(delivery).filter(state=State.WAITING, queued_at__gt=clock.now() - BOUND)


def enter(delivery: WebhookDelivery) -> None:
    """Write a new one: sent now, or held."""
    waits = delivery.object_id is not None and (in_front(delivery).exists() or line(delivery).filter(state=State.HELD).exists())
    delivery.state = State.HELD if waits else State.WAITING
    delivery.queued_at = None if waits else clock.now()
    delivery.save(force_insert=True)
    if not waits:
        send(delivery)


def advance(delivery: WebhookDelivery) -> None:
    """After a try of this one: the next that was held goes, when nothing is in front of it any more."""
    if delivery.object_id is None or in_front(delivery).exists():
        return
    following = line(delivery).filter(state=State.HELD).select_related("endpoint").order_by("event_id", "pk").first()
    if following is not None:
        start(following)


def start(delivery: WebhookDelivery) -> None:
    """Begin to try it, for the first time or again."""
    delivery.state, delivery.queued_at, delivery.finished_at = State.WAITING, clock.now(), None
    delivery.save(update_fields=["state", "queued_at", "finished_at", "replays"])
    send(delivery)


def send(delivery: WebhookDelivery) -> None:
    """The row that a worker sends; calls to one host share a lane."""
    lane = f"webhook:{urlsplit(delivery.endpoint.target_url).hostname}"[:80]
    outgoing.queue(KIND, delivery.pk, key=f"{delivery.pk}:{delivery.replays}", lane=lane)
