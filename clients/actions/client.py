"""Use cases of client accounts."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from clients.events import ClientClosed, ClientCreated, ClientUpdated
from clients.models import ALL_AREAS, Client, Membership, User
from hostbill.core import access, clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock
from hostbill.core.sequence import next_number

FIRST_NUMBER = 10000
CLIENT_FIELDS = (
    "company first_name last_name native_name email phone address1 address2 city state postcode country tax_id language "
    "einvoice buyer_reference electronic_address"
).split()


@transaction.atomic
def create_client(*, actor, user=None, **fields):
    """Create a client account, with `user` as its owner where given. A visitor at checkout may create one for
    themselves; staff need the right. The number comes from a gapless series."""
    if actor.is_staff:
        access.require(actor, "clients.client.edit")
    _check_name(fields)
    if user is not None:
        fields.setdefault("email", user.email)
        fields.setdefault("language", user.language)
    number = f"C-{FIRST_NUMBER + next_number('client')}"
    client = Client.objects.create(number=number, **fields)
    if user is not None:
        Membership.objects.create(user=user, client=client, areas=list(ALL_AREAS), is_owner=True)
    audit(actor, "clients.client_created", client)
    emit(ClientCreated(client.pk))
    return client


@transaction.atomic
def update_client(client, *, actor, **fields):
    """Change name, address, tax number or language. The currency never changes: money hangs on it."""
    may_edit_account(actor, client)
    client = lock(client)
    _refuse_merged(client)
    for field, value in fields.items():
        if field not in CLIENT_FIELDS:
            raise AppError(_("This cannot be changed."), code="not_editable", field=field)
        setattr(client, field, value)
    _check_name({field: getattr(client, field) for field in ("company", "first_name", "last_name")})
    audit(actor, "clients.client_updated", client)
    client.save()
    emit(ClientUpdated(client.pk))
    return client


@transaction.atomic
def close_client(client, *, actor, reason):
    """Close the account: nothing new may be sold to it; people may still sign in and read their invoices."""
    access.require(actor, "clients.client.close")
    client = lock(client)
    if client.is_closed:
        raise AppError(_("This account is closed already."), code="client_closed")
    client.status, client.closed_at = Client.Status.CLOSED, clock.now()
    audit(actor, "clients.client_closed", client, reason=reason)
    client.save()
    emit(ClientClosed(client.pk))
    return client


@transaction.atomic
def reopen_client(client, *, actor, reason=""):
    """Open a closed account again."""
    access.require(actor, "clients.client.close")
    client = lock(client)
    _refuse_merged(client)
    client.status, client.closed_at = Client.Status.ACTIVE, None
    audit(actor, "clients.client_reopened", client, reason=reason)
    client.save()
    return client


@transaction.atomic
def delete_client(client, *, actor, with_users=False):
    """Delete an account with which nothing was ever done; `with_users`: also its logins that reach no other account.

    AppError "in_use" when it has orders, documents, money or tickets: those have to be kept, so the account can only be closed."""
    access.require(actor, "clients.client.close")
    client = lock(client)
    logins = User.objects.filter(memberships__client=client, is_staff=False)
    alone = [user for user in logins if not user.memberships.exclude(client=client).exists()]
    audit(actor, "clients.client_deleted", client, changes={})
    try:
        with transaction.atomic():
            client.delete()
            for user in alone if with_users else ():
                user.delete()
    except ProtectedError:
        words = _("This client has orders, documents, money or tickets, which have to be kept: close the account instead.")
        raise AppError(words, code="in_use") from None


def may_edit_account(actor, client, permission="clients.client.edit"):
    """Raise unless the actor is staff with `permission` or a member with the account right."""
    if actor.kind == "client":
        if client.pk not in actor.clients_with("account"):
            raise PermissionDenied("account")
        return
    access.require(actor, permission)


def _refuse_merged(client):
    """What was merged is a stub for good."""
    if client.merged_into_id:
        words = _("This client was merged into %(kept)s: nothing can be changed here any more.")
        raise AppError(words % {"kept": client.merged_into.number}, code="client_merged")


def _check_name(fields):
    """An account without any name cannot be billed."""
    if not any(fields.get(name) for name in ("company", "first_name", "last_name")):
        raise AppError(_("Please give a company or a name."), code="name_missing", field="last_name")
