"""Staff's notes on a client. Never shown to the client."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.models import TrackedModel

from .client import Client


class NoteQuerySet(models.QuerySet):
    """Notes by who may see them: staff only."""

    def sticky(self):
        """The note shown on top of the client's page."""
        return self.filter(is_sticky=True)

    def visible_to(self, actor):
        """Staff who see clients; nobody else."""
        return self if actor.may("clients.client.view") else self.none()


class Note(TrackedModel):
    """A note; at most one per client is the sticky one, replaced in place."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="notes")
    body = models.TextField(_("note"))
    is_sticky = models.BooleanField(_("sticky"), default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    author_label = models.CharField(_("written by"), max_length=150)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=models.Q(is_sticky=True), name="clients_one_sticky")
        ]

    def __str__(self):
        return self.body[:60]
