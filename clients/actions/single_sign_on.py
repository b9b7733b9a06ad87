"""Links that sign a client's person in, once and soon. Kept in the cache: a lost one is made again."""

import secrets

from django.core.cache import cache

from clients.actions.api_token import digest
from clients.models import Client, User
from hostbill.core.access import require
from hostbill.core.audit import audit

SECONDS = 60
#: More than a visit, which only reads: whoever opens the link is that person, without their second factor.
PERMISSION = "clients.client.sign_in"


def _key(ticket: str) -> str:
    return f"single_sign_on:{digest(ticket)}"


def make_ticket(user: User, client: Client, path: str, *, actor) -> str:
    """For the person in the account; afterwards they are led to the path. Recorded in the log of the account."""
    require(actor, PERMISSION)
    ticket = secrets.token_urlsafe(32)
    cache.set(_key(ticket), (user.pk, client.pk, path), SECONDS)
    audit(actor, "clients.sign_in_link_made", client, reason=user.label, changes={})
    return ticket


def use_ticket(ticket: str) -> tuple[User, Client, str] | None:
    """(person, account, path), once; None when it was used, is too old, or the person may not sign in there any more."""
    kept = cache.get(_key(ticket))
    if kept is None or not cache.delete(_key(ticket)):
        return None
    user_id, client_id, path = kept
    user = User.objects.filter(pk=user_id, is_active=True, is_staff=False, memberships__client=client_id).first()
    return (user, Client.objects.get(pk=client_id), path) if user else None
