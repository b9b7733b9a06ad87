"""Webhook endpoints: where events are sent. The secret is told once, when made."""

from urllib.parse import urlsplit

from hostbill.sandbox.stripe.core import API_VERSION, Call, new_id, now, page
from hostbill.sandbox.stripe.errors import invalid, missing_param
from hostbill.sandbox.stripe.forms import boolean, metadata
from hostbill.sandbox.stripe.routes import route


def build(url: str, secret: str, events: list[str], *, endpoint_id: str = "") -> dict:
    return {
        "id": endpoint_id or new_id("we"),
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": now(),
        "description": None,
        "enabled_events": events,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_secret": secret,
    }


def _check(params: dict) -> None:
    if "url" in params and urlsplit(params["url"]).scheme not in ("http", "https"):
        raise invalid("Invalid URL: URL must be HTTPS.", param="url", code="url_invalid")


@route("POST", "/v1/webhook_endpoints")
def create(call: Call) -> dict:
    params = call.take("url", "enabled_events", "description", "api_version", "connect")
    for name in ("url", "enabled_events"):
        if not params.get(name):
            raise missing_param(name)
    _check(params)
    secret = "whsec_" + new_id("x", 32)[2:]
    endpoint = build(params["url"], secret, list(params["enabled_events"]))
    endpoint["description"] = params.get("description")
    endpoint["metadata"] = metadata({}, params)
    call.store.save("webhook_endpoint", endpoint)
    return {**endpoint, "secret": secret}


@route("GET", "/v1/webhook_endpoints")
def listing(call: Call) -> dict:
    return page(call, "webhook_endpoint", call.store.all("webhook_endpoint").values(), call.path)


@route("GET", "/v1/webhook_endpoints/{endpoint_id}")
def retrieve(call: Call, endpoint_id: str) -> dict:
    return call.find("webhook_endpoint", endpoint_id)


@route("POST", "/v1/webhook_endpoints/{endpoint_id}")
def update(call: Call, endpoint_id: str) -> dict:
    params = call.take("url", "enabled_events", "description", "disabled")
    _check(params)
    endpoint = call.find("webhook_endpoint", endpoint_id)
    for name in ("url", "description"):
        endpoint[name] = params.get(name, endpoint[name])
    if params.get("enabled_events"):
        endpoint["enabled_events"] = list(params["enabled_events"])
    endpoint["status"] = "disabled" if boolean(params, "disabled") else "enabled"
    endpoint["metadata"] = metadata(endpoint["metadata"], params)
    return call.store.save("webhook_endpoint", endpoint)


@route("DELETE", "/v1/webhook_endpoints/{endpoint_id}")
def delete(call: Call, endpoint_id: str) -> dict:
    call.find("webhook_endpoint", endpoint_id)
    call.store.remove("webhook_endpoint", endpoint_id)
    return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}
