"""Whatever leaves the building is a row first."""

from django.db import models
from django.db.models import Q

from hostbill.core import clock, labels


class Lane(models.Model):
    """One remote system: how many calls at once, and whether calls are stopped for now (circuit breaker)."""

    name = models.CharField(max_length=80, primary_key=True)
    limit = models.PositiveSmallIntegerField(default=3)
    failures = models.PositiveSmallIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    stopped = models.BooleanField(default=False, help_text="Staff must look before another call is made.")
    reason = models.TextField(blank=True)
    turned_away = models.BooleanField(default=False, help_text="A row found the lane full and waits for a slot.")


class Outgoing(models.Model):
    """A call to be made. queued > sending > done | failed; sending too old becomes unknown, never queued."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        UNKNOWN = "unknown"
        DONE = "done"
        FAILED = "failed"

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    object_id = models.BigIntegerField()
    lane = models.CharField(max_length=80, blank=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    must_look = models.BooleanField(default=False, help_text="A call may already have worked: look before sending.")
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True, help_text="Real time, not the sandbox clock.")
    next_try_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)
    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="core_outgoing_once")]
        indexes = [
            models.Index(fields=["next_try_at", "id"], condition=~Q(state="done"), name="core_outgoing_not_done"),
            models.Index(
                fields=["next_try_at"], condition=Q(state__in=["queued", "unknown"]), name="core_outgoing_due"
            ),
            models.Index(fields=["lane"], condition=Q(state="sending"), name="core_outgoing_lane"),
            models.Index(fields=["kind", "object_id"], name="core_outgoing_object"),
            models.Index(fields=["-id"], condition=Q(state="failed"), name="core_outgoing_failed"),
        ]

    def __str__(self):
        return f"{self.call_words} {self.key}"

    @property
    def call_words(self) -> str:
        """The kind as words: billing.charge is "Charge a saved card"."""
        return labels.label_of(labels.CALL, self.kind)
