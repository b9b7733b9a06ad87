"""What gateways told us: an inbox in which every message exists once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.models import TrackedModel


class GatewayEvent(TrackedModel):
    """A hint from a gateway. It is never believed: its object is fetched from the gateway before anything counts."""

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        DONE = "done", _("Done")
        IGNORED = "ignored", _("Not for us")
        FAILED = "failed", _("Failed")

    gateway = models.ForeignKey("core.ModuleConfig", models.PROTECT, related_name="+")
    remote_id = models.CharField(max_length=255)
    type = models.CharField(max_length=100)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=255, blank=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    message = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("gateway event")
        verbose_name_plural = _("gateway events")
        constraints = [models.UniqueConstraint(fields=["gateway", "remote_id"], name="billing_gatewayevent_once")]

    def __str__(self):
        return f"{self.type} {self.remote_id}"
