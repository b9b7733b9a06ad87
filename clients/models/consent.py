"""What somebody agreed to, when, from where, in which wording."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock

from .client import Client


class ConsentQuerySet(models.QuerySet):
    """Consents by who may see them."""

    def visible_to(self, actor):
        """Staff who see clients see all; a client those of the accounts it manages."""
        if actor.may("clients.client.view"):
            return self
        if actor.kind == "client":
            return self.filter(client_id__in=actor.clients_with("account"))
        return self.none()


class Consent(models.Model):
    """One act of consent; rows are only ever added."""

    class Kind(models.TextChoices):
        """What was agreed to."""

        TERMS = "terms", _("Terms of service")
        PRIVACY = "privacy", _("Privacy notice")
        SAVE_CARD = "save_card", _("Card kept for renewals")
        MARKETING = "marketing", _("News by mail")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="consents")
    client = models.ForeignKey(Client, models.CASCADE, null=True, blank=True, related_name="consents")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    text_version = models.CharField(_("version of the wording"), max_length=60)
    text = models.TextField(_("wording"), blank=True)
    at = models.DateTimeField(_("at"), default=clock.now)
    ip = models.GenericIPAddressField(_("from address"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self):
        return f"{self.get_kind_display()} {self.text_version}"
