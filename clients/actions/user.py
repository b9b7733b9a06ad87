"""Use cases of logins: create, change, give roles, switch off."""

import uuid

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.models import Client, User
from clients.queries.permission import expand
from hostbill.core import access, clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.locks import lock
from hostbill.core.models import Message
from hostbill.core.notify import Recipient, notify

from .client import update_client

PROFILE_FIELDS = ("name", "native_name", "language", "time_zone", "theme")


def _check_password(password, user):
    """Raise AppError with the validators' words when the password is too weak."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise AppError(" ".join(error.messages), code="weak_password", field="password") from error


@transaction.atomic
def create_user(email, password=None, *, actor=access.SYSTEM, **fields):
    """Create a client's login; no password means that a reset link must open it. Raises AppError when the address is
    taken (`email_taken`) or the password too weak (`weak_password`)."""
    email = (email or "").strip().lower()
    taken = AppError(
        _("There is a login with this address already. Please sign in."), code="email_taken", field="email"
    )
    if User.objects.filter(email=email).exists():
        raise taken
    if password:
        _check_password(password, User(email=email, **fields))
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, **fields)
    except IntegrityError as error:  # the same form sent twice at the same moment
        raise taken from error
    audit(actor, "clients.user_created", user)
    return user


@transaction.atomic
def create_staff(email, *, actor, roles=(), password=None, **fields):
    """Create a login for somebody who works here, with roles."""
    access.require(actor, "clients.user.edit")
    _refuse_more_than_own(actor, roles)
    user = create_user(email, password, actor=actor, is_staff=True, **fields)
    user.roles.set(roles)
    audit(actor, "clients.user_roles_set", user, changes={"roles": [None, [role.name for role in roles]]})
    return user


@transaction.atomic
def update_profile(user, *, actor, **fields):
    """Change what a person may change about themselves: name, language, time zone, theme. An account that is theirs
    alone follows their language."""
    user = lock(user)
    spoken = user.language
    if actor.user_id != user.pk:
        access.require(actor, "clients.user.edit")
    for field, value in fields.items():
        if field not in PROFILE_FIELDS:
            raise AppError(_("This cannot be changed here."), code="not_a_profile_field", field=field)
        setattr(user, field, value)
    audit(actor, "clients.user_updated", user)
    user.save()
    if user.language != spoken:
        _take_accounts_along(user, spoken, actor)
    return user


def _take_accounts_along(user, spoken, actor):
    """The account's mails and documents go to the same reader: it is owned by this person, under the same address, and
    was kept in the language they spoke until now. One that was set to another language stays."""
    owned = Client.objects.filter(memberships__user=user, memberships__is_owner=True, email__iexact=user.email)
    for client in owned.filter(language=spoken, pk__in=actor.clients_with("account")).order_by("pk"):
        update_client(client, actor=actor, language=user.language)


@transaction.atomic
def update_staff(user, *, actor, roles, is_active, **fields):
    """Change a staff login: profile, roles, whether it may sign in. Nobody locks themselves out."""
    access.require(actor, "clients.user.edit")
    user = lock(user)
    if not user.is_staff:
        raise AppError(_("This login does not belong to staff."), code="not_staff")
    _refuse_taking_from_above(actor, user)
    before = sorted(role.name for role in user.roles.all())
    _refuse_more_than_own(actor, roles)
    if actor.user_id == user.pk and (not is_active or before != sorted(role.name for role in roles)):
        raise AppError(_("You cannot change your own roles or switch yourself off."), code="own_login")
    user.is_active = is_active
    for field, value in fields.items():
        setattr(user, field, value)
    audit(actor, "clients.user_updated", user)
    user.save()
    user.roles.set(roles)
    after = sorted(role.name for role in roles)
    if before != after:
        audit(actor, "clients.user_roles_set", user, changes={"roles": [before, after]})
    return user


def _refuse_more_than_own(actor, roles):
    """Nobody hands out permissions they do not have."""
    if actor.superuser or actor.kind == "system":
        return
    for role in roles:
        if any(not actor.may(permission) for permission in expand(role.permissions)):
            message = _("The role %(role)s may do more than you may; somebody with those rights must give it.")
            raise AppError(message % {"role": role.name}, code="more_than_own", field="roles")


def _refuse_taking_from_above(actor, user):
    """Nobody changes a colleague who may do more than they may."""
    if user.is_superuser and not actor.superuser and actor.kind != "system":
        raise AppError(_("Only an owner may change this login."), code="more_than_own")
    if actor.user_id != user.pk:
        _refuse_more_than_own(actor, user.roles.all())


@transaction.atomic
def set_password(user, password, *, actor):
    """Set a password directly (first run, tests, demo); people use the reset link."""
    user = lock(user)
    _check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    audit(actor, "clients.password_set", user, changes={"at": [None, clock.now().isoformat()]})
    return user


@transaction.atomic
def send_password_reset(user, *, actor):
    """Mail somebody the link by which they choose a new password, as if they had asked for it on the sign-in page."""
    _mail_password_link(user, "clients.password_reset")
    audit(actor, "clients.password_reset_sent", user, changes={})


@transaction.atomic
def tell_of_login(user, *, actor):
    """Tell somebody that a login with their address and another's choice of a password was made, and how to choose their own."""
    _mail_password_link(user, "clients.login_made")
    audit(actor, "clients.password_reset_sent", user, changes={})


def _mail_password_link(user, kind):
    link = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), default_token_generator.make_token(user)])
    notify(
        kind,
        to=Recipient(user.email, user.name, user.language),
        context={"email": user.email, "link": settings.SITE_URL + link},
        key=f"{kind}:{uuid.uuid4()}",
        subject_ref=(Message.PRIVATE, None),
    )
