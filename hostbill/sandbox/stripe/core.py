"""What every resource needs: the sandbox in use, building objects, listing with paging, expanding, announcing events."""

import copy
import re
import time
from dataclasses import dataclass, field

from hostbill.sandbox.stripe.errors import invalid, missing, unknown_param
from hostbill.sandbox.stripe.forms import integer
from hostbill.sandbox.stripe.store import Store, new_id

API_VERSION = "2026-10-28.endive"
PRIVATE = "_"  # fields of ours in an object start with this and never leave


@dataclass
class Settings:
    """How this sandbox behaves; changed by POST /_control/settings."""

    secret_key: str
    publishable_key: str
    sepa_delay: float | None = 10.0  # seconds from processing to the result; None waits for the control endpoint
    work_delay: float = 0.0  # seconds each mutating call takes while its idempotency key is held
    automatic_methods: list = field(default_factory=lambda: ["card"])


@dataclass
class Call:
    """One API call in progress. `public`: made with the publishable key, that is, from a browser."""

    store: Store
    settings: Settings
    announce: object
    base_url: str
    method: str
    path: str
    params: dict
    request_id: str
    idempotency_key: str = ""
    public: bool = False

    def event(self, type_: str, obj: dict, previous: dict | None = None) -> None:
        """Write an event with the object as it is now and send it to the webhook endpoints."""
        data = {"object": visible(obj)}
        if previous:
            data["previous_attributes"] = previous
        event = {
            "id": new_id("evt"),
            "object": "event",
            "account": None,
            "api_version": API_VERSION,
            "context": None,
            "created": now(),
            "data": copy.deepcopy(data),
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": self.request_id or None, "idempotency_key": self.idempotency_key or None},
            "type": type_,
        }
        self.announce(event)

    def find(self, kind: str, object_id: str, *, param: str = "id") -> dict:
        found = self.store.get(kind, object_id)
        if found is None or found.get("deleted") and param != "id":
            raise missing(kind, object_id, param=param)
        return found

    def take(self, *names: str) -> dict:
        """The parameters, after refusing any that this call does not know."""
        known = {*names, "expand", "metadata", "key"}
        for name in self.params:
            if name not in known:
                raise unknown_param(name)
        return self.params


def now() -> int:
    return int(time.time())


def visible(obj):
    """The object without our private fields."""
    if isinstance(obj, dict):
        return {key: visible(value) for key, value in obj.items() if not key.startswith(PRIVATE)}
    if isinstance(obj, list):
        return [visible(value) for value in obj]
    return obj


def text(params: dict, name: str, default=None):
    """A text parameter; an empty one unsets."""
    value = params.get(name, default)
    if isinstance(value, dict | list):
        raise invalid(f"Invalid string: {value}", param=name)
    return None if value == "" else value


def page(call: Call, kind: str, objects, url: str) -> dict:
    """One page of a list, newest first, by limit, starting_after and ending_before."""
    limit = integer(call.params, "limit", 10)
    if not 1 <= limit <= 100:
        raise invalid("Limit must be between 1 and 100.", param="limit")
    rows = [obj for obj in reversed(list(objects)) if not obj.get("deleted") and _in_range(call.params, obj)]
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    if after:
        rows = rows[_place(kind, rows, after, "starting_after") + 1 :]
    if before:
        rows = rows[: _place(kind, rows, before, "ending_before")][-limit:]
        return {"object": "list", "data": rows, "has_more": False, "url": url}
    return {"object": "list", "data": rows[:limit], "has_more": len(rows) > limit, "url": url}


def _place(kind: str, rows: list, object_id: str, param: str) -> int:
    for place, row in enumerate(rows):
        if row["id"] == object_id:
            return place
    raise missing(kind, object_id, param=param)


def _in_range(params: dict, obj: dict) -> bool:
    created = params.get("created")
    if created is None:
        return True
    if not isinstance(created, dict):
        return obj["created"] == int(created)
    tests = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}
    return all(tests[name](obj["created"], int(bound)) for name, bound in created.items() if name in tests)


SEARCH_TERM = re.compile(r"""\s*(-?)(metadata\[['"]([^'"]+)['"]\]|\w+)\s*(:|~)\s*(?:['"]([^'"]*)['"]|null)\s*""")


def search(call: Call, objects, url: str) -> dict:
    """Stripe's query language as far as needed: field:'x', field~'x', metadata['k']:'v', joined by AND or OR, - negates."""
    query = call.params.get("query") or ""
    joined_by_or = " OR " in query
    terms = [_term(part) for part in re.split(r"\s+(?:AND|OR)\s+", query)]
    how = any if joined_by_or else all
    rows = [obj for obj in reversed(list(objects)) if not obj.get("deleted") and how(term(obj) for term in terms)]
    limit = integer(call.params, "limit", 10)
    start = integer(call.params, "page", 0)
    following = start + limit if len(rows) > start + limit else None
    answer = {"object": "search_result", "data": rows[start : start + limit], "has_more": bool(following), "url": url}
    return {**answer, "next_page": str(following) if following else None}


def _term(part: str):
    match = SEARCH_TERM.fullmatch(part)
    if not match:
        raise invalid("We were unable to parse your search query.", param="query")
    negative, name, key, operator, wanted = match.groups()

    def test(obj: dict) -> bool:
        value = obj.get("metadata", {}).get(key) if key else obj.get(name)
        found = (
            value == wanted if operator == ":" or wanted is None else (wanted or "").lower() in str(value or "").lower()
        )
        return found != bool(negative)

    return test


# Which object a field's id means, so that expand[] can replace it.
REFERENCES = {
    "customer": "customer",
    "payment_method": "payment_method",
    "default_payment_method": "payment_method",
    "latest_charge": "charge",
    "charge": "charge",
    "payment_intent": "payment_intent",
    "setup_intent": "setup_intent",
    "balance_transaction": "balance_transaction",
    "latest_attempt": "setup_attempt",
    "mandate": "mandate",
}


def expand(store: Store, obj, paths) -> dict:
    """A copy in which the ids at the given paths ("latest_charge.balance_transaction", "data.customer") are objects."""
    copied = copy.deepcopy(visible(obj))
    if isinstance(paths, dict):
        paths = list(paths.values())
    for path in paths or []:
        _expand_path(store, copied, path.split("."), path)
    return copied


def _expand_path(store: Store, node, steps: list[str], whole: str) -> None:
    if isinstance(node, list):
        for item in node:
            _expand_path(store, item, steps, whole)
        return
    if node is None or not steps:
        return
    name, rest = steps[0], steps[1:]
    if not isinstance(node, dict) or name not in node and name not in REFERENCES:
        raise invalid(f"This property cannot be expanded ({whole}).", param="expand")
    value = node.get(name)
    if isinstance(value, str) and name in REFERENCES:
        found = store.get(REFERENCES[name], value)
        node[name] = copy.deepcopy(visible(found)) if found else value
    _expand_path(store, node.get(name), rest, whole)
