"""The app of tickets."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.apps import AppConfig


class SupportConfig(AppConfig):
    """Tickets between clients and staff."""

    default = True
    name = "support"
    label = "support"
    verbose_name = _("Support")
