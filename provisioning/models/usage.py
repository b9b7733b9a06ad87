"""Measured once a day: how much each service uses, and where panel and books disagree."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class UsageSample(models.Model):
    """Bytes on one day (the seller's); limits are None when the plan has none."""

    service = models.ForeignKey("provisioning.Service", models.CASCADE, related_name="usage_samples")
    on = models.DateField()
    disk_used = models.BigIntegerField(null=True)
    disk_limit = models.BigIntegerField(null=True)
    bandwidth_used = models.BigIntegerField(null=True)
    bandwidth_limit = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["on"]
        constraints = [models.UniqueConstraint(fields=["service", "on"], name="provisioning_usage_daily")]

    def __str__(self):
        return f"{self.service_id} {self.on}"


class DriftQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self if actor.may("provisioning.server.view") else self.none()

    def open(self):
        """What differs now, and nobody chose to leave so."""
        return self.filter(resolved_at__isnull=True, left_at__isnull=True)

    def standing(self):
        """What differs now, left as it is or not."""
        return self.filter(resolved_at__isnull=True)


class Drift(models.Model):
    """A difference between our books and a server, found by the nightly comparison; closed when it is gone.

    `mend` names what staff chose (`queries/drift.py`), `mended_at` when; a comparison that still finds it clears the
    moment. `left_at`: staff decided that it may stay."""

    KIND_CHOICES = [
        ("missing", _("Paid for, but not on the server")),
        ("unpaid", _("On the server, but not paid for")),
        ("state", _("Suspended on one side only")),
        ("plan", _("Another plan on the server")),
        ("domain", _("Another domain on the server")),
        ("stranger", _("On the server, unknown to us")),
    ]

    server = models.ForeignKey("provisioning.Server", models.CASCADE, related_name="drifts")
    service = models.ForeignKey("provisioning.Service", models.CASCADE, null=True, related_name="drifts")
    kind = models.CharField(max_length=12, choices=KIND_CHOICES)
    username = models.CharField(max_length=64)
    domain = models.CharField(max_length=253, blank=True)
    ours = models.CharField(max_length=120, blank=True)
    theirs = models.CharField(max_length=200, blank=True)
    found_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    mend = models.CharField(max_length=16, blank=True)
    mended_at = models.DateTimeField(null=True, blank=True)
    mended_by = models.CharField(max_length=120, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    left_by = models.CharField(max_length=120, blank=True)
    left_reason = models.CharField(max_length=200, blank=True)

    objects = DriftQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at"]
        verbose_name = _("difference")
        constraints = [
            models.UniqueConstraint(
                fields=["server", "username", "kind"],
                condition=Q(resolved_at__isnull=True),
                name="provisioning_one_open_drift",
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.username}"
