"""The table of addresses: `@route("POST", "/v1/customers/{id}")` puts a function into it."""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """`public`: a browser may call it with the publishable key."""

    method: str
    pattern: re.Pattern
    function: Callable
    name: str
    public: bool


ROUTES: list[Route] = []


def route(method: str, path: str, *, public: bool = False):
    """Register the decorated function(call, **ids) for the address. Fixed addresses go before those with an id."""

    def wrap(function: Callable) -> Callable:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        ROUTES.append(Route(method, pattern, function, _name(method, path), public))
        return function

    return wrap


def _name(method: str, path: str) -> str:
    """Name of the operation for faults: "payment_intents.confirm", "customers.create", "refunds.list"."""
    parts = path.removeprefix("/v1/").split("/")
    fixed = [part for part in parts if not part.startswith("{")]
    if not parts[-1].startswith("{") and len(fixed) > 1 and any(part.startswith("{") for part in parts):
        return ".".join(fixed)
    ends_with_id = parts[-1].startswith("{")
    verb = {
        ("GET", True): "retrieve",
        ("GET", False): "list",
        ("POST", True): "update",
        ("POST", False): "create",
        ("DELETE", True): "delete",
    }.get((method, ends_with_id), method.lower())
    return ".".join([*fixed, verb])


def match(method: str, path: str) -> tuple[Route, dict] | tuple[None, dict]:
    for entry in ROUTES:
        found = entry.pattern.fullmatch(path) if entry.method == method else None
        if found:
            return entry, found.groupdict()
    return None, {}
