"""Setup intents: a method is checked, authenticated if its bank wants that, and kept for later charges."""

from hostbill.sandbox.stripe import cards
from hostbill.sandbox.stripe.api import payment_flow
from hostbill.sandbox.stripe.api.payment_intents import of_browser
from hostbill.sandbox.stripe.api.payment_methods import attach_to, card_of, decline_of, resolve
from hostbill.sandbox.stripe.core import Call, new_id, now, page, text, visible
from hostbill.sandbox.stripe.errors import card_error, invalid
from hostbill.sandbox.stripe.forms import boolean, metadata
from hostbill.sandbox.stripe.routes import route

SETTABLE = (
    "customer",
    "description",
    "payment_method",
    "payment_method_data",
    "payment_method_types",
    "payment_method_options",
)
CONFIRM = (
    "payment_method",
    "payment_method_data",
    "payment_method_options",
    "return_url",
    "mandate_data",
    "use_stripe_sdk",
)
CONFIRM += ("client_secret", "expected_payment_method_type", "confirmation_token", "client_context")
CREATE = (*SETTABLE, "automatic_payment_methods", "confirm", "usage", "return_url", "mandate_data", "attach_to_self")
CREATE += ("use_stripe_sdk", "flow_directions", "single_use")


def _save(call: Call, intent: dict, event: str = "") -> dict:
    call.store.save("setup_intent", intent)
    if event:
        call.event(event, intent)
    return intent


def _blank(call: Call, params: dict) -> dict:
    intent_id = new_id("seti")
    automatic = (params.get("automatic_payment_methods") or {}).get("enabled") == "true"
    types = list(params.get("payment_method_types") or (call.settings.automatic_methods if automatic else ["card"]))
    return {
        "id": intent_id,
        "object": "setup_intent",
        "allowed_payment_method_types": None,
        "application": None,
        "attach_to_self": False,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True} if automatic else None,
        "cancellation_reason": None,
        "client_secret": f"{intent_id}_secret_{new_id('x')[2:]}",
        "created": now(),
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": types,
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": params.get("usage", "off_session"),
    }


def _apply(call: Call, intent: dict, params: dict) -> None:
    if "description" in params:
        intent["description"] = text(params, "description")
    if params.get("customer"):
        call.find("customer", params["customer"], param="customer")
        intent["customer"] = params["customer"]
    intent["metadata"] = metadata(intent["metadata"], params)
    method = resolve(call, params)
    if method:
        intent.update(payment_method=method["id"], status="requires_confirmation")


def confirm_with(call: Call, intent: dict, method: dict | None, return_url: str | None) -> dict:
    """Check the method; ask for authentication where the card wants it."""
    if intent["status"] not in payment_flow.CONFIRMABLE:
        raise payment_flow.wrong_state(intent, "confirm")
    if method is None:
        raise invalid(
            "You cannot confirm this SetupIntent because it's missing a payment method.",
            code="setup_intent_unexpected_state",
            setup_intent=visible(intent),
        )
    if method["type"] not in intent["payment_method_types"]:
        raise invalid(f"The PaymentMethod provided ({method['type']}) is not allowed here.", param="payment_method")
    intent.update(payment_method=method["id"], last_setup_error=None, next_action=None)
    card = card_of(method)
    if card and card.auth in ("first", "always"):
        intent.update(status="requires_action", next_action=payment_flow.next_action(call, intent, return_url))
        return _save(call, intent, "setup_intent.requires_action")
    return _finish(call, intent, method)


def _finish(call: Call, intent: dict, method: dict, *, raising: bool = True) -> dict:
    code = decline_of(method, when="at_save")
    if code:
        return _refuse(call, intent, method, code, raising=raising)
    if method["type"] == "sepa_debit":
        method["_mandate"] = method.get("_mandate") or payment_flow.mandate(
            call, method, intent.pop("_mandate_data", None)
        )
        intent["mandate"] = method["_mandate"]
    if intent["customer"]:
        attach_to(call, method, intent["customer"])
    method["_set_up"] = intent["usage"] == "off_session"
    call.store.save("payment_method", method)
    intent.update(status="succeeded", next_action=None, latest_attempt=_attempt(call, intent, "succeeded"))
    return _save(call, intent, "setup_intent.succeeded")


def _attempt(call: Call, intent: dict, status: str) -> str:
    attempt = {
        "id": new_id("setatt"),
        "object": "setup_attempt",
        "created": now(),
        "customer": intent["customer"],
        "livemode": False,
        "payment_method": intent["payment_method"],
        "setup_error": intent["last_setup_error"],
        "setup_intent": intent["id"],
        "status": status,
        "usage": intent["usage"],
    }
    return call.store.save("setup_attempt", attempt)["id"]


def _refuse(call: Call, intent: dict, method: dict, code: str, *, raising: bool) -> dict:
    error = {"code": cards.error_code(code), "message": cards.message(code), "type": "card_error"}
    if code not in cards.OWN_CODE:
        error["decline_code"] = code
    if code == "authentication":
        error = {
            "code": "setup_intent_authentication_failure",
            "message": "We are unable to authenticate your payment method. Please choose a different payment method and "
            "try again.",
            "type": "card_error",
        }
    error["payment_method"] = visible(method)
    intent["last_setup_error"] = error
    attempt = _attempt(call, intent, "failed")
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, latest_attempt=attempt)
    _save(call, intent, "setup_intent.setup_failed")
    if raising:
        extra = {key: error[key] for key in ("decline_code", "payment_method") if key in error}
        raise card_error(error["message"], code=error["code"], setup_intent=visible(intent), **extra)
    return intent


def authenticated(call: Call, intent: dict, *, passed: bool) -> dict:
    """The person came back from the 3-D Secure page."""
    method = call.store.get("payment_method", intent["payment_method"])
    if not passed:
        return _refuse(call, intent, method, "authentication", raising=False)
    return _finish(call, intent, method, raising=False)


def _confirm(call: Call, intent: dict, params: dict) -> dict:
    method = resolve(call, params) or call.store.get("payment_method", intent["payment_method"] or "")
    intent["_mandate_data"] = params.get("mandate_data")
    return confirm_with(call, intent, method, params.get("return_url"))


@route("POST", "/v1/setup_intents")
def create(call: Call) -> dict:
    params = call.take(*CREATE)
    if params.get("usage", "off_session") not in ("off_session", "on_session"):
        raise invalid("Invalid usage: must be one of on_session or off_session", param="usage")
    intent = _blank(call, params)
    _apply(call, intent, params)
    _save(call, intent, "setup_intent.created")
    if boolean(params, "confirm"):
        already = {name: value for name, value in params.items() if not name.startswith("payment_method")}
        return _confirm(call, intent, already)
    return intent


@route("GET", "/v1/setup_intents")
def listing(call: Call) -> dict:
    wanted = {name: call.params[name] for name in ("customer", "payment_method") if name in call.params}
    rows = call.store.all("setup_intent").values()
    rows = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return page(call, "setup_intent", rows, call.path)


@route("GET", "/v1/setup_intents/{intent_id}", public=True)
def retrieve(call: Call, intent_id: str) -> dict:
    intent = call.find("setup_intent", intent_id)
    of_browser(call, intent)
    return intent


@route("POST", "/v1/setup_intents/{intent_id}")
def update(call: Call, intent_id: str) -> dict:
    params = call.take(*SETTABLE)
    intent = call.find("setup_intent", intent_id)
    if intent["status"] in ("succeeded", "canceled") and set(params) - {"metadata", "description", "expand"}:
        raise payment_flow.wrong_state(intent, "update")
    _apply(call, intent, params)
    return _save(call, intent)


@route("POST", "/v1/setup_intents/{intent_id}/confirm", public=True)
def confirm(call: Call, intent_id: str) -> dict:
    params = call.take(*CONFIRM)
    intent = call.find("setup_intent", intent_id)
    of_browser(call, intent)
    return _confirm(call, intent, params)


@route("POST", "/v1/setup_intents/{intent_id}/cancel")
def cancel(call: Call, intent_id: str) -> dict:
    reason = text(call.take("cancellation_reason"), "cancellation_reason")
    intent = call.find("setup_intent", intent_id)
    if intent["status"] not in payment_flow.CONFIRMABLE:
        raise payment_flow.wrong_state(intent, "cancel")
    intent.update(status="canceled", cancellation_reason=reason, next_action=None)
    return _save(call, intent, "setup_intent.canceled")
