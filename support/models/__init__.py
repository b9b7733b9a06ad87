"""Models of the support app."""

from .department import Department
from .ticket import Ticket
from .ticket_message import TicketMessage

__all__ = ["Department", "Ticket", "TicketMessage"]
