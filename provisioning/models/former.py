"""Accounts that a service left behind when it was moved to another server."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.models import TrackedModel


class FormerAccountQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self if actor.may("provisioning.service.view") else self.none()

    def standing(self):
        """Still on their server."""
        return self.filter(removed_at__isnull=True)


class FormerAccount(TrackedModel):
    """Where a service was before: its account stays there, unused, until somebody has it deleted."""

    service = models.ForeignKey("provisioning.Service", models.CASCADE, related_name="former_accounts")
    server = models.ForeignKey("provisioning.Server", models.PROTECT, related_name="former_accounts")
    username = models.CharField(_("user name"), max_length=32)
    domain = models.CharField(_("domain"), max_length=253)
    remote_id = models.CharField(max_length=120, blank=True)
    bears_id = models.BooleanField(default=True)
    left_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = FormerAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-left_at"]
        verbose_name = _("former account")
        verbose_name_plural = _("former accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["server", "username"],
                condition=models.Q(removed_at__isnull=True),
                name="provisioning_one_former_account",
            )
        ]

    def __str__(self):
        return f"{self.username} @ {self.server}"

    def get_absolute_url(self):
        """The page of its service."""
        return self.service.get_absolute_url()
