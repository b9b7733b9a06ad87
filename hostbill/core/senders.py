"""The floor's outgoing kinds, registered at start-up."""

from hostbill.core.channels.email import MessageSender
from hostbill.core.crud.senders import BulkSender, ExportSender

__all__ = ["BulkSender", "ExportSender", "MessageSender"]
