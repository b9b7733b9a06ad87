"""Payment intents: the addresses and their parameters. What happens is in payment_flow."""

import hmac

from hostbill.sandbox.stripe.api import payment_flow
from hostbill.sandbox.stripe.api.payment_methods import resolve
from hostbill.sandbox.stripe.core import Call, new_id, now, page, search, text
from hostbill.sandbox.stripe.errors import ApiError, invalid, missing_param
from hostbill.sandbox.stripe.forms import boolean, integer, metadata
from hostbill.sandbox.stripe.routes import route

SETTABLE = (
    "amount",
    "currency",
    "customer",
    "description",
    "payment_method",
    "payment_method_data",
    "payment_method_types",
)
SETTABLE += ("receipt_email", "setup_future_usage", "shipping", "statement_descriptor", "statement_descriptor_suffix")
SETTABLE += ("payment_method_options", "transfer_group", "capture_method", "amount_details", "payment_details")
CONFIRM = (
    "payment_method",
    "payment_method_data",
    "payment_method_types",
    "payment_method_options",
    "return_url",
    "off_session",
)
CONFIRM += ("setup_future_usage", "mandate_data", "mandate", "receipt_email", "shipping", "error_on_requires_action")
CONFIRM += (
    "use_stripe_sdk",
    "client_secret",
    "expected_payment_method_type",
    "capture_method",
    "confirmation_token",
    "client_context",
)
CREATE = (*SETTABLE, "automatic_payment_methods", "confirm", "confirmation_method", "off_session", "return_url")
CREATE += ("mandate_data", "mandate", "error_on_requires_action", "use_stripe_sdk", "radar_options", "hooks")
MINIMUM = {
    "usd": 50,
    "eur": 50,
    "gbp": 30,
    "chf": 50,
    "jpy": 50,
    "sek": 300,
    "dkk": 250,
    "nok": 300,
    "pln": 200,
    "czk": 1500,
}
ZERO_DECIMAL = set("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
THREE_DECIMAL = set("bhd jod kwd omr tnd".split())
MAXIMUM = 99999999


def check_amount(params: dict, currency: str) -> int:
    if params.get("amount") in (None, ""):
        raise missing_param("amount")
    amount = integer(params, "amount")
    if amount < 0 or amount < MINIMUM.get(currency, 1):
        raise invalid(
            "Amount must convert to at least 50 cents." if amount >= 0 else "Invalid positive integer",
            param="amount",
            code="amount_too_small" if amount >= 0 else "parameter_invalid_integer",
        )
    if amount > MAXIMUM:
        raise invalid(f"Amount must be no more than {MAXIMUM}", param="amount", code="amount_too_large")
    if currency in THREE_DECIMAL and amount % 10:
        raise invalid(f"Amount must be divisible by 10 in {currency}.", param="amount")
    if currency in ("isk", "ugx") and amount % 100:
        raise invalid(f"Amount must be divisible by 100 in {currency}.", param="amount")
    return amount


def check_currency(params: dict) -> str:
    currency = params.get("currency", "").lower()
    if not currency:
        raise missing_param("currency")
    if len(currency) != 3 or not currency.isalpha():
        raise invalid(f"Invalid currency: {currency}.", param="currency")
    return currency


def _types(call: Call, params: dict, currency: str) -> tuple[list[str], dict | None]:
    if params.get("payment_method_types"):
        return list(params["payment_method_types"]), None
    automatic = params.get("automatic_payment_methods")
    if automatic and automatic.get("enabled") == "true":
        kinds = [kind for kind in call.settings.automatic_methods if kind != "sepa_debit" or currency == "eur"]
        return kinds, {"allow_redirects": automatic.get("allow_redirects", "always"), "enabled": True}
    if automatic:
        return ["card"], None
    return ["card"], None


def _blank(call: Call, params: dict) -> dict:
    currency = check_currency(params)
    intent_id = new_id("pi")
    types, automatic = _types(call, params, currency)
    return {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": check_amount(params, currency),
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{new_id('x')[2:]}",
        "confirmation_method": params.get("confirmation_method", "automatic"),
        "created": now(),
        "currency": currency,
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"installments": None, "request_three_d_secure": "automatic"}},
        "payment_method_types": types,
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def _apply(call: Call, intent: dict, params: dict) -> None:
    for name in (
        "description",
        "receipt_email",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_group",
    ):
        if name in params:
            intent[name] = text(params, name)
    if "setup_future_usage" in params:
        if params["setup_future_usage"] not in ("", "on_session", "off_session"):
            raise invalid(
                "Invalid setup_future_usage: must be one of on_session or off_session", param="setup_future_usage"
            )
        intent["setup_future_usage"] = params["setup_future_usage"] or None
    if "capture_method" in params:
        if params["capture_method"] not in ("automatic", "automatic_async", "manual"):
            raise invalid("Invalid capture_method", param="capture_method")
        intent["capture_method"] = params["capture_method"]
    if params.get("customer"):
        call.find("customer", params["customer"], param="customer")
        intent["customer"] = params["customer"]
    if "shipping" in params:
        intent["shipping"] = params["shipping"] or None
    intent["metadata"] = metadata(intent["metadata"], params)


def _set_method(call: Call, intent: dict, params: dict) -> None:
    method = resolve(call, params)
    if method and (method["customer"] in (None, intent["customer"])):
        intent["payment_method"] = method["id"]
        intent["status"] = "requires_confirmation"
    elif method:
        raise invalid(
            "The provided PaymentMethod belongs to a different Customer than the PaymentIntent's.",
            param="payment_method",
        )


def _confirm(call: Call, intent: dict, params: dict) -> dict:
    method = resolve(call, params) or call.store.get("payment_method", intent["payment_method"] or "")
    off_session = params.get("off_session", "false") not in ("false", "")
    if off_session and params.get("setup_future_usage"):
        raise invalid("You cannot provide `setup_future_usage` with `off_session`.", param="off_session")
    intent["_mandate_data"] = params.get("mandate_data")
    intent["_error_on_action"] = boolean(params, "error_on_requires_action")
    return payment_flow.confirm(call, intent, method, off_session=off_session, return_url=params.get("return_url"))


def of_browser(call: Call, intent: dict) -> None:
    """A browser must show the intent's client secret, and gets no more than the intent."""
    if call.public and not hmac.compare_digest(call.params.get("client_secret", ""), intent["client_secret"]):
        kind = intent["object"]
        raise ApiError(404, "invalid_request_error", f"No such {kind}: '{intent['id']}'", "resource_missing", "intent")


@route("GET", "/v1/payment_intents/search")
def search_intents(call: Call) -> dict:
    return search(call, call.store.all("payment_intent").values(), call.path)


@route("POST", "/v1/payment_intents")
def create(call: Call) -> dict:
    params = call.take(*CREATE)
    confirming = boolean(params, "confirm")
    if not confirming and params.get("off_session"):
        raise invalid("off_session can only be used when confirm is true.", param="off_session")
    if confirming and params.get("automatic_payment_methods", {}).get("allow_redirects", "always") == "always":
        automatic = params.get("automatic_payment_methods", {}).get("enabled") == "true"
        if automatic and not params.get("return_url") and params.get("off_session", "false") == "false":
            raise invalid(
                "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these "
                "payment methods might redirect your customer off of your page, you must provide a `return_url`.",
                param="return_url",
            )
    intent = _blank(call, params)
    _apply(call, intent, params)
    _set_method(call, intent, params)
    payment_flow.save(call, intent, "payment_intent.created")
    if confirming:
        already = {name: value for name, value in params.items() if not name.startswith("payment_method")}
        return _confirm(call, intent, already)
    return intent


@route("GET", "/v1/payment_intents")
def listing(call: Call) -> dict:
    customer = call.params.get("customer")
    rows = [i for i in call.store.all("payment_intent").values() if customer in (None, i["customer"])]
    return page(call, "payment_intent", rows, call.path)


@route("GET", "/v1/payment_intents/{intent_id}", public=True)
def retrieve(call: Call, intent_id: str) -> dict:
    intent = call.find("payment_intent", intent_id)
    of_browser(call, intent)
    return intent


@route("POST", "/v1/payment_intents/{intent_id}")
def update(call: Call, intent_id: str) -> dict:
    params = call.take(*SETTABLE)
    intent = call.find("payment_intent", intent_id)
    if intent["status"] not in payment_flow.CONFIRMABLE and set(params) - {
        "metadata",
        "description",
        "receipt_email",
        "expand",
    }:
        raise payment_flow.wrong_state(intent, "update")
    if "amount" in params or "currency" in params:
        currency = check_currency(params) if "currency" in params else intent["currency"]
        amount = check_amount({"amount": params.get("amount", intent["amount"])}, currency)
        intent.update(amount=amount, currency=currency)
    if params.get("payment_method_types"):
        intent["payment_method_types"] = list(params["payment_method_types"])
    _apply(call, intent, params)
    _set_method(call, intent, params)
    return payment_flow.save(call, intent)


@route("POST", "/v1/payment_intents/{intent_id}/confirm", public=True)
def confirm(call: Call, intent_id: str) -> dict:
    params = call.take(*CONFIRM)
    intent = call.find("payment_intent", intent_id)
    of_browser(call, intent)
    if call.public and params.get("off_session"):
        raise invalid("off_session may not be used with a publishable key.", param="off_session")
    for name in ("setup_future_usage", "receipt_email"):
        if params.get(name):
            intent[name] = params[name]
    return _confirm(call, intent, params)


@route("POST", "/v1/payment_intents/{intent_id}/capture")
def capture(call: Call, intent_id: str) -> dict:
    params = call.take("amount_to_capture", "final_capture", "statement_descriptor", "statement_descriptor_suffix")
    intent = call.find("payment_intent", intent_id)
    intent["metadata"] = metadata(intent["metadata"], params)
    return payment_flow.capture(call, intent, integer(params, "amount_to_capture"))


@route("POST", "/v1/payment_intents/{intent_id}/cancel")
def cancel(call: Call, intent_id: str) -> dict:
    reason = text(call.take("cancellation_reason"), "cancellation_reason")
    if reason not in (None, "duplicate", "fraudulent", "requested_by_customer", "abandoned"):
        raise invalid("Invalid cancellation_reason", param="cancellation_reason")
    return payment_flow.cancel(call, call.find("payment_intent", intent_id), reason)
