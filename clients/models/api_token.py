"""Tokens with which programs of a colleague use the API."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock
from hostbill.core.models import TrackedModel


class ApiTokenQuerySet(models.QuerySet):
    """Tokens by who may see them."""

    def visible_to(self, actor):
        """One's own; those who look after logins see everybody's."""
        if not actor.is_staff:
            return self.none()
        return self if actor.may("clients.user.edit") else self.filter(user_id=actor.user_id)


class ApiToken(TrackedModel):
    """What a program shows to act for a person. Only its hash is kept; `hint` is how its owner recognises it.

    It may never do more than its owner: `reach` and `permissions` narrow what the owner may do at that moment."""

    class Reach(models.TextChoices):
        """How far it goes."""

        ALL = "all", _("Everything I may do")
        READ = "read", _("Only read what I may see")
        CHOSEN = "chosen", _("Only what is chosen below")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_tokens", verbose_name=_("person"))
    label = models.CharField(_("what it is for"), max_length=80)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, editable=False)
    reach = models.CharField(_("may do"), max_length=10, choices=Reach, default=Reach.READ)
    permissions = models.JSONField(_("permissions"), default=list, blank=True)
    networks = models.JSONField(_("from these addresses only"), default=list, blank=True)
    expires_on = models.DateField(_("valid up to and including"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    last_used_ip = models.GenericIPAddressField(_("last used from"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self):
        return self.label

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

    def admits(self, address: str | None) -> bool:
        """Whether it may be used from this IP address."""
        if not self.networks:
            return True
        try:
            caller = ip_address(address or "")
        except ValueError:
            return False
        return any(caller in ip_network(network) for network in self.networks)

    @property
    def state_words(self):
        """State as (kind, words)."""
        if self.revoked_at:
            return ("ended", _("Revoked"))
        if self.is_expired:
            return ("ended", _("Expired"))
        return ("ok", _("In use")) if self.last_used_at else ("draft", _("Never used"))
