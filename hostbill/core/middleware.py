"""Request scope and actor."""

import re
import time
from ipaddress import ip_address

from allauth.usersessions.middleware import UserSessionsMiddleware
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.utils.functional import SimpleLazyObject
from django_structlog.middlewares import RequestMiddleware
from structlog.contextvars import bind_contextvars, get_contextvars

from hostbill.core import access
from hostbill.core.scope import scope

#: Ids that a proxy may hand us; anything else gets a new one.
DECENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class ProxyMiddleware:
    """Behind our own proxies the caller's address is in X-Forwarded-For: the entry that the outermost of them wrote.

    Entries further left are whatever the caller claims, so they are never believed. Without this every visitor would
    share the proxy's address, and with it one sign-in throttle."""

    def __init__(self, get_response):
        if not settings.PROXIES:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        address = told[-settings.PROXIES] if len(told) >= settings.PROXIES else ""
        try:
            request.META["REMOTE_ADDR"] = str(ip_address(address))
        except ValueError:
            pass  # no such entry: the connection's own address stands
        return self.get_response(request)


class RequestLogMiddleware(RequestMiddleware):
    """Logs each request by its path. What stands behind the question mark may open something: links in mails, programs that
    send credentials there."""

    @staticmethod
    def format_request(request) -> str:
        """Method and path."""
        return f"{request.method} {request.path}" + ("?…" if request.META.get("QUERY_STRING") else "")


class RequestScopeMiddleware:
    """Opens the scope whose id is in the log lines, events and tasks of this request.

    django-structlog's middleware comes before: it takes the proxy's X-Request-ID or makes one, and logs start and end."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = get_contextvars().get("request_id", "")
        with scope(given if DECENT_ID.fullmatch(given) else "") as identifier:
            response = self.get_response(request)
        bind_contextvars(request_id=identifier)  # for the last line, should the given one have been refused
        response["X-Request-ID"] = identifier
        return response


class SessionActivityMiddleware(UserSessionsMiddleware):
    """Notes when and where from each login was last used, for its owner's page: once a minute, not with every request."""

    EVERY = 60  # seconds
    MOST = 10_000  # logins remembered by one process

    def __init__(self, get_response):
        super().__init__(get_response)
        self.noted: dict[tuple, float] = {}

    def __call__(self, request):
        login, now = (request.session.session_key, request.META.get("REMOTE_ADDR")), time.monotonic()
        if now - self.noted.get(login, -self.EVERY) < self.EVERY:
            return self.get_response(request)
        if len(self.noted) >= self.MOST:
            self.noted.clear()
        self.noted[login] = now
        return super().__call__(request)


class ActorMiddleware:
    """``request.actor`` and ``request.client``: lazy, so that pages without a person cost no query."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.actor = SimpleLazyObject(lambda: access.actor_of(request))
        request.client = SimpleLazyObject(lambda: access.client_of(request))
        response = self.get_response(request)
        if request.session.accessed and not response.has_header("Cache-Control"):
            # made for one person: never from a shared cache, and not shown again by "back" after signing out
            response["Cache-Control"] = "private, no-store" if request.user.is_authenticated else "private, no-cache"
        return response
