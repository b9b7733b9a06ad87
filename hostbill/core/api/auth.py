"""Who asks: a program with a bearer token of a colleague or a client, or a colleague who is signed in at the console."""

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.signals import user_login_failed
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import PermissionDenied

from hostbill.core.access import client_of, token_bearer
from hostbill.core.api.problems import Problem
from hostbill.core.errors import AppError

#: Under this name wrong tokens are counted, per address, by what counts wrong passwords.
GUESSES = {"login": "API token", "username": "API token"}
CHALLENGE = 'Bearer realm="HostBill"'
MOST_TOKEN = 200


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer ...``. A token is asked first; with one, the session does not count."""

    def authenticate(self, request):
        """(user, actor), or None without such a header."""
        kind, _space, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        http = request._request
        if not AxesProxyHandler.is_allowed(http, GUESSES):
            raise Problem(429, "too_many_guesses", headers={"Retry-After": "900"})
        text = text.strip()
        try:
            found = token_bearer(http, text) if 0 < len(text) <= MOST_TOKEN else None
        except AppError as error:
            raise Problem(401, error.code, error.message, headers={"WWW-Authenticate": CHALLENGE}) from error
        if found is None:
            self._count_guess(http)
            raise Problem(401, "bad_token", headers={"WWW-Authenticate": CHALLENGE})
        user, http.actor = found
        http.client = client_of(http)  # the one that the token is for; whatever else the browser has open
        return user, http.actor

    def _count_guess(self, http) -> None:
        user_login_failed.send(sender=type(self), credentials=GUESSES, request=http)
        http.axes_locked_out = False  # axes would answer with a page for people

    def authenticate_header(self, request):
        """What to do about a 401."""
        return CHALLENGE


class ConsoleSession(SessionAuthentication):
    """The console's own session, for reading in a browser; changing needs the CSRF token as a form does."""

    def enforce_csrf(self, request):
        """As DRF, in our words."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise Problem(403, "csrf", error.detail) from error
