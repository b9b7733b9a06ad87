"""Tickets: questions of clients, and whose turn it is."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from hostbill.core import clock
from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel
from hostbill.core.search import Words
from provisioning.models import Service

from .department import Department


class TicketQuerySet(models.QuerySet):
    """Tickets by state and by who may see them."""

    def waiting_for_us(self):
        """The client spoke last."""
        return self.filter(state__in=[Ticket.State.OPEN, Ticket.State.CUSTOMER_REPLY])

    def not_closed(self):
        """Still being worked on by one side."""
        return self.exclude(state=Ticket.State.CLOSED)

    def past_reply_time(self):
        """Waiting for us longer than the department promises."""
        return self.waiting_for_us().filter(reply_due_at__lt=clock.now())

    def visible_to(self, actor):
        """Staff with the right see all; a client the tickets of accounts where it has the support area."""
        if actor.may("support.ticket.view"):
            return self
        if actor.kind == "client":
            return self.filter(client_id__in=actor.clients_with("support"))
        return self.none()


class Ticket(TrackedModel):
    """A conversation with a client. `waiting_since` is set while the client waits for us."""

    class State(models.TextChoices):
        """Whose turn it is."""

        OPEN = "open", _("New")
        ANSWERED = "answered", _("Answered")
        CUSTOMER_REPLY = "customer_reply", _("Client replied")
        CLOSED = "closed", _("Closed")

    class Priority(models.IntegerChoices):
        """How urgent it is for the client."""

        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")

    TRANSITIONS = {
        "open": {"answered", "closed"},
        "answered": {"customer_reply", "closed", "open"},
        "customer_reply": {"answered", "closed"},
        "closed": {"open", "customer_reply", "answered"},
    }

    number = models.CharField(_("number"), max_length=20, unique=True)
    client = models.ForeignKey(Client, models.PROTECT, related_name="tickets", verbose_name=_("client"))
    department = models.ForeignKey(Department, models.PROTECT, related_name="tickets", verbose_name=_("department"))
    service = models.ForeignKey(
        Service, models.SET_NULL, null=True, blank=True, related_name="tickets", verbose_name=_("about")
    )
    subject = models.CharField(_("subject"), max_length=200)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.OPEN)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_tickets",
        verbose_name=_("waits for"),
    )
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True)
    reply_due_at = models.DateTimeField(_("answer promised by"), null=True, blank=True)
    answered_at = models.DateTimeField(_("last answered at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    last_message_at = models.DateTimeField(_("last message at"), default=clock.now)

    objects = TicketQuerySet.as_manager()
    SEARCH = Words("support_ticket_words", "subject")

    class Meta:
        ordering = ["-last_message_at"]
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [
            models.Index(fields=["last_message_at", "id"], name="support_ticket_list"),
            models.Index(fields=["state", "last_message_at", "id"], name="support_ticket_state_list"),
            models.Index(fields=["state", "waiting_since"], name="support_ticket_queue"),
            models.Index(fields=["waiting_since", "id"], name="support_ticket_waiting"),
            models.Index(fields=["priority"], name="support_ticket_by_priority"),
            models.Index(fields=["client", "-last_message_at"], name="support_ticket_client"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "customer_reply"], waiting_since__isnull=False)
                | Q(state__in=["answered", "closed"], waiting_since__isnull=True),
                name="support_ticket_waits_or_not",
            )
        ]

    def __str__(self):
        return f"{self.number} {self.subject}"

    def get_absolute_url(self):
        """The staff page of this ticket."""
        return address("support_staff:ticket_detail", self.pk)

    @property
    def waits_for_us(self):
        """True when the client spoke last."""
        return self.waiting_since is not None

    @property
    def late_by(self):
        """How long the promised answer is overdue, as a timedelta; None when it is not."""
        if self.reply_due_at is None or self.reply_due_at >= clock.now():
            return None
        return clock.now() - self.reply_due_at

    @property
    def state_words(self):
        """State as (kind, words, rest) for staff."""
        if self.late_by:
            return ("late", _("Waits for us"), _("past the promised time"))
        kinds = {"open": "attention", "customer_reply": "attention", "answered": "pending", "closed": "ended"}
        words = {
            "open": _("Waits for us"),
            "customer_reply": _("Client replied"),
            "answered": _("Waits for the client"),
            "closed": _("Closed"),
        }
        return (kinds[self.state], words[self.state])

    @property
    def portal_state_words(self):
        """State as (kind, words) for the client: whose turn it is."""
        if self.state == self.State.ANSWERED:
            return ("attention", _("Your answer is needed"))
        if self.state == self.State.CLOSED:
            return ("ended", _("Closed"))
        return ("pending", _("With us"))

    def start_waiting(self):
        """Note that the client waits for us from now on, unless it waits already."""
        if self.waiting_since is None:
            self.waiting_since = clock.now()
        self.promise()

    def promise(self):
        """Compute the promised time from the department."""
        if self.waiting_since is not None:
            self.reply_due_at = self.waiting_since + timedelta(minutes=self.department.reply_minutes)

    def stop_waiting(self):
        """Note that it is the client's turn, or nobody's."""
        self.waiting_since = self.reply_due_at = None

    def turn(self):
        """The columns that say whose turn it is, for a transition to save along."""
        return {
            "waiting_since": self.waiting_since,
            "reply_due_at": self.reply_due_at,
            "last_message_at": self.last_message_at,
        }
