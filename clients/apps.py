"""The app of people: logins, client accounts, staff roles."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.apps import AppConfig


class ClientsConfig(AppConfig):
    """Registers the actor loader with core when Django starts."""

    name = "clients"
    label = "clients"
    verbose_name = _("Clients")
    default_auto_field = "django.db.models.BigAutoField"
