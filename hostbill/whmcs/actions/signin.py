"""Signing people in: links that open the client area once, and checking a password."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import authenticate
from django.urls import reverse
from django.utils.crypto import salted_hmac

from clients.actions.single_sign_on import make_ticket
from clients.models import Client, Membership, User
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.destinations import path_of
from hostbill.whmcs.errors import Refused

INVALID = "Email or Password Invalid"


@action("CreateSsoToken", "Authentication", needs="clients.client.sign_in",
        optional="client_id user_id destination service_id domain_id sso_redirect_path",
        missing="Destinations of the client area that HostBill has; no domains, announcements, downloads and knowledge base")  # fmt: skip
def create_sso_token(call: Call) -> dict:
    """A link that signs a client's person in: once, within a minute."""
    user, client = _person(call)
    path = path_of(call.values, client)
    ticket = make_ticket(user, client, path, actor=call.actor)
    url = settings.SITE_URL + reverse("whmcs:single_sign_on", args=[ticket])
    return {"access_token": ticket, "redirect_url": url}


def _person(call: Call) -> tuple[User, Client]:
    """The user and the account in which they look around. Either id alone leads to the other."""
    user_id, client_id = call.values.whole("user_id"), call.values.whole("client_id")
    if not (user_id or client_id):
        raise Refused("client_id or user_id is required")
    rows = Membership.objects.filter(user__is_active=True, user__is_staff=False)
    rows = rows.filter(client__in=Client.objects.visible_to(call.actor)).select_related("user", "client")
    if user_id:
        rows = rows.filter(user=user_id)
    if client_id:
        rows = rows.filter(client=client_id)
    found = rows.order_by("-is_owner", "pk").first()
    if found is None:
        raise Refused("Invalid User ID" if user_id else "Invalid Client ID")
    return found.user, found.client


@action("ValidateLogin", "Authentication", needs="clients.user.view", required="email password2")
def validate_login(call: Call) -> dict:
    """Whether the password is right, counted as any other sign-in. A refusal is answered, not raised: its count has to stay."""
    email = call.values.text("email").lower()
    password = call.values.found["password2"]
    if not isinstance(password, str):
        raise Refused("password2 must be a single value")
    user = authenticate(call.request, email=email, login=email, password=password)
    call.request.axes_locked_out = False  # axes would answer with a page for people
    if user is None or user.is_staff:
        return {"result": "error", "message": INVALID}
    return {
        "userid": user.pk,
        "passwordhash": salted_hmac("hostbill.whmcs.login", user.password, algorithm="sha256").hexdigest(),
        "twoFactorEnabled": is_mfa_enabled(user),
    }
