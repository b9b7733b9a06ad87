"""People who get a client's mail without having a login."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.models import TrackedModel
from hostbill.core.search import Words

from .client import Client


class ContactQuerySet(models.QuerySet):
    """Contacts by who may see them."""

    def visible_to(self, actor):
        """Staff who see clients see all; a client those of the accounts it manages."""
        if actor.may("clients.client.view"):
            return self
        if actor.kind == "client":
            return self.filter(client_id__in=actor.clients_with("account"))
        return self.none()


class Contact(TrackedModel):
    """An extra recipient, for example the bookkeeper who wants the invoices."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail address"))
    language = models.CharField(_("language"), max_length=10, default="en")
    areas = models.JSONField(_("gets mail about"), default=list, blank=True)

    objects = ContactQuerySet.as_manager()
    SEARCH = Words("clients_contact_words", "name", "email")

    class Meta:
        ordering = ["name"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [models.UniqueConstraint(fields=["client", "email"], name="clients_contact_once")]

    def __str__(self):
        return f"{self.name} <{self.email}>"
