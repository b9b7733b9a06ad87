"""Django configuration of the app."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.apps import AppConfig


class ProvisioningConfig(AppConfig):
    """What exists on servers: services, the operations that change them, and the servers themselves."""

    name = "provisioning"
    verbose_name = _("Provisioning")
