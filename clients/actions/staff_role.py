"""Use cases of staff roles."""

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from clients.models import StaffRole
from clients.queries.permission import expand
from hostbill.core import access
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.locks import lock


def _refuse_more_than_own(actor, permissions):
    """Nobody puts permissions into a role that they do not have themselves."""
    if not actor.superuser and any(not actor.may(permission) for permission in expand(permissions)):
        raise AppError(_("A role cannot hold more rights than you have."), code="more_than_own", field="permissions")


def _free_code(name):
    """A code from the name that no other role has."""
    stem = slugify(name)[:34] or "role"
    code, number = stem, 2
    while StaffRole.objects.filter(code=code).exists():
        code, number = f"{stem}-{number}", number + 1
    return code


@transaction.atomic
def create_role(*, actor, name, permissions):
    """Create a role from permission strings."""
    access.require(actor, "clients.user.edit")
    _refuse_more_than_own(actor, permissions)
    role = StaffRole.objects.create(code=_free_code(name), name=name, permissions=sorted(permissions))
    audit(actor, "clients.staff_role_created", role)
    return role


@transaction.atomic
def update_role(role, *, actor, name, permissions):
    """Change a role; the one that may do everything stays as it is, so that nobody locks the company out."""
    access.require(actor, "clients.user.edit")
    role = lock(role)
    if role.grants_all:
        raise AppError(_("This role always may do everything."), code="role_grants_all")
    _refuse_more_than_own(actor, set(permissions) | set(role.permissions))
    role.name, role.permissions = name, sorted(permissions)
    audit(actor, "clients.staff_role_updated", role)
    role.save()
    return role


@transaction.atomic
def delete_role(role, *, actor):
    """Delete a role nobody has."""
    access.require(actor, "clients.user.edit")
    role = lock(role)
    if role.grants_all or role.users.exists():
        raise AppError(_("Somebody still has this role."), code="role_in_use")
    audit(actor, "clients.staff_role_deleted", role)
    role.delete()
