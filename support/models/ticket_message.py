"""What was said in a ticket, to the client or among staff."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock

from .ticket import Ticket


class TicketMessageQuerySet(models.QuerySet):
    """Messages by who may read them."""

    def without_notes(self):
        """What the client may read: neither notes nor the record of handing over."""
        return self.filter(kind__in=[TicketMessage.Kind.CLIENT, TicketMessage.Kind.STAFF])

    def visible_to(self, actor):
        """Staff with the right read all; a client what is said in its tickets, never the internal notes."""
        if actor.may("support.ticket.view"):
            return self
        if actor.kind == "client":
            return self.without_notes().filter(ticket__client_id__in=actor.clients_with("support"))
        return self.none()


class TicketMessage(models.Model):
    """One message. Its text is plain text as typed; names are frozen as they were. Attachments are core files with
    owner_kind `support.ticket_message`."""

    FILE_OWNER = "support.ticket_message"

    class Kind(models.TextChoices):
        """Who speaks to whom."""

        CLIENT = "client", _("From the client")
        STAFF = "staff", _("To the client")
        NOTE = "note", _("Internal note")
        EVENT = "event", _("Event")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=150)
    body = models.TextField(_("text"), max_length=50_000)
    at = models.DateTimeField(default=clock.now)

    objects = TicketMessageQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("ticket message")
        verbose_name_plural = _("ticket messages")

    def __str__(self):
        return f"{self.ticket.number}: {self.author_label}"

    @property
    def is_note(self):
        """True for what the client must not see."""
        return self.kind == self.Kind.NOTE
