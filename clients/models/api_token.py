"""Tokens with which programs of a person use the API."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.models.program_access import ProgramAccess
from hostbill.core import clock

from .client import Client


class ApiTokenQuerySet(models.QuerySet):
    """Tokens by who may see them."""

    def visible_to(self, actor):
        """One's own; those who look after logins see everybody's. In a client account those of all its people, for whoever
        looks after the account."""
        if actor.kind == "client":
            return self.filter(client_id__in=actor.clients_with("account"))
        if not actor.is_staff:
            return self.none()
        return self if actor.may("clients.user.edit") else self.filter(user_id=actor.user_id)


class ApiToken(ProgramAccess):
    """What a program shows to act for a person. Only its hash is kept; `hint` is how its owner recognises it.

    It may never do more than its owner: `reach` and `permissions` narrow what the owner may do at that moment. With a `client`
    it is that of somebody with a login to this account, sees this account alone, and of it the `areas`."""

    class Reach(models.TextChoices):
        """How far it goes."""

        ALL = "all", _("Everything I may do")
        READ = "read", _("Only read what I may see")
        CHOSEN = "chosen", _("Only what is chosen below")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_tokens", verbose_name=_("person"))
    client = models.ForeignKey(Client, models.PROTECT, null=True, blank=True, related_name="api_tokens", verbose_name=_("account"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, editable=False)
    reach = models.CharField(_("may do"), max_length=10, choices=Reach, default=Reach.READ)
    permissions = models.JSONField(_("permissions"), default=list, blank=True)
    areas = models.JSONField(_("parts of the account"), default=list, blank=True)
    expires_on = models.DateField(_("valid up to and including"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def get_absolute_url(self):
        """A token has no page of its own: the list."""
        return reverse("clients_staff:api_token_list")

    @property
    def is_expired(self) -> bool:
        """Its last day has passed."""
        return self.expires_on is not None and self.expires_on < clock.today()

    @property
    def is_usable(self) -> bool:
        """Neither revoked nor too old."""
        return self.revoked_at is None and not self.is_expired

    @property
    def state_words(self):
        """State as (kind, words)."""
        if self.revoked_at:
            return ("ended", _("Revoked"))
        if self.is_expired:
            return ("ended", _("Expired"))
        return ("ok", _("In use")) if self.last_used_at else ("draft", _("Never used"))
