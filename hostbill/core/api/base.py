"""What all addresses of the API share: who may come in, what they send, how they are answered."""

import json
import math
import re

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from hostbill.core.access import require
from hostbill.core.api import limits, problems
from hostbill.core.api.auth import BearerAuthentication, ConsoleSession
from hostbill.core.api.problems import Problem

#: Nothing that a form takes is longer.
MOST_BYTES = 1_000_000
#: Where it takes files, which are sent inside of it.
MOST_WITH_FILES = 20_000_000
#: Half a character. NUL is the forms' to refuse, beside its field.
HALVES = re.compile("[\ud800-\udfff]")
MOST_DEEP = 6


class JsonParser(BaseParser):
    """One JSON object. Numbers with a point are not taken for amounts, and no key may come twice."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        """A dict."""
        return parse(whole(parser_context["request"]._request, parser_context["view"].most_bytes))


def whole(http, most: int) -> bytes:
    """The body; one that is too large is not read to its end. Problem 413."""
    if int(http.META.get("CONTENT_LENGTH") or 0) > most:
        raise Problem(413)
    raw = http.read(most + 1)
    if len(raw) > most:
        raise Problem(413)
    return raw


def parse(raw: bytes) -> dict:
    """Raises ParseError in words."""
    if not raw.strip():
        return {}
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except ValueError as error:  # no UTF-8, no JSON, or a number of thousands of digits
        raise ParseError(_("This is no JSON: %(why)s") % {"why": error}) from error
    except RecursionError as error:
        raise ParseError(_("This is nested too deeply.")) from error
    if not isinstance(found, dict):
        raise ParseError(_("The body must be a JSON object."))
    if _depth(found) > MOST_DEEP:
        raise ParseError(_("This is nested too deeply."))
    _refuse_unstorable(found)
    return found


def _refuse_unstorable(value) -> None:
    """Texts and numbers that JSON can write and no database can keep: half a character, infinity."""
    if isinstance(value, dict | list):
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            _refuse_unstorable(part)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ParseError(_("%(text)s is no JSON number.") % {"text": value})
    elif isinstance(value, str) and HALVES.search(value):
        raise ParseError(_("A text has characters that cannot be stored."))


def _once(pairs) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ParseError(_("A name comes twice in one object."))
    return found


def _no_constant(text):
    raise ParseError(_("%(text)s is no JSON number.") % {"text": text})


def _depth(value) -> int:
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return 1 + max(map(_depth, parts), default=0)
    return 0


class MayCome(BasePermission):
    """Somebody who works here, or a program with a token of theirs or of a client's."""

    def has_permission(self, request, view):
        """By the actor."""
        if not (request.user and request.user.is_authenticated):
            raise NotAuthenticated
        actor = request._request.actor
        return actor.is_staff or actor.kind == "client" and actor.by_token and view.for_clients


class ApiView(APIView):
    """An address of the API. ``asked``: names of parameters it takes."""

    authentication_classes = [BearerAuthentication, ConsoleSession]
    permission_classes = [MayCome]
    parser_classes = [JsonParser]
    renderer_classes = [JSONRenderer]
    metadata_class = None
    asked: frozenset = frozenset()
    #: Whether clients' programs may come at all.
    for_clients = False

    @property
    def most_bytes(self) -> int:
        """How long its body may be."""
        return MOST_BYTES

    @property
    def http(self):
        """Django's request, as the screens know it."""
        return self.request._request

    @property
    def actor(self):
        """Who asks."""
        return self.http.actor

    def get_exception_handler(self):
        """Problems of our own shape."""
        return problems.handle

    def check_throttles(self, request):
        """Count it."""
        self.rate = limits.count(request)

    def initial(self, request, *args, **kwargs):
        """As DRF; then parameters that nobody asked for are refused: a misspelt filter must not show everything."""
        super().initial(request, *args, **kwargs)
        known = self.known_parameters()
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            words = _("There is no such parameter here. There are: %(known)s.") % {
                "known": ", ".join(sorted(known)) or "–"
            }
            raise Problem(400, "unknown_parameter", errors={name[:100]: [words] for name in unknown[:20]})

    def known_parameters(self) -> set:
        """Of this request's method."""
        return set(self.asked) if self.request.method in ("GET", "HEAD") else set()

    @property
    def audience(self) -> str:
        """Colleagues ("staff"), or "client"."""
        return "client" if self.actor.kind == "client" else "staff"

    def require(self, permission: str) -> None:
        """Raises PermissionDenied without it."""
        if permission:
            require(self.actor, permission)

    def may_use(self, screen) -> bool:
        """Whether the actor holds what this screen asks for: a permission, in the client area a part of the account."""
        if self.audience == "client":
            return self.actor.may_in_area(self.http.client.pk, screen.area)
        return not screen.permission or self.actor.may(screen.permission)

    def admit(self, screen) -> None:
        """Raises PermissionDenied without it; Problem 403 for a client's token that only looks."""
        if not self.may_use(screen):
            raise PermissionDenied
        changes = self.request.method not in SAFE_METHODS and not getattr(screen, "changes_nothing", False)
        if self.actor.reads_only and changes:
            raise Problem(403, "reads_only", _("This token only looks."))

    def sent(self) -> dict:
        """The body."""
        try:
            data = self.request.data
        except RequestDataTooBig as error:
            raise Problem(413) from error
        return data if isinstance(data, dict) else {}

    def finalize_response(self, request, response, *args, **kwargs):
        """The limits, and that nobody else's cache keeps it."""
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in getattr(self, "rate", {}).items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Authorization", "Cookie", "Accept-Language"])
        return response


class NoSuchAddress(ApiView):
    """Whatever is not there."""

    for_clients = True

    def initial(self, request, *args, **kwargs):
        """For everybody, before anything else."""
        raise Http404


def answer(data, status: int = 200, headers=None) -> JsonResponse:
    """JSON as it is, in any script."""
    return JsonResponse(data, status=status, headers=headers, json_dumps_params={"ensure_ascii": False})
