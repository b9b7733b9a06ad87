"""The demo's webhook: a colleague's program that is told of money and services, and answers."""

from clients.models import User
from clients.queries.actor import actor_of
from hostbill.core import options
from hostbill.core.access import SYSTEM
from hostbill.core.drain import drain
from hostbill.core.models import WebhookEndpoint
from hostbill.core.webhooks.endpoints import create_endpoint, send_test

EVENTS = ["order.placed", "invoice.issued", "invoice.paid", "payment.received", "service.ready", "service.suspended", "ticket.opened"]


def load(sandbox: dict, owner: str) -> None:
    """Running it again changes nothing that is there. The sandbox's programs are on this machine, without encryption."""
    if "hooks" not in sandbox or WebhookEndpoint.objects.exists():
        return
    for key, value in (("allow_http", True), ("allowed_networks", "127.0.0.0/8\n::1/128"), ("allowed_for_clients", True)):
        options.set_option(options.find(f"webhook.{key}"), value, SYSTEM)
    actor = actor_of(User.objects.get(email=owner))
    target = f"{sandbox['hooks']['url']}/ledger"
    send_test(create_endpoint(actor=actor, label="Bookkeeping", target_url=target, events=EVENTS), actor=actor)
    drain()
