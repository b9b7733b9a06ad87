"""Departments: where tickets go, and how fast an answer is promised."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel


class DepartmentQuerySet(models.QuerySet):
    """Departments by use."""

    def open_to_clients(self):
        """Those a client may write to."""
        return self.filter(is_active=True, is_public=True)

    def visible_to(self, actor):
        """Staff with the right see all, clients the public ones."""
        if actor.may("support.department.view"):
            return self
        return self.open_to_clients() if actor.kind == "client" else self.none()


class Department(TrackedModel):
    """A group of staff that answers a kind of question."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    description = models.CharField(_("what to ask here"), max_length=200, blank=True)
    reply_minutes = models.PositiveIntegerField(
        _("answer within, minutes"), default=240, help_text=_("Tickets waiting longer are shown as late.")
    )
    is_public = models.BooleanField(_("clients may write to it"), default=True)
    is_active = models.BooleanField(_("in use"), default=True)
    sort = models.PositiveIntegerField(_("place in lists"), default=0)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        ordering = ["sort", "name"]
        verbose_name = _("department")
        verbose_name_plural = _("departments")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Its form."""
        return address("support_staff:department_edit", self.pk)
