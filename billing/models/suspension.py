"""Suspensions: every one is a row that says who, why, since when and because of which invoice."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.models import TrackedModel

from .owned import owned
from .subscription import Subscription


class Suspension(TrackedModel):
    """A reason for which a subscription is not served; the subscription is suspended while any is in force."""

    class Kind(models.TextChoices):
        NONPAYMENT = "nonpayment", _("Unpaid invoice")
        MANUAL = "manual", _("By staff")
        ABUSE = "abuse", _("Abuse")
        PAUSE = "pause", _("Paused")

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="suspensions")
    kind = models.CharField(max_length=12, choices=Kind)
    reason = models.CharField(max_length=300)
    invoice = models.ForeignKey("billing.Invoice", models.PROTECT, null=True, blank=True, related_name="suspensions")
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=200)
    until = models.DateField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=200, blank=True)
    # Days that were given back once it was over; null while nobody has looked.
    credited_days = models.PositiveIntegerField(null=True, blank=True, editable=False)

    objects = owned("billing.subscription.view", client_path="subscription__client_id", area="services")

    class Meta:
        ordering = ["-started_at", "-id"]
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "kind"],
                condition=models.Q(lifted_at__isnull=True),
                name="billing_suspension_one_live",
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.reason}"
