"""Staff roles: named sets of permission strings."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.models import TrackedModel

ALL_PERMISSIONS = "*"


class StaffRole(TrackedModel):
    """A set of permissions given to staff; "*" means every permission, also those of later versions."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    permissions = models.JSONField(_("permissions"), default=list, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("staff role")
        verbose_name_plural = _("staff roles")

    def __str__(self):
        return self.name

    @property
    def grants_all(self):
        """True when the role carries every permission."""
        return ALL_PERMISSIONS in self.permissions
