"""Who may come in: addresses, credentials, roles. The words are those that clients of WHMCS compare with."""

import re
from hmac import compare_digest

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.signals import user_login_failed

from clients.actions.api_credential import actor_for, find_credential, note_credential_use
from clients.models import within
from clients.options import WHMCS_ACCESS_KEY, WHMCS_NETWORKS
from hostbill.whmcs.errors import Refused

#: Under this name wrong credentials are counted, per address, by what counts wrong passwords.
GUESSES = {"login": "WHMCS API", "username": "WHMCS API"}
MD5 = re.compile(r"[0-9a-fA-F]{32}")
WRONG, WRONG_LOGIN = "Invalid or missing credentials", "Authentication Failed"
NO_MD5 = "Authentication Failed: signing in with a staff name and the MD5 of its password is not offered. Use API credentials."


class Shut(Refused):
    """Not let in: HTTP ``status``."""

    def __init__(self, message, status=403, headers=None):
        super().__init__(message)
        self.status, self.headers = status, headers or {}


def admit(request, reserved: dict):
    """(credential, actor) of whoever asks. Raises Shut."""
    if not AxesProxyHandler.is_allowed(request, GUESSES):
        raise Shut("Too many wrong credentials from this address. Try again later.", 429, {"Retry-After": "900"})
    ip = request.META.get("REMOTE_ADDR")
    _check_address(request, reserved.get("accesskey", ""), ip)
    by_login = "identifier" not in reserved and "username" in reserved
    name, secret = [reserved.get(key, "") for key in (("username", "password") if by_login else ("identifier", "secret"))]
    credential = find_credential(name, secret)
    if credential is None:
        _refuse(request, by_login, name, secret)
    _check_usable(credential, ip)
    note_credential_use(credential, ip)
    return credential, actor_for(credential, ip)


def _check_address(request, key: str, ip: str | None) -> None:
    """The list of the settings, unless the access key is shown."""
    networks = WHMCS_NETWORKS.value.split()
    if not networks or within(ip, networks):
        return
    expected = WHMCS_ACCESS_KEY.value
    if expected and compare_digest(expected.encode(), key.encode()):
        return
    if key:
        _count_guess(request)
    raise Shut(f"Invalid IP {ip}", 400)


def _refuse(request, by_login: bool, name: str, secret: str):
    if by_login and MD5.fullmatch(secret):
        raise Shut(NO_MD5)
    if name or secret:
        _count_guess(request)
    raise Shut(WRONG_LOGIN if by_login else WRONG)


def _check_usable(credential, ip: str | None) -> None:
    if credential.revoked_at:
        raise Shut(WRONG)
    if not credential.user.is_active:
        raise Shut("Administrator Account Disabled")
    if not credential.user.is_staff:
        raise Shut("Access Denied")
    if not credential.admits(ip):
        raise Shut(f"Invalid IP {ip}", 400)


def _count_guess(request) -> None:
    user_login_failed.send(sender=__name__, credentials=GUESSES, request=request)
    request.axes_locked_out = False  # axes would answer with a page for people
