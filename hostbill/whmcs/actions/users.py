"""Logins: made, found, let into client accounts."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clients.actions.membership import change_rights, invite_member, remove_member
from clients.actions.user import create_user, send_password_reset, tell_of_login, update_profile
from clients.forms.membership import InviteForm, RightsForm
from clients.models import Membership, User
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.answers import paged
from hostbill.whmcs.caps import count_mail
from hostbill.whmcs.checked import checked, secret
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.client import two_names
from hostbill.whmcs.records.found import client_of, user_of
from hostbill.whmcs.records.user import WORDS, areas_of, permissions_of, user_record
from hostbill.whmcs.words import language_of

EDIT, VIEW = "clients.user.edit", "clients.user.view"
#: Logins that programs of one person make in an hour: enough to bring a house over.
MOST_LOGINS = 5000
COARSE = (
    "rights are given by area: profile, contacts and emails together, products, manageproducts, productsso and orders together, invoices "
    "and quotes together, tickets; domains, managedomains and affiliates do not exist"
)


@action("AddUser", "Users", needs=f"clients.client.edit {EDIT}", required="firstname lastname email password2", optional="language")
@transaction.atomic
def add(call: Call) -> dict:
    """A login that reaches no account yet. Whose address it is, is told, and chooses another password by that mail."""
    values = call.values
    name = f"{values.text('firstname')} {values.text('lastname')}".strip()[:150]
    language = language_of(values.text("language"))
    data = {"email": values.text("email"), "areas": ["support"]}
    email = checked(InviteForm(data))["email"]
    user = create_user(email, secret(values, "password2"), actor=call.actor, name=name, language=language)
    count_mail(call, "login", user.email, most=MOST_LOGINS)
    tell_of_login(user, actor=call.actor)
    return {"user_id": user.pk}


@action("GetUsers", "Users", needs=VIEW, optional="limitstart limitnum sorting search")
def get(call: Call) -> dict:
    """Clients' people, by name; colleagues are not among them."""
    values = call.values
    rows = User.objects.visible_to(call.actor).filter(is_staff=False)
    if text := values.text("search")[:150]:
        rows = rows.filter(Q(email__icontains=text) | Q(name__icontains=text) | Q(native_name__icontains=text))
    sign = "-" if values.text("sorting").upper() == "DESC" else ""
    found = paged(values, rows.prefetch_related("memberships").order_by(f"{sign}name", f"{sign}pk"), "users", "user", user_record)
    return {**found, "users": found["users"]["user"]}


@action("UpdateUser", "Users", needs=EDIT, required="user_id", optional="firstname lastname email language",
        missing="the address with which somebody signs in is changed by themselves only, who confirm it")  # fmt: skip
@transaction.atomic
def update(call: Call) -> dict:
    """Name and language."""
    user, values = user_of(call), call.values
    if values.text("email") and values.text("email").lower() != user.email:
        raise Refused(_("The address with which somebody signs in is changed by themselves, who confirm the new one"))
    first, last = two_names(user.name)
    name = f"{values.text('firstname', first)} {values.text('lastname', last)}".strip()[:150]
    language = language_of(values.text("language"), default=user.language)
    update_profile(user, actor=call.actor, name=name, language=language)
    return {"user_id": user.pk}


@action("ResetPassword", "Users", needs="clients.client.edit", optional="id email")
def reset_password(call: Call) -> dict:
    """A link by which they choose a new one."""
    values = call.values
    rows = User.objects.visible_to(call.actor).filter(is_staff=False, is_active=True)
    if not (values.text("id") or values.text("email")):
        raise Refused(_("Please enter the email address or provide the id"))
    pk = values.whole("id")
    user = rows.filter(pk=pk).first() if pk is not None else rows.filter(email=values.text("email").lower()).first()
    if user is None:
        raise Refused(_("No user found with the provided details"))
    count_mail(call, "password", user.email)
    send_password_reset(user, actor=call.actor)
    return {"email": user.email}


@action("GetPermissionsList", "Users", missing=COARSE)
def get_permissions_list(call: Call) -> dict:
    """What can be given."""
    rows = [{"key": name, "title": words} for name, words in WORDS.items()]
    return {"status": "success", "permissions": {"permission": rows}}


@action("GetUserPermissions", "Users", needs=VIEW, required="user_id client_id", missing=COARSE)
def get_user_permissions(call: Call) -> dict:
    """What somebody may use in an account."""
    return {"permissions": permissions_of(_membership(call).granted_areas)}


@action("UpdateUserPermissions", "Users", needs="clients.member.edit", required="user_id client_id permissions", missing=COARSE)
def update_user_permissions(call: Call) -> dict:
    """Set it. The owner's cannot be changed."""
    member = _membership(call)
    change_rights(member, actor=call.actor, **checked(RightsForm({"areas": _asked(call)})))
    return {}


@action("DeleteUserClient", "Users", needs="clients.member.edit", required="user_id client_id")
def delete_user_client(call: Call) -> dict:
    """Somebody reaches the account no more. The owner stays."""
    remove_member(_membership(call), actor=call.actor)
    return {}


@action("CreateClientInvite", "Users", needs="clients.member.edit", required="client_id email permissions", missing=COARSE)
def create_client_invite(call: Call) -> dict:
    """Ask somebody by mail to join."""
    client = client_of(call, "client_id")
    data = checked(InviteForm({"email": call.values.text("email"), "areas": _asked(call)}))
    count_mail(call, "invitation", data["email"])
    invitation = invite_member(client, actor=call.actor, **data)
    return {"inviteid": invitation.pk}


def _asked(call: Call) -> list[str]:
    """The areas of ``permissions``: names with commas between, or an array of them."""
    names = [name for text in call.values.several("permissions") for name in text.split(",")]
    areas = areas_of(names)
    if not areas:
        raise Refused(_("Invalid permissions"))
    return areas


def _membership(call: Call) -> Membership:
    user, client = user_of(call), client_of(call, "client_id")
    member = Membership.objects.visible_to(call.actor).filter(user=user, client=client).first()
    if member is None:
        raise Refused(_("User is not associated with this client"))
    return member
