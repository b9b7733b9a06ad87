"""Use cases of API tokens: make, use, revoke."""

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clients.events import ApiTokenCreated
from clients.models import ApiToken
from clients.queries.actor import actor_of, use_zone_of
from hostbill.core import access, clock
from hostbill.core.access import Actor
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock

PERMISSION = "clients.api_token.edit"
#: Programs and secret scanners recognise our tokens by it.
PREFIX = "hostbill_"
SHOWN = 12
#: The last use is noted so often at most.
NOTED_EVERY = timedelta(minutes=1)


def digest(text: str) -> str:
    """As a token is stored. It is random and long, so one round of a fast hash is enough."""
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def create_token(*, actor, label, reach, permissions=(), networks=(), expires_on=None) -> tuple[ApiToken, str]:
    """Make a token for oneself; returns it with its text, which nobody can read again. AppError "more_than_own"."""
    access.require(actor, PERMISSION)
    if actor.kind != "staff":
        raise AppError(_("A token cannot make another one."), code="person_only")
    if any(not actor.may(permission) for permission in permissions):
        raise AppError(_("A token cannot hold more rights than you have."), code="more_than_own", field="reach")
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user_id=actor.user_id,
        label=label,
        token_hash=digest(text),
        hint=text[:SHOWN],
        reach=reach,
        permissions=sorted(permissions) if reach == ApiToken.Reach.CHOSEN else [],
        networks=list(networks),
        expires_on=expires_on,
    )
    audit(actor, "clients.api_token_created", token)
    emit(ApiTokenCreated(token.pk))
    return token, text


@transaction.atomic
def revoke_token(token, *, actor) -> ApiToken:
    """From now on it opens nothing. One's own, or with the right to change logins. Twice is as once."""
    if token.user_id != actor.user_id:
        access.require(actor, "clients.user.edit")
    token = lock(token)
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        audit(actor, "clients.api_token_revoked", token)
        token.save()
    return token


def use_token(request, text: str):
    """(user, actor) for the text of a bearer token; None when nobody gave it out.

    AppError for a known one: "token_revoked", "token_expired", "token_owner" (may not sign in any more), "token_address"."""
    token = ApiToken.objects.select_related("user").filter(token_hash=digest(text)).first()
    if token is None:
        return None
    ip = request.META.get("REMOTE_ADDR")
    _refuse_unusable(token, ip)
    _note_use(token, ip)
    use_zone_of(token.user)
    return token.user, actor_for(token, ip)


def actor_for(token: ApiToken, ip: str | None = None) -> Actor:
    """The owner, narrowed by the token; never with an owner's power to do what has no name."""
    person = actor_of(token.user, ip)
    own = frozenset(code for code in access.permission_codes() if person.may(code))
    if token.reach == ApiToken.Reach.READ:
        own = frozenset(code for code in own if code.endswith(".view"))
    elif token.reach == ApiToken.Reach.CHOSEN:
        own &= frozenset(token.permissions)
    label = _("%(person)s (API: %(token)s)") % {"person": person.label, "token": token.label}
    return replace(person, kind="api", label=label, permissions=own, superuser=False)


def _refuse_unusable(token: ApiToken, ip: str | None) -> None:
    if token.revoked_at:
        raise AppError(_("This token was revoked."), code="token_revoked")
    if token.is_expired:
        raise AppError(_("This token has expired."), code="token_expired")
    if not (token.user.is_active and token.user.is_staff):
        raise AppError(_("The person behind this token may not sign in."), code="token_owner")
    if not token.admits(ip):
        raise AppError(_("This token may not be used from %(address)s.") % {"address": ip}, code="token_address")


def _note_use(token: ApiToken, ip: str | None) -> None:
    now = clock.now()
    old = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY) | Q(last_used_at__gt=now) | ~Q(last_used_ip=ip)
    if token.last_used_at is None or token.last_used_ip != ip or abs(now - token.last_used_at) > NOTED_EVERY:
        ApiToken.objects.filter(old, pk=token.pk).update(last_used_at=now, last_used_ip=ip)
