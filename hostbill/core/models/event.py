"""The outbox: what happened, and who has still to be told."""

from django.db import models
from django.db.models import Q

from hostbill.core import clock, labels


class Event(models.Model):
    """Something that happened; ids only, so that handlers read current rows."""

    name = models.CharField(max_length=80)
    payload = models.JSONField()
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["name", "-id"], name="core_event_name")]

    def __str__(self):
        return f"{self.name} {self.payload}"

    @property
    def words(self) -> str:
        """The name as words: billing.invoice_paid is "Invoice paid"."""
        return labels.label_of(labels.EVENT, self.name)


class Delivery(models.Model):
    """One event for one handler. Locked, handled and marked done in one transaction: exactly once."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        DEAD = "dead"

    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "handler"], name="core_delivery_once")]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="core_delivery_waiting"),
            models.Index(fields=["-id"], condition=Q(state="dead"), name="core_delivery_dead"),
        ]

    @property
    def handler_words(self) -> str:
        """The handler as words: billing.mail_on_invoice_issued is "Mail the invoice"."""
        return labels.label_of(labels.HANDLER, self.handler)
