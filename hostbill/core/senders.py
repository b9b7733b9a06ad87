"""The floor's outgoing kinds, registered at start-up."""

from hostbill.core.channels.email import MessageSender
from hostbill.core.crud.senders import BulkSender, ExportSender
from hostbill.core.webhooks.sender import WebhookSender

__all__ = ["BulkSender", "ExportSender", "MessageSender", "WebhookSender"]
