"""Use cases of API tokens: make, use, revoke."""

import hashlib
import secrets
from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.program_access import note_use, permissions_of, revoke
from clients.events import ApiTokenCreated
from clients.models import ApiToken, Membership
from clients.options import CLIENT_TOKENS
from clients.queries.actor import actor_of, use_zone_of
from hostbill.core import access
from hostbill.core.access import Actor
from hostbill.core.audit import audit
from hostbill.core.compiled import Compiled
from hostbill.core.errors import AppError
from hostbill.core.events import emit

PERMISSION = "clients.api_token.edit"
#: Programs and secret scanners recognise our tokens by it.
PREFIX = "hostbill_"
SHOWN = 12
_FOUND = Compiled(lambda digest: ApiToken.objects.select_related("user").filter(token_hash=digest).order_by("pk")[:1], digest=str)


def digest(text: str) -> str:
    """As a token is stored. It is random and long, so one round of a fast hash is enough."""
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def create_token(*, actor, label, reach, permissions=(), networks=(), expires_on=None) -> tuple[ApiToken, str]:
    """Make a token for oneself; returns it with its text, which nobody can read again. AppError "more_than_own"."""
    access.require(actor, PERMISSION)
    if actor.kind != "staff" or actor.by_token:
        raise AppError(_("A token cannot make another one."), code="person_only")
    if any(not actor.may(permission) for permission in permissions):
        raise AppError(_("A token cannot hold more rights than you have."), code="more_than_own", field="reach")
    held = sorted(permissions) if reach == ApiToken.Reach.CHOSEN else []
    return _make(actor, label=label, reach=reach, permissions=held, networks=list(networks), expires_on=expires_on)


@transaction.atomic
def create_client_token(client, *, actor, label, reach, areas, networks=(), expires_on=None) -> tuple[ApiToken, str]:
    """Make a token for one's own programs in a client account that one looks after; as `create_token`. AppError "more_than_own",
    "person_only", "switched_off"."""
    if actor.kind != "client" or actor.by_token or actor.behind:
        raise AppError(_("Only people make tokens, for themselves."), code="person_only")
    if not CLIENT_TOKENS.value:
        raise AppError(_("Tokens are switched off here."), code="switched_off")
    if not actor.may_in_area(client.pk, "account"):
        raise PermissionDenied("account")
    if not areas or not all(actor.may_in_area(client.pk, area) for area in areas):
        raise AppError(_("A token cannot hold more rights than you have."), code="more_than_own", field="areas")
    return _make(actor, client=client, label=label, reach=reach, areas=sorted(areas), networks=list(networks), expires_on=expires_on)


def _make(actor, **values) -> tuple[ApiToken, str]:
    """The row with the hash of a new text, and the text."""
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(user_id=actor.user_id, token_hash=digest(text), hint=text[:SHOWN], **values)
    audit(actor, "clients.api_token_created", token)
    emit(ApiTokenCreated(token.pk))
    return token, text


def revoke_token(token, *, actor) -> ApiToken:
    """From now on it opens nothing. One's own, with the right to change logins, or as somebody who looks after the account that it
    belongs to. Twice is as once."""
    is_theirs = actor.kind == "client" and actor.may_in_area(token.client_id, "account")
    return revoke(token, "clients.api_token_revoked", actor=actor, is_theirs=is_theirs)


def use_token(request, text: str):
    """(user, actor) for the text of a bearer token; None when nobody gave it out.

    AppError for a known one: "token_revoked", "token_expired", "token_owner" (may not sign in any more), "token_address"."""
    token = _FOUND.first(digest=digest(text))
    if token is None:
        return None
    ip = request.META.get("REMOTE_ADDR")
    _refuse_unusable(token, ip)
    note_use(token, ip)
    use_zone_of(token.user)
    return token.user, actor_for(token, ip)


def actor_for(token: ApiToken, ip: str | None = None) -> Actor:
    """The owner, narrowed by the token; never with an owner's power to do what has no name."""
    if token.client_id:
        return _member(token, ip)
    person = actor_of(token.user, ip)
    own = permissions_of(person)
    if token.reach == ApiToken.Reach.READ:
        own = frozenset(code for code in own if code.endswith(".view"))
    elif token.reach == ApiToken.Reach.CHOSEN:
        own &= frozenset(token.permissions)
    return replace(person, kind="api", label=_label(token), permissions=own, superuser=False, by_token=True)


def _member(token: ApiToken, ip: str | None) -> Actor:
    """Somebody with a login to the token's account, as far as they may today and the token goes."""
    held = Membership.objects.filter(user=token.user, client=token.client_id).first()
    areas = held.granted_areas & set(token.areas) if held else frozenset()
    return Actor(kind="client", user_id=token.user_id, label=_label(token), client_ids=(token.client_id,),
                 areas={token.client_id: areas}, ip=ip, by_token=True, reads_only=token.reach == ApiToken.Reach.READ)  # fmt: skip


def _label(token: ApiToken) -> str:
    return _("%(person)s (API: %(token)s)") % {"person": token.user.label, "token": token.label}


def _may_sign_in(token: ApiToken) -> bool:
    """Whether the person behind it still may what a token is for at all."""
    if token.client_id is None:
        return token.user.is_active and token.user.is_staff
    return CLIENT_TOKENS.value and token.user.is_active and token.user.memberships.filter(client=token.client_id).exists()


def _refuse_unusable(token: ApiToken, ip: str | None) -> None:
    if token.revoked_at:
        raise AppError(_("This token was revoked."), code="token_revoked")
    if token.is_expired:
        raise AppError(_("This token has expired."), code="token_expired")
    if not _may_sign_in(token):
        raise AppError(_("The person behind this token may not sign in."), code="token_owner")
    if not token.admits(ip):
        raise AppError(_("This token may not be used from %(address)s.") % {"address": ip}, code="token_address")
