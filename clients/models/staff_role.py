"""Staff roles: named sets of permission strings."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel

ALL_PERMISSIONS = "*"


class StaffRoleQuerySet(models.QuerySet):
    """Roles by who may see them."""

    def visible_to(self, actor):
        """Staff who see logins; nobody else."""
        return self if actor.may("clients.user.view") else self.none()


class StaffRole(TrackedModel):
    """A set of permissions given to staff; "*" means every permission, also those of later versions."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    permissions = models.JSONField(_("permissions"), default=list, blank=True)

    objects = StaffRoleQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("staff role")
        verbose_name_plural = _("staff roles")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Its form."""
        return address("clients_staff:role_edit", self.pk)

    @property
    def member_count(self) -> int:
        """How many people have it."""
        return self.users.count()

    @property
    def permission_words(self):
        """What it covers, in a few words."""
        if self.grants_all:
            return _("Everything")
        return ngettext("%(count)d entry", "%(count)d entries", len(self.permissions)) % {"count": len(self.permissions)}

    @property
    def grants_all(self) -> bool:
        """True when the role carries every permission."""
        return ALL_PERMISSIONS in self.permissions
