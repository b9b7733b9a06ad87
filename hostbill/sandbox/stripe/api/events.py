"""Events, for those who missed a webhook."""

from hostbill.sandbox.stripe.core import Call, page
from hostbill.sandbox.stripe.routes import route


def matches(wanted: str, type_: str) -> bool:
    """`charge.*` and `*` are patterns; anything else is a type."""
    if wanted == "*":
        return True
    return type_.startswith(wanted[:-1]) if wanted.endswith(".*") else wanted == type_


@route("GET", "/v1/events")
def listing(call: Call) -> dict:
    wanted = [call.params["type"]] if call.params.get("type") else list(call.params.get("types") or ["*"])
    rows = [e for e in call.store.all("event").values() if any(matches(each, e["type"]) for each in wanted)]
    if "delivery_success" in call.params:
        undelivered = call.params["delivery_success"] == "false"
        rows = [e for e in rows if (e["pending_webhooks"] > 0) == undelivered]
    return page(call, "event", rows, call.path)


@route("GET", "/v1/events/{event_id}")
def retrieve(call: Call, event_id: str) -> dict:
    return call.find("event", event_id)
