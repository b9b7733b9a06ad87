"""The installation itself and the people who work here."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from allauth.usersessions.models import UserSession
from cryptography.fernet import InvalidToken

from billing.models import Account
from billing.queries.catalogue import currencies_on_sale
from billing.queries.exchange import rates_on
from clients.models import User
from clients.options import WHMCS_PASSWORDS
from hostbill.core import clock
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.core.secrets import decrypt, encrypt
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.answers import instant, listed
from hostbill.whmcs.currencies import currency_id, prefix, suffix
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.words import gateways
from support.models import Department

#: The version whose documented API this is.
VERSION = "9.0.0-release.1"
#: Somebody who was seen so long ago is still there.
ONLINE = timedelta(minutes=15)
#: Before what EncryptPassword encrypts, so that DecryptPassword opens nothing else.
MARK = "whmcs:"


@action("GetCurrencies", "System", needs="billing.product.view")
def get_currencies(call: Call) -> dict:
    """The house's currency first; rates are units for one of the house's."""
    house, rates = COMPANY_CURRENCY.value, rates_on()
    used = {*currencies_on_sale(), *Account.objects.order_by().values_list("currency", flat=True).distinct()} - {house}
    rows = [
        {
            "id": currency_id(code),
            "code": code,
            "prefix": prefix(code),
            "suffix": suffix(code),
            "format": 1,
            "rate": _rate(rates, house, code),
        }
        for code in (house, *sorted(used))
    ]
    return {"totalresults": len(rows), **listed("currencies", "currency", rows)}


def _rate(rates: dict, house: str, code: str) -> str:
    """Five decimals; 1 for a currency of which no rate is known."""
    both = code in rates and house in rates
    rate = rates[code][0] / rates[house][0] if both else Decimal(1)
    return str(rate.quantize(Decimal("0.00001"), ROUND_HALF_UP))


@action("GetPaymentMethods", "System")
def get_payment_methods(call: Call) -> dict:
    """The gateways in use."""
    rows = [{"module": name, "displayname": str(row)} for name, row in gateways().items()]
    return {"totalresults": len(rows), **listed("paymentmethods", "paymentmethod", rows)}


@action("WhmcsDetails", "System")
def whmcs_details(call: Call) -> dict:
    """The version that this API is like."""
    return {"whmcs": {"version": VERSION, "canonicalversion": VERSION}}


@action("GetAdminDetails", "System")
def get_admin_details(call: Call) -> dict:
    """The person in whose name the credentials act."""
    user = User.objects.get(pk=call.actor.user_id)
    departments = Department.objects.visible_to(call.actor).filter(is_active=True).values_list("pk", flat=True)
    return {
        "adminid": user.pk,
        "name": user.label,
        "notes": "",
        "signature": "",
        "allowedpermissions": ",".join(sorted(call.actor.permissions)),
        "departments": ",".join(str(pk) for pk in departments),
        **whmcs_details(call),
        "requesttime": instant(clock.now()),
    }


@action("GetAdminUsers", "System", needs="clients.user.view", optional="roleid email include_disabled")
def get_admin_users(call: Call) -> dict:
    """Everybody who works here."""
    rows = User.objects.visible_to(call.actor).staff().prefetch_related("roles").order_by("pk")
    if not call.values.flag("include_disabled"):
        rows = rows.filter(is_active=True)
    if email := call.values.text("email"):
        rows = rows.filter(email__icontains=email)
    if role := call.values.whole("roleid"):
        rows = rows.filter(roles=role)
    found = [_admin(user) for user in rows]
    return {"count": len(found), "admin_users": found}


def _admin(user: User) -> dict:
    first, _space, last = user.label.partition(" ")
    roles = [role.pk for role in user.roles.all()]
    return {
        "id": user.pk,
        "firstname": first,
        "lastname": last,
        "fullName": user.label,
        "username": user.email,
        "email": user.email,
        "roleId": roles[0] if roles else 0,
        "roleIds": roles,
        "language": user.language,
        "isDisabled": not user.is_active,
        "createdAt": instant(user.created_at),
        "updatedAt": instant(user.updated_at),
    }


@action("GetStaffOnline", "System", needs="clients.user.view")
def get_staff_online(call: Call) -> dict:
    """Colleagues whose session was used a moment ago."""
    since = clock.real_now() - ONLINE
    sessions = UserSession.objects.filter(user__is_staff=True, last_seen_at__gte=since).select_related("user")
    rows = [
        {
            "adminusername": session.user.email,
            "logintime": instant(session.created_at),
            "ipaddress": session.ip,
            "lastvisit": instant(session.last_seen_at),
        }
        for session in sessions.order_by("-last_seen_at")
    ]
    return {"totalresults": len(rows), **listed("staffonline", "staff", rows)}


@action("EncryptPassword", "System", needs="core.setting.edit", required="password2")
def encrypt_password(call: Call) -> dict:
    """By the installation's key."""
    return {"password": encrypt(MARK + call.values.text("password2"))}


@action("DecryptPassword", "System", needs="core.setting.edit", required="password2",
        missing="Refused unless the setting “tell passwords” is on")  # fmt: skip
def decrypt_password(call: Call) -> dict:
    """What EncryptPassword gave, and nothing else that is stored encrypted."""
    if not WHMCS_PASSWORDS.value:
        raise Refused("Passwords are not told: the setting “WHMCS API: tell passwords” is off")
    try:
        text = decrypt(call.values.text("password2"))
    except (InvalidToken, UnicodeEncodeError, ValueError):
        text = ""
    if not text.startswith(MARK):
        raise Refused("This was not encrypted by EncryptPassword here")
    return {"password": text.removeprefix(MARK)}
