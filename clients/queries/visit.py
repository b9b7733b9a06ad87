"""A colleague looks at the client area in a client's place. Only there: the console, the shop and the sign-in pages go
on knowing the colleague, so a visit can reach neither the client's login nor the pay page's saved cards."""

from dataclasses import replace

from django.urls import reverse

from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import Actor

SESSION_KEY = "visit"
PERMISSION = "clients.client.visit"
#: Which part of the client area needs which right of the colleague: a visit shows nothing that the console would hide.
AREAS = {
    "billing": "billing.invoice.view",
    "services": "provisioning.service.view",
    "support": "support.ticket.view",
    "account": "clients.client.view",
}


def visited_client(request, actor: Actor) -> Client | None:
    """The client in whose place this request of a colleague acts: on pages of the client area, while the visit lasts."""
    if actor.kind != "staff" or not request.path.startswith(reverse("portal_home")) or not actor.may(PERMISSION):
        return None
    marker = request.session.get(SESSION_KEY)
    if not marker or marker["until"] < clock.real_now().timestamp():
        return None
    return Client.objects.visible_to(actor).filter(pk=marker["client_id"]).first()


def visiting(colleague: Actor, client: Client) -> Actor:
    """The actor of a visit: sees what the client sees, signs every act with both names, and holds no staff right."""
    areas = frozenset(area for area, permission in AREAS.items() if colleague.may(permission))
    return replace(
        colleague,
        kind="client",
        label=f"{colleague.label} as {client.name}",
        permissions=frozenset(),
        superuser=False,
        client_ids=(client.pk,),
        areas={client.pk: areas},
        behind=colleague,
    )
