"""What was used of a metered product, event by event, and the months that are closed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.models import TrackedModel

from .cycle import Period
from .metric import Metric, MetricTerms
from .owned import OwnedQuerySet, owned
from .subscription import Subscription


class UsageRecordQuerySet(OwnedQuerySet):
    """Finding records."""

    def open(self):
        """Those that no closed month counts yet."""
        return self.filter(period=None)


class UsageRecord(TrackedModel):
    """One measured event, known by an id that its sender gives; the same id again is the same event. A negative quantity corrects
    and says why. `occurred_on` is the seller's day of `occurred_at`. `period` is the closed month that counts it: set once,
    and nothing else of it ever changes, which the database sees to."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="usage_records", verbose_name=_("subscription"))
    metric = models.ForeignKey(Metric, models.PROTECT, related_name="records", verbose_name=_("metric"))
    event_id = models.CharField(_("event"), max_length=100)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    occurred_at = models.DateTimeField(_("when"))
    occurred_on = models.DateField()
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_by = models.CharField(_("recorded by"), max_length=200, blank=True)
    period = models.ForeignKey("billing.UsagePeriod", models.PROTECT, null=True, blank=True, related_name="records")

    objects = owned(
        "billing.usage.view", client_path="subscription__client_id", area="services", base=UsageRecordQuerySet
    )

    class Meta:
        ordering = ["-occurred_at", "-id"]
        verbose_name = _("usage record")
        verbose_name_plural = _("usage records")
        indexes = [
            models.Index(
                fields=["subscription", "metric", "occurred_on"], name="billing_usage_open", condition=models.Q(period=None)
            ),
            models.Index(fields=["subscription", "-occurred_at", "-id"], name="billing_usage_list"),
            models.Index(fields=["occurred_on"], name="billing_usage_due", condition=models.Q(period=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["subscription", "event_id"], name="billing_usage_event_once"),
            models.CheckConstraint(
                name="billing_usage_reason", condition=models.Q(quantity__gte=0) | ~models.Q(reason="")
            ),
        ]

    def __str__(self):
        return f"{self.metric_id} {self.quantity} ({self.event_id})"

    @property
    def client_id(self) -> int:
        """Whose it is, for the log."""
        return self.subscription.client_id


class UsagePeriod(TrackedModel):
    """A closed month of one metric of a subscription, half-open days of the seller. It never changes: what comes late counts in the next.

    `quantity` is what was counted, `brought` (of it) what corrections had taken away beyond the month before; `charged_quantity` is
    beyond what was included. What it costs stands on the billable items that were written with it."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="usage_periods")
    metric = models.ForeignKey(Metric, models.PROTECT, related_name="periods")
    terms = models.ForeignKey(MetricTerms, models.PROTECT, related_name="periods")
    starts_on = models.DateField()
    ends_on = models.DateField()
    quantity = models.DecimalField(max_digits=22, decimal_places=4)
    brought = models.DecimalField(max_digits=22, decimal_places=4, default=0)
    charged_quantity = models.DecimalField(max_digits=22, decimal_places=4, default=0)

    class Meta:
        ordering = ["-starts_on", "metric", "-id"]
        verbose_name = _("closed month of usage")
        verbose_name_plural = _("closed months of usage")
        constraints = [
            models.UniqueConstraint(fields=["subscription", "metric", "starts_on"], name="billing_usageperiod_once"),
            models.CheckConstraint(name="billing_usageperiod_days", condition=models.Q(ends_on__gt=models.F("starts_on"))),
        ]

    def __str__(self):
        return f"{self.metric} {self.starts_on}"

    @property
    def days(self) -> Period:
        """Half-open."""
        return Period(self.starts_on, self.ends_on)
