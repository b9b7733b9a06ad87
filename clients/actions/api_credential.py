"""Use cases of the credentials and roles of the WHMCS API."""

import secrets
import string
from dataclasses import replace
from hmac import compare_digest

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.api_token import digest
from clients.actions.program_access import note_use, permissions_of, revoke
from clients.events import ApiCredentialCreated
from clients.models import ApiCredential, ApiRole
from clients.models.api_credential import IDENTIFIER_LENGTH
from clients.queries.actor import actor_of
from hostbill.core import access
from hostbill.core.access import Actor
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock

PERMISSION = "clients.api_credential.edit"
ROLE_PERMISSION = "clients.api_role.edit"
SECRET_LENGTH = 32
LETTERS = string.ascii_letters + string.digits


def random_text(length: int) -> str:
    """Letters and digits that nobody guesses."""
    return "".join(secrets.choice(LETTERS) for _each in range(length))


@transaction.atomic
def create_credential(*, actor, label, roles, networks=()) -> tuple[ApiCredential, str]:
    """Make one for oneself; returns it with its secret, which nobody can read again. AppError without a role."""
    access.require(actor, PERMISSION)
    if actor.kind != "staff":
        raise AppError(_("A program cannot make credentials."), code="person_only")
    roles = list(roles)
    if not roles:
        raise AppError(_("Choose at least one role."), code="no_role", field="roles")
    secret = random_text(SECRET_LENGTH)
    credential = ApiCredential.objects.create(
        user_id=actor.user_id,
        label=label,
        identifier=random_text(IDENTIFIER_LENGTH),
        secret_hash=digest(secret),
        networks=list(networks),
    )
    credential.roles.set(roles)
    names = ", ".join(role.name for role in roles)
    audit(actor, "clients.api_credential_created", credential, changes={"roles": ["", names]})
    emit(ApiCredentialCreated(credential.pk))
    return credential, secret


def revoke_credential(credential, *, actor) -> ApiCredential:
    """From now on it opens nothing. One's own, or with the right to change logins. Twice is as once."""
    return revoke(credential, "clients.api_credential_revoked", actor=actor)


def find_credential(identifier: str, secret: str) -> ApiCredential | None:
    """The credential with this identifier and this secret; None when the two are not a pair of ours."""
    rows = ApiCredential.objects.select_related("user").prefetch_related("roles")
    found = rows.filter(identifier=identifier).first() if len(identifier) == IDENTIFIER_LENGTH else None
    expected = found.secret_hash if found else digest("")
    right = compare_digest(expected, digest(secret)) and len(secret) == SECRET_LENGTH
    return found if right else None


def actor_for(credential: ApiCredential, ip: str | None = None) -> Actor:
    """Its owner, as far as rights have names. Which actions its roles allow is asked besides."""
    person = actor_of(credential.user, ip)
    label = _("%(person)s (WHMCS API: %(label)s)") % {"person": person.label, "label": credential.label}
    return replace(person, kind="api", label=label, permissions=permissions_of(person), superuser=False)


def note_credential_use(credential: ApiCredential, ip: str | None) -> None:
    """When and from where it was last used."""
    note_use(credential, ip)


@transaction.atomic
def create_api_role(*, actor, name, actions) -> ApiRole:
    """Make a role from names of actions, or ["*"] for all."""
    access.require(actor, ROLE_PERMISSION)
    role = ApiRole.objects.create(name=name, actions=sorted(actions))
    audit(actor, "clients.api_role_created", role)
    return role


@transaction.atomic
def update_api_role(role, *, actor, name, actions) -> ApiRole:
    """Change it; credentials that have it may call at once what it then allows."""
    access.require(actor, ROLE_PERMISSION)
    role = lock(role)
    role.name, role.actions = name, sorted(actions)
    audit(actor, "clients.api_role_updated", role)
    role.save()
    return role


@transaction.atomic
def delete_api_role(role, *, actor) -> None:
    """Delete a role that no credential in use has. AppError "role_in_use"."""
    access.require(actor, ROLE_PERMISSION)
    role = lock(role)
    if role.credentials.filter(revoked_at=None).exists():
        raise AppError(_("A credential in use still has this role."), code="role_in_use")
    role.credentials.clear()
    audit(actor, "clients.api_role_deleted", role)
    role.delete()
