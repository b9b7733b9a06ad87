"""Pauses: a service that rests and is not charged meanwhile."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.models import TrackedModel

from .owned import owned
from .subscription import Subscription


class Pause(TrackedModel):
    """From `from_on`, the first day that is not invoiced, until `resumed_on`, on which a new period begins. It comes with a
    suspension of kind "pause", whose last day ends it by itself."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="pauses")
    from_on = models.DateField()
    asked_on = models.DateField()
    asked_by = models.CharField(max_length=200)
    resumed_on = models.DateField(null=True, blank=True)

    objects = owned("billing.subscription.view", client_path="subscription__client_id", area="services")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"], condition=models.Q(resumed_on=None), name="billing_pause_one_open"
            )
        ]

    def __str__(self):
        return f"{self.subscription}: {self.from_on}"
