"""List views that people keep: a name for filters, search, sort and columns; own, or shared with all colleagues."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock


class SavedViewQuerySet(models.QuerySet):
    """Views, narrowed to what somebody may use."""

    def visible_to(self, actor):
        """One's own and the shared ones; a shared view shows nobody rows that they could not see anyway."""
        if actor.kind != "staff":
            return self.none()
        return self.filter(Q(user_id=actor.user_id) | Q(is_shared=True))


class SavedView(models.Model):
    """``list_key``: the list's route name. ``query``: its URL parameters. ``columns``: keys in order, empty = as usual."""

    list_key = models.CharField(max_length=120)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    query = models.TextField(blank=True)
    columns = models.JSONField(default=list)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("view")
        constraints = [models.UniqueConstraint(fields=["user", "list_key", "name"], name="core_savedview_name")]
        indexes = [models.Index(fields=["list_key", "is_shared"], name="core_savedview_shared")]

    def __str__(self):
        return self.name
