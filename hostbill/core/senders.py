"""The floor's outgoing kinds, registered at start-up."""

from hostbill.core.channels.email import MessageSender

__all__ = ["MessageSender"]
