"""Django configuration of the app."""

from hostbill.core.apps import AppConfig


class SupportConfig(AppConfig):
    """Registers the app's events, options, permissions and reactions."""

    default = True
    name = "support"
