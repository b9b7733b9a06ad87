"""What programs can be told of: public names of business events, declared by each app in `<app>/webhooks.py`."""

from dataclasses import dataclass

from django.db.models import Model
from django.urls import get_resolver

from hostbill.core import labels
from hostbill.core.access import Actor
from hostbill.core.api.fields import Fact, fact
from hostbill.core.api.nouns import Noun, noun_of
from hostbill.core.events import Event

#: Sent on request only, to try an endpoint.
TEST = "webhook.test"


@dataclass(frozen=True)
class Subject:
    """What events are about. ``name``: the first part of its types; ``label``: of many, in words.

    Staff are told what the API tells of it; where that has no noun of it, ``facts``, with ``permission``. A client is told ``own`` of
    what is its own: ``client`` is the way from the row to the client's id, ``area`` the right that it takes in the account.
    Both are names, or Facts; without ``own`` clients are told nothing of it. ``select``, ``prefetch``: what ``own`` reads."""

    name: str
    model: type[Model]
    label: str
    client: str = ""
    area: str = ""
    own: tuple = ()
    facts: tuple = ()
    permission: str = ""
    select: tuple = ()
    prefetch: tuple = ()

    @property
    def noun(self) -> Noun | None:
        """What the API knows of it. The nouns are known once the addresses are."""
        _ = get_resolver().url_patterns
        return noun_of(self.model)

    @property
    def needed(self) -> str:
        """The staff permission to see it."""
        return self.permission or self.noun.permission


@dataclass(frozen=True)
class EventType:
    """One public event. ``key``: the attribute of the event that holds an id; ``by``: how that id finds the subject's row.
    ``for_clients``: whether clients may choose it for what is theirs."""

    name: str
    event: type[Event]
    subject: Subject
    key: str
    by: str
    for_clients: bool

    @property
    def label(self) -> str:
        """In words."""
        return labels.label_of(labels.EVENT, self.event.name)

    @property
    def about(self) -> str:
        """What it means, as the event's own declaration says."""
        return (self.event.__doc__ or "").strip().split("\n")[0]

    @property
    def is_for_clients(self) -> bool:
        """Whether an account can have it told."""
        return self.for_clients and bool(self.subject.own)

    def open_to(self, actor: Actor, client_id: int | None) -> bool:
        """Whether this person may have it told, of all (``client_id`` None) or of one account."""
        if client_id is None:
            return actor.may(self.subject.needed)
        return self.is_for_clients and actor.may_in_area(client_id, self.subject.area)


_types: dict[str, EventType] = {}
_by_event: dict[str, EventType] = {}
#: Events that only our own parts need, by wire name: why.
KEPT_IN: dict[str, str] = {}


def register(found: EventType) -> None:
    """Make it known."""
    _types[found.name] = _by_event[found.event.name] = found


def all_types() -> list[EventType]:
    """Every public event, in the order of declaration."""
    return list(_types.values())


def may_read(actor: Actor, delivery) -> bool:
    """Whether this person may see what a delivery tells: now, which may be less than when it was written."""
    found = _types.get(delivery.type)
    return delivery.type == TEST or found is not None and found.open_to(actor, delivery.endpoint.client_id)


def type_of(event: Event) -> EventType:
    """The public event of what happened."""
    return _by_event[event.name]


def types_for(actor: Actor, client_id: int | None) -> list[EventType]:
    """Those that this person may choose."""
    return [found for found in _types.values() if found.open_to(actor, client_id)]


def spelt(model: type[Model], entries: tuple) -> tuple[Fact, ...]:
    """Facts of names and Facts, the id first."""
    names = [part for entry in ("id", *entries) for part in (entry.split() if isinstance(entry, str) else [entry])]
    return tuple(entry if isinstance(entry, Fact) else fact(model, entry) for entry in names)
