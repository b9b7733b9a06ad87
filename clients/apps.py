"""The app of people: logins, client accounts, staff roles."""

from importlib import import_module

from django.utils.translation import gettext_lazy as _

from hostbill.core.apps import AppConfig


class ClientsConfig(AppConfig):
    """Tells core who asks: it knows users through a setting only."""

    default = True
    name = "clients"
    label = "clients"
    verbose_name = _("Clients")

    def ready(self):
        """Models can be imported only now, hence by name."""
        super().ready()
        access = import_module("hostbill.core.access")
        actor = import_module("clients.queries.actor")
        access.set_actor_loader(actor.load_actor)
        access.set_client_loader(actor.load_client)
        webhook = import_module("clients.queries.webhook")
        import_module("hostbill.core.webhooks.owners").set_owner_loader(webhook.stands_for)
        access.set_token_loader(import_module("clients.actions.api_token").use_token)
