"""The control endpoint beyond what every sandbox has. All by POST to /_control/NAME with a JSON object.

| name        | body                                                             | does                                            |
|-------------|------------------------------------------------------------------|-------------------------------------------------|
| webhooks    | duplicate, delay, drop, fail, reorder, hold; flush               | sets the disorder; unnamed ones go back to none |
| send_event  | event_id (or type: the newest of it), times, parallel            | sends an event again                            |
| deliveries  |                                                                  | log of sendings, and how many are still to come |
| settings    | sepa_delay, work_delay, automatic_methods                        | see core.Settings                               |
| advance     | payment_intent (or "all"), outcome: succeed, fail, dispute       | ends a direct debit                             |
| dispute     | payment_intent or charge, reason, amount                         | opens a dispute                                 |
| decide      | dispute, outcome: won, lost                                      | closes it                                       |
| card        | payment_method or customer, decline_code ("" = normal again)     | from now on this saved card is declined         |
| authenticate| payment_intent or setup_intent, passed                           | does what the 3-D Secure page does              |
| endpoint    | url, secret                                                      | where the configured webhook goes from now on   |
| object      | kind, id                                                         | one object                                      |
"""

from dataclasses import fields

from hostbill.sandbox.stripe.api import disputes, payment_flow, setup_intents
from hostbill.sandbox.stripe.core import visible
from hostbill.sandbox.stripe.errors import ApiError
from hostbill.sandbox.stripe.webhooks import Disorder


def run(app, name: str, data: dict) -> dict | None:
    """Do it; ValueError for what cannot be done, None for an unknown name. Runs under the store's lock."""
    order = ORDERS.get(name)
    if order is None:
        return None
    try:
        return order(app, data)
    except ApiError as error:
        raise ValueError(error.message) from error


def webhooks(app, data: dict) -> dict:
    sent = app.webhooks.flush() if data.pop("flush", False) else 0
    known = {each.name for each in fields(Disorder)}
    if set(data) - known:
        raise ValueError(f"known are {', '.join(sorted(known))} and flush")
    app.webhooks.disorder = Disorder(**data)
    return {"flushed": sent, "pending": app.webhooks.pending()}


def send_event(app, data: dict) -> dict:
    event_id = data.get("event_id")
    if not event_id:
        event_id = next(e["id"] for e in reversed(app.store.all("event").values()) if e["type"] == data["type"])
    app.new_call().find("event", event_id)
    return {
        "event_id": event_id,
        "queued": app.webhooks.send_again(event_id, data.get("times", 1), data.get("parallel", True)),
    }


def deliveries(app, data: dict) -> dict:
    return {"deliveries": list(app.webhooks.log), "pending": app.webhooks.pending()}


def settings(app, data: dict) -> dict:
    for name in ("sepa_delay", "work_delay", "automatic_methods"):
        if name in data:
            setattr(app.settings, name, data[name])
    return {name: getattr(app.settings, name) for name in ("sepa_delay", "work_delay", "automatic_methods")}


def advance(app, data: dict) -> dict:
    intents = app.store.all("payment_intent").values()
    wanted = data.get("payment_intent", "all")
    chosen = [i for i in intents if (i["status"] == "processing" if wanted == "all" else i["id"] == wanted)]
    for intent in chosen:
        payment_flow.advance(app.new_call(), intent, data.get("outcome", ""))
    return {"advanced": {intent["id"]: intent["status"] for intent in chosen}}


def dispute(app, data: dict) -> dict:
    call = app.new_call()
    charge_id = data.get("charge") or call.find("payment_intent", data["payment_intent"])["latest_charge"]
    charge = call.find("charge", charge_id)
    return visible(disputes.open_dispute(call, charge, data.get("reason", "fraudulent"), data.get("amount")))


def decide(app, data: dict) -> dict:
    call = app.new_call()
    return visible(disputes.decide(call, call.find("dispute", data["dispute"]), data["outcome"]))


def card(app, data: dict) -> dict:
    methods = app.store.all("payment_method").values()
    name, wanted = ("id", data["payment_method"]) if "payment_method" in data else ("customer", data["customer"])
    chosen = [method for method in methods if method[name] == wanted]
    for method in chosen:
        method.pop("_decline", None)
        if data.get("decline_code"):
            method["_decline"] = data["decline_code"]
        app.store.save("payment_method", method)
    return {"changed": [method["id"] for method in chosen]}


def authenticate(app, data: dict) -> dict:
    return visible(
        finish_authentication(app, data.get("payment_intent") or data["setup_intent"], data.get("passed", True))
    )


def finish_authentication(app, intent_id: str, passed: bool) -> dict:
    """The end of 3-D Secure for a payment or a setup intent; nothing when it no longer waits for it. Hold the lock."""
    call = app.new_call()
    kind, flow = ("payment_intent", payment_flow) if intent_id.startswith("pi_") else ("setup_intent", setup_intents)
    intent = call.find(kind, intent_id)
    if intent["status"] == "requires_action":
        flow.authenticated(call, intent, passed=passed)
    return intent


def endpoint(app, data: dict) -> dict:
    app.configured = (data["url"], data.get("secret") or app.configured[1])
    app.configure()
    return {"url": app.configured[0], "secret": app.configured[1]}


def object_(app, data: dict) -> dict:
    return visible(app.new_call().find(data["kind"], data["id"]))


ORDERS = {
    "webhooks": webhooks,
    "send_event": send_event,
    "deliveries": deliveries,
    "settings": settings,
    "advance": advance,
    "dispute": dispute,
    "decide": decide,
    "card": card,
    "authenticate": authenticate,
    "endpoint": endpoint,
    "object": object_,
}
