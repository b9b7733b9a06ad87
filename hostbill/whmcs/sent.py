"""What a request brings: form and query together, names with PHP's brackets as nested dicts."""

import re
from io import BytesIO

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError, TooManyFilesSent

from hostbill.whmcs.errors import Refused

#: Names that belong to the protocol, not to an action. None of them may come twice, so that nobody on the way reads another one.
RESERVED = frozenset({"action", "identifier", "secret", "username", "password", "accesskey", "responsetype"})
FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 2_500_000
MOST_VALUES = 1000
MOST_DEEP = 5
MOST_NAME = 200
BRACKETS = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
INSIDE = re.compile(r"\[([^\[\]]*)\]")


class Unreadable(Refused):
    """The request itself is senseless: HTTP ``status``."""

    def __init__(self, message, status=400):
        super().__init__(message)
        self.status = status


def read(request) -> tuple[dict, dict]:
    """(reserved names with their texts, everything else nested). Raises Unreadable."""
    query, form = _pairs(request.GET), _pairs(_form(request))
    if len(query) + len(form) > MOST_VALUES:
        raise Unreadable("Too many parameters")
    reserved = _reserved(query) | (there := _reserved(form))
    for name, text in _reserved(query).items():
        if there.get(name, text) != text:
            raise Unreadable(f"{name} was sent twice")
    found: dict = {}
    for name, text in [*query, *form]:
        put(found, name, text)
    if twisted := sorted(name for name in RESERVED if isinstance(found.get(name), dict)):
        raise Unreadable(f"{twisted[0]} must be a single value")
    return reserved, {name: value for name, value in found.items() if name not in RESERVED}


def _form(request):
    """The parsed body. It is refused by its announced length, before it is read."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MOST_BYTES:
        raise Unreadable("The request is too large", 413)
    try:
        _take_chunks(request)
        if request.content_type == FORM and (request.encoding or "utf-8").lower() != "utf-8":
            return QueryDict(request.body, encoding=request.encoding)  # Django takes forms in UTF-8 alone
        return request.POST
    except RequestDataTooBig as error:
        raise Unreadable("The request is too large", 413) from error
    except (SuspiciousOperation, BadRequest, MultiPartParserError, TooManyFilesSent, UnreadablePostError) as error:
        raise Unreadable("The request cannot be read") from error


def _take_chunks(request) -> None:
    """A body in chunks has no announced length, and Django would take it for an empty one: it is read here, up to the limit."""
    meta = request.META
    if meta.get("CONTENT_LENGTH") or "chunked" not in meta.get("HTTP_TRANSFER_ENCODING", "").lower():
        return
    if not meta.get("wsgi.input_terminated"):  # the server does not say where it ends
        return
    body = meta["wsgi.input"].read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise Unreadable("The request is too large", 413)
    meta["CONTENT_LENGTH"] = str(len(body))
    request._stream = BytesIO(body)


def _pairs(sent) -> list[tuple[str, str]]:
    """Names as PHP reads them: a dot or a space is an underscore."""
    pairs = []
    for name, texts in sent.lists():
        if "\x00" in name or any("\x00" in text for text in texts):
            raise Unreadable("The request cannot be read")
        head, bracket, rest = name.lstrip(" ")[:MOST_NAME].partition("[")
        pairs += [(head.replace(".", "_").replace(" ", "_") + bracket + rest, text) for text in texts]
    return pairs


def _reserved(pairs) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in pairs:
        if name in RESERVED and name in found:
            raise Unreadable(f"{name} was sent twice")
        if name in RESERVED:
            found[name] = text.strip()
    return found


def put(found: dict, name: str, text: str) -> None:
    """Add one value under its name: ``a[x][]`` goes into the next place of the dict at a, x. Raises Unreadable."""
    match = BRACKETS.fullmatch(name)
    keys = [match[1], *INSIDE.findall(match[2])] if match else [name]
    if len(keys) > MOST_DEEP:
        raise Unreadable(f"{keys[0]} is nested too deeply")
    place = found
    for key in keys[:-1]:
        place = place.setdefault(_place(place, key), {})
        if not isinstance(place, dict):
            raise Unreadable(f"{keys[0]} was sent as a value and as an array")
    last = _place(place, keys[-1]) if len(keys) > 1 else keys[-1]
    if isinstance(place.get(last), dict):
        raise Unreadable(f"{keys[0]} was sent as a value and as an array")
    place[last] = text


def _place(place: dict, key: str) -> str:
    """The key; for an empty one the number after the greatest."""
    return key or str(1 + max((int(old) for old in place if old.isascii() and old.isdigit() and len(old) < 10), default=-1))
