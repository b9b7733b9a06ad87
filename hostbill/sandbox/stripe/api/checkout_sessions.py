"""Checkout sessions: a hosted page that pays or saves a card."""

from hostbill.sandbox.stripe.api import payment_intents, setup_intents
from hostbill.sandbox.stripe.core import Call, new_id, now, page
from hostbill.sandbox.stripe.errors import invalid, missing_param
from hostbill.sandbox.stripe.forms import integer, metadata
from hostbill.sandbox.stripe.routes import route

CREATE = (
    "mode line_items success_url cancel_url return_url customer customer_email client_reference_id currency ui_mode "
)
CREATE += "payment_method_types payment_intent_data setup_intent_data expires_at locale customer_creation payment_method_options "
CREATE += "billing_address_collection allow_promotion_codes submit_type saved_payment_method_options"
DAY = 86400


def _line(item: dict) -> dict:
    data = item.get("price_data")
    if not isinstance(data, dict):
        raise invalid("The sandbox has no prices; give price_data.", param="line_items[0][price]")
    quantity = integer(item, "quantity", 1)
    unit = integer(data, "unit_amount")
    if unit is None:
        raise missing_param("line_items[0][price_data][unit_amount]")
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": unit * quantity,
        "amount_tax": 0,
        "amount_total": unit * quantity,
        "currency": data.get("currency", "").lower(),
        "description": (data.get("product_data") or {}).get("name", ""),
        "price": {
            "id": new_id("price"),
            "object": "price",
            "currency": data.get("currency", "").lower(),
            "unit_amount": unit,
        },
        "quantity": quantity,
    }


def _intent(call: Call, session: dict, params: dict) -> None:
    """The intent behind the page, made with the same parameters the page's owner gave."""
    mode = session["mode"]
    inner = dict(params.get(f"{mode}_intent_data") or {})
    inner["payment_method_types"] = session["payment_method_types"]
    if session["customer"]:
        inner["customer"] = session["customer"]
    outer, call.params = call.params, inner
    try:
        if mode == "payment":
            inner.update(amount=session["amount_total"], currency=session["currency"])
            session["payment_intent"] = payment_intents.create(call)["id"]
        else:
            session["setup_intent"] = setup_intents.create(call)["id"]
    finally:
        call.params = outer


@route("POST", "/v1/checkout/sessions")
def create(call: Call) -> dict:
    params = call.take(*CREATE.split())
    mode = params.get("mode", "payment")
    if mode not in ("payment", "setup"):
        raise invalid("The sandbox knows the modes payment and setup.", param="mode")
    if not params.get("success_url"):
        raise missing_param("success_url")
    lines = [_line(item) for item in params.get("line_items") or []]
    if mode == "payment" and not lines:
        raise missing_param("line_items")
    if params.get("customer"):
        call.find("customer", params["customer"], param="customer")
    session = _blank(params, mode, lines)
    session["url"] = f"{call.base_url}/c/pay/{session['id']}"
    _intent(call, session, params)
    return call.store.save("checkout.session", session)


def _blank(params: dict, mode: str, lines: list[dict]) -> dict:
    total = sum(line["amount_total"] for line in lines) if mode == "payment" else None
    return {
        "id": new_id("cs_test", 58),
        "object": "checkout.session",
        "adaptive_pricing": None,
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "consent": None,
        "consent_collection": None,
        "created": now(),
        "currency": lines[0]["currency"] if lines else params.get("currency"),
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": params.get("customer"),
        "customer_creation": "if_required" if mode == "payment" else "always",
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "discounts": [],
        "expires_at": integer(params, "expires_at", now() + DAY),
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": metadata({}, params),
        "mode": mode,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_options": {},
        "payment_method_types": list(params.get("payment_method_types") or ["card"]),
        "payment_status": "unpaid" if mode == "payment" else "no_payment_required",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": None,
        "_lines": lines,
    }


def complete(call: Call, session: dict) -> dict:
    """Called when the session's intent went through."""
    session.update(status="complete", url=None)
    if session["mode"] == "payment":
        intent = call.store.get("payment_intent", session["payment_intent"])
        session["payment_status"] = "paid" if intent["status"] == "succeeded" else "unpaid"
    call.store.save("checkout.session", session)
    call.event("checkout.session.completed", session)
    return session


@route("GET", "/v1/checkout/sessions")
def listing(call: Call) -> dict:
    wanted = {name: call.params[name] for name in ("customer", "payment_intent", "status") if name in call.params}
    rows = call.store.all("checkout.session").values()
    return page(call, "checkout.session", [s for s in rows if all(s[n] == v for n, v in wanted.items())], call.path)


@route("GET", "/v1/checkout/sessions/{session_id}")
def retrieve(call: Call, session_id: str) -> dict:
    return call.find("checkout.session", session_id)


@route("GET", "/v1/checkout/sessions/{session_id}/line_items")
def line_items(call: Call, session_id: str) -> dict:
    lines = call.find("checkout.session", session_id)["_lines"]
    return {"object": "list", "data": lines, "has_more": False, "url": call.path}


@route("POST", "/v1/checkout/sessions/{session_id}/expire")
def expire(call: Call, session_id: str) -> dict:
    session = call.find("checkout.session", session_id)
    if session["status"] != "open":
        raise invalid("Only Checkout Sessions with a status of open can be expired.")
    session.update(status="expired", url=None)
    call.store.save("checkout.session", session)
    call.event("checkout.session.expired", session)
    return session
