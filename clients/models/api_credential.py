"""Credentials with which programs written for WHMCS sign in, and the roles that say what they may call."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clients.models.program_access import ProgramAccess
from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel

ALL_ACTIONS = "*"
IDENTIFIER_LENGTH = 32


class ApiRoleQuerySet(models.QuerySet):
    """Roles by who may see them."""

    def visible_to(self, actor):
        """Those who make credentials choose among them."""
        return self if actor.may("clients.api_credential.edit") else self.none()


class ApiRole(TrackedModel):
    """Actions of the WHMCS API by their names; "*" means every action, also those of later versions."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    actions = models.JSONField(_("actions"), default=list, blank=True)

    objects = ApiRoleQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("API role")
        verbose_name_plural = _("API roles")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Its form."""
        return address("whmcs:api_role_edit", self.pk)

    @property
    def grants_all(self) -> bool:
        """True when it carries every action."""
        return ALL_ACTIONS in self.actions

    @property
    def action_words(self):
        """What it covers, in a few words."""
        if self.grants_all:
            return _("Every action")
        return ngettext("%(count)d action", "%(count)d actions", len(self.actions)) % {"count": len(self.actions)}

    def allows(self, name: str) -> bool:
        """Whether it carries the action, as WHMCS spells its name."""
        return self.grants_all or name in self.actions


class ApiCredentialQuerySet(models.QuerySet):
    """Credentials by who may see them."""

    def visible_to(self, actor):
        """One's own; those who look after logins see everybody's."""
        if not actor.is_staff:
            return self.none()
        return self if actor.may("clients.user.edit") else self.filter(user_id=actor.user_id)


class ApiCredential(ProgramAccess):
    """Identifier and secret of a program that speaks the WHMCS API for a person. Of the secret only a hash is kept.

    It may call what one of its roles allows and its owner may do at that moment."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_credentials", verbose_name=_("person")
    )
    identifier = models.CharField(_("identifier"), max_length=IDENTIFIER_LENGTH, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    roles = models.ManyToManyField(ApiRole, related_name="credentials", verbose_name=_("API roles"))

    objects = ApiCredentialQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("API credential")
        verbose_name_plural = _("API credentials")

    def get_absolute_url(self):
        """It has no page of its own: the list."""
        return reverse("whmcs:api_credential_list")

    def allows(self, name: str) -> bool:
        """Whether one of its roles carries the action."""
        return any(role.allows(name) for role in self.roles.all())

    @property
    def state_words(self):
        """State as (kind, words)."""
        if self.revoked_at:
            return ("ended", _("Revoked"))
        return ("ok", _("In use")) if self.last_used_at else ("draft", _("Never used"))
