"""Setting up what staff asked for in so many words: on this server, under this name, with this password."""

from django.db import transaction
from django.utils.translation import gettext as _

from hostbill.core.errors import AppError
from provisioning.actions.placement import lock_servers, pick_server
from provisioning.actions.service import align, create_service, move_service
from provisioning.models import Server, Service
from provisioning.panels.usernames import is_allowed


def set_up_wished(subscription, *, actor, server: Server | None = None, username: str = "", password: str = "") -> Service | None:
    """The service of an active subscription is set up now, as wished where something is wished; None for what needs no server.

    A name that is taken on the panel gives way to one of ours. AppError: "username", "taken", and as `move_service`."""
    if username and not is_allowed(username):
        words = _("A user name begins with a letter and has 3 to 16 small letters and digits.")
        raise AppError(words, code="username", field="username")
    service = create_service(subscription, actor=actor)
    if service is None:
        return None
    with transaction.atomic():
        server = server or (_next_server(service) if username or password else None)
        if server is None:  # nothing wished, or no room: then it waits as usual
            align(service, actor=actor, new_intent=True)
        else:
            _refuse_taken(service, server, username)
            move_service(service, server=server, actor=actor, username=username, password=password)
    service.refresh_from_db()
    return service


def _next_server(service: Service) -> Server | None:
    """The one that the group's rule wants."""
    servers = lock_servers(service.group_id, also=service.server_id)
    fill = next((row.group.fill for row in servers if row.group_id == service.group_id), "")
    return pick_server([row for row in servers if row.group_id == service.group_id], fill)


def _refuse_taken(service: Service, server: Server, username: str) -> None:
    others = Service.objects.filter(server=server, username=username).exclude(state="terminated").exclude(pk=service.pk)
    if username and others.exists():
        raise AppError(_("This account belongs to another service."), code="taken", field="username")
