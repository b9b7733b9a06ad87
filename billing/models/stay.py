"""Stays: more days to pay an overdue invoice, during which automation leaves it alone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock
from hostbill.core.models import TrackedModel

from .invoice import Invoice
from .owned import OwnedQuerySet, owned


class StayQuerySet(OwnedQuerySet):
    """Finding stays."""

    def in_force(self):
        """Those whose last day has not passed."""
        return self.filter(ended_at__isnull=True, until__gte=clock.today())


class Stay(TrackedModel):
    """`until` is the last day given. An invoice gets one; `granted_by` is who asked for it."""

    invoice = models.OneToOneField(Invoice, models.PROTECT, related_name="stay")
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="stays")
    until = models.DateField()
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = owned("billing.invoice.view", base=StayQuerySet)

    class Meta:
        ordering = ["-granted_at", "-id"]
        verbose_name = _("stay")
        verbose_name_plural = _("stays")

    def __str__(self):
        return f"{self.invoice} > {self.until}"

    @property
    def is_in_force(self) -> bool:
        """Does it hold automation back today?"""
        return self.ended_at is None and self.until >= clock.today()
