"""Use cases of client groups."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clients.models import Client, ClientGroup
from hostbill.core import access
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.locks import lock

EDIT = "clients.group.edit"


def create_group(*, actor, **fields) -> ClientGroup:
    """A new group. AppError "name_taken"."""
    access.require(actor, EDIT)
    return _save(ClientGroup(**fields), actor, "clients.group_created")


def update_group(group: ClientGroup, *, actor, **fields) -> ClientGroup:
    """Rename it, or change its discount from the next invoices on."""
    access.require(actor, EDIT)
    for name, value in fields.items():
        setattr(group, name, value)
    return _save(group, actor, "clients.group_changed")


def _save(group: ClientGroup, actor, act: str) -> ClientGroup:
    try:
        with transaction.atomic():
            group.save()
            audit(actor, act, group)
    except IntegrityError:
        raise AppError(_("Another one has this name."), code="name_taken", field="name") from None
    return group


@transaction.atomic
def set_client_group(client: Client, *, group: ClientGroup | None, actor) -> Client:
    """Put a client into a group, or into none. New orders and coming periods follow it."""
    access.require(actor, EDIT)
    client = lock(client)
    client.group = group
    audit(actor, "clients.client_group_set", client)
    client.save(update_fields=["group"])
    return client
