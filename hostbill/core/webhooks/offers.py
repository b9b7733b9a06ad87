"""What each app's `webhooks.py` says: which of its events have a public name."""

from hostbill.core.events import Event, publish
from hostbill.core.webhooks.catalogue import KEPT_IN, EventType, Subject, register
from hostbill.core.webhooks.telling import tell

__all__ = ["Subject", "keep_in", "offer"]


def offer(subject: Subject, name: str, event: type[Event], key: str, *, by: str = "pk", for_clients: bool = True) -> None:
    """Give an event a public name: subject ``invoice`` and name ``paid`` make invoice.paid; the rest is as in `EventType`."""
    found = EventType(f"{subject.name}.{name}", event, subject, key, by, for_clients)
    register(found)
    publish(event, found.name, tell)


def keep_in(event: type[Event], why: str) -> None:
    """Say that an event has no public name."""
    KEPT_IN[event.name] = why
