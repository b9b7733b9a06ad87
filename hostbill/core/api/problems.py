"""What went wrong, as RFC 9457 tells it: a status, a stable code, a sentence, and the errors of single fields."""

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from hostbill.core.errors import AppError
from hostbill.core.scope import request_id

TYPE = "application/problem+json"
#: Status -> code and title, where the error does not bring its own.
USUAL = {
    400: ("bad_request", _("The request cannot be understood")),
    401: ("not_signed_in", _("Show a valid token")),
    403: ("forbidden", _("You may not do this")),
    404: ("not_found", _("There is no such thing, or you may not see it")),
    405: ("method_not_allowed", _("This address does not take this method")),
    406: ("not_acceptable", _("The API answers in JSON only")),
    409: ("conflict", _("This contradicts what is there")),
    412: ("changed_meanwhile", _("It was changed since you read it")),
    413: ("too_large", _("The body is too large")),
    415: ("unsupported_media_type", _("Send JSON, with Content-Type: application/json")),
    422: ("invalid", _("Some values are not right")),
    429: ("too_many_requests", _("Too many requests")),
    500: ("server_error", _("Something broke on our side")),
}


class Problem(exceptions.APIException):
    """An answer that is not the one hoped for. ``errors``: field -> sentences."""

    def __init__(self, status: int, code: str = "", detail="", *, errors=None, headers=None):
        self.status_code = status
        self.code = code or USUAL[status][0]
        self.sentence = detail
        self.errors = errors or {}
        self.headers = headers or {}
        super().__init__(str(detail) or self.code)


def refused(error: AppError) -> Problem:
    """A use case said no: beside its field when it names one."""
    errors = {error.field: [str(error.message)]} if error.field else {}
    status = 409 if error.code == "illegal_transition" else 422
    return Problem(status, error.code, error.message, errors=errors)


def body(status: int, code: str = "", detail="", errors=None) -> dict:
    """The document."""
    usual_code, title = USUAL.get(status, USUAL[400])
    found = {
        "type": "about:blank",
        "title": str(title),
        "status": status,
        "code": code or usual_code,
        "detail": str(detail or title),
        "request_id": request_id(),
    }
    return found | ({"errors": {name: list(map(str, texts)) for name, texts in errors.items()}} if errors else {})


def answer(status: int, code: str = "", detail="", errors=None, headers=None) -> JsonResponse:
    """The response."""
    return JsonResponse(body(status, code, detail, errors), status=status, content_type=TYPE, headers=headers)


def handle(error, context):
    """DRF's exception handler. None: nobody foresaw it, so it is logged and answered as a 500."""
    if isinstance(error, AppError):
        error = refused(error)
    if isinstance(error, Problem):
        return answer(error.status_code, error.code, error.sentence, error.errors, error.headers)
    if isinstance(error, Http404):
        return answer(404)
    if isinstance(error, PermissionDenied):
        return answer(403)
    if isinstance(error, RequestDataTooBig):
        return answer(413)
    if isinstance(error, exceptions.APIException):
        return _of_drf(error)
    return None


def _of_drf(error: exceptions.APIException) -> JsonResponse:
    """DRF's own refusals: sign-in, method, media type, parsing."""
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    status = error.status_code
    detail = error.detail if status in (400, 405) and isinstance(error.detail, str) else ""
    code = "bad_json" if isinstance(error, exceptions.ParseError) else ""
    return answer(status, code, detail, headers=headers)
