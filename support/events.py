"""What happens to tickets."""

from dataclasses import dataclass
from typing import ClassVar

from hostbill.core.events import Event


@dataclass(frozen=True)
class TicketOpened(Event):
    """A ticket exists, with its first message."""

    name: ClassVar[str] = "support.ticket_opened"
    ticket_id: int
    message_id: int


@dataclass(frozen=True)
class TicketReplied(Event):
    """Client or staff wrote another message the other side shall read."""

    name: ClassVar[str] = "support.ticket_replied"
    ticket_id: int
    message_id: int


@dataclass(frozen=True)
class TicketClosed(Event):
    """A ticket was closed."""

    name: ClassVar[str] = "support.ticket_closed"
    ticket_id: int


@dataclass(frozen=True)
class TicketAssigned(Event):
    """A ticket was handed to a colleague."""

    name: ClassVar[str] = "support.ticket_assigned"
    ticket_id: int
