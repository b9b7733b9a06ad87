"""Request scope and actor."""

from django.utils.functional import SimpleLazyObject

from hostbill.core import access
from hostbill.core.scope import scope


class RequestScopeMiddleware:
    """Opens the scope whose id is in the log lines, events and tasks of this request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get("X-Request-ID", "")
        with scope(given if given.isalnum() and len(given) <= 64 else "") as identifier:
            response = self.get_response(request)
        response["X-Request-ID"] = identifier
        return response


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
