"""Payment methods: cards and SEPA direct debit, from raw details or from Stripe's test tokens."""

import hashlib
from datetime import UTC, datetime

from hostbill.sandbox.stripe import cards
from hostbill.sandbox.stripe.core import Call, new_id, now, page
from hostbill.sandbox.stripe.errors import card_error, invalid, missing_param
from hostbill.sandbox.stripe.forms import metadata
from hostbill.sandbox.stripe.routes import route

NO_DETAILS = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
NO_ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}


def build(call: Call, params: dict, *, prefix: str = "") -> dict:
    """A new method from {"type", "card": {...}, "sepa_debit": {...}, "billing_details"}; not yet anyone's."""
    type_ = params.get("type")
    if type_ not in ("card", "sepa_debit"):
        raise invalid(f"Invalid payment method type: {type_}", param="type") if type_ else missing_param("type")
    method = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": params.get("allow_redisplay", "unspecified"),
        "billing_details": {**NO_DETAILS, "address": dict(NO_ADDRESS)},
        "created": now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": metadata({}, params),
        "type": type_,
    }
    details = params.get("billing_details") or {}
    address = details.get("address") or {}
    method["billing_details"].update({key: value or None for key, value in details.items() if key != "address"})
    method["billing_details"]["address"].update({key: value or None for key, value in address.items()})
    data = params.get(type_)
    if not isinstance(data, dict):
        raise missing_param(prefix + type_)
    filled = _card(method, data) if type_ == "card" else _sepa(method, data)
    return call.store.save("payment_method", filled)


def _card(method: dict, data: dict) -> dict:
    if data.get("token"):
        card = cards.BY_TOKEN.get(data["token"])
        if card is None:
            raise invalid(f"No such token: '{data['token']}'", param="card[token]", code="resource_missing")
        return _fill_card(method, card, 12, datetime.now(UTC).year + 3)
    number = "".join(data.get("number", "").split())
    if not number:
        raise missing_param("card[number]")
    if not number.isdigit() or not 12 <= len(number) <= 19 or not cards.luhn_ok(number):
        raise card_error("Your card number is incorrect.", code="incorrect_number", param="number")
    month, year = _expiry(data)
    cvc = data.get("cvc", "")
    if cvc and (not cvc.isdigit() or len(cvc) not in (3, 4)):
        raise card_error("Your card's security code is invalid.", code="invalid_cvc", param="cvc")
    card = cards.BY_NUMBER.get(number)
    if card is None:
        raise card_error(
            "Your card was declined. Your request was in test mode, but used a non test card.",
            code="card_declined",
            decline_code="test_mode_live_card",
        )
    return _fill_card(method, card, month, year)


def _expiry(data: dict) -> tuple[int, int]:
    month, year = str(data.get("exp_month", "")), str(data.get("exp_year", ""))
    if not month.isdigit() or not 1 <= int(month) <= 12:
        raise card_error("Your card's expiration month is invalid.", code="invalid_expiry_month", param="exp_month")
    if not year.isdigit():
        raise card_error("Your card's expiration year is invalid.", code="invalid_expiry_year", param="exp_year")
    full = int(year) + 2000 if int(year) < 100 else int(year)
    today = datetime.now(UTC)
    if (full, int(month)) < (today.year, today.month) or full > today.year + 50:
        raise card_error("Your card's expiration year is invalid.", code="invalid_expiry_year", param="exp_year")
    return int(month), full


def _fill_card(method: dict, card: cards.Card, month: int, year: int) -> dict:
    method["card"] = {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    method["_number"] = card.number
    method["_set_up"] = card.auth == "on_session"
    return method


def _sepa(method: dict, data: dict) -> dict:
    iban = "".join(data.get("iban", "").split()).upper()
    if not iban:
        raise missing_param("sepa_debit[iban]")
    if len(iban) < 15 or not iban[:2].isalpha():
        raise invalid("The IBAN you provided is invalid.", param="sepa_debit[iban]", code="invalid_bank_account_iban")
    method["sepa_debit"] = {
        "bank_code": iban[4:12],
        "branch_code": "",
        "country": iban[:2],
        "fingerprint": hashlib.sha256(iban.encode()).hexdigest()[:16],
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": iban[-4:],
    }
    method["_iban"] = iban
    return method


def resolve(call: Call, params: dict) -> dict | None:
    """The method named by payment_method (an id, or a test token of which a copy is made) or by payment_method_data."""
    name = params.get("payment_method")
    if name in cards.BY_TOKEN:
        return build(call, {"type": "card", "card": {"token": name}})
    if name:
        return call.find("payment_method", name, param="payment_method")
    if params.get("payment_method_data"):
        return build(call, params["payment_method_data"], prefix="payment_method_data.")
    return None


def card_of(method: dict) -> cards.Card | None:
    return cards.BY_NUMBER.get(method.get("_number", ""))


def decline_of(method: dict, *, when: str) -> str:
    """The decline code this method gives when saved ("at_save") or charged ("at_charge"), or ""."""
    if "_decline" in method:
        return method["_decline"]
    card = card_of(method)
    return getattr(card, when) if card else ""


def attach_to(call: Call, method: dict, customer_id: str) -> dict:
    """Give the method to a customer, asking the bank first as Stripe does."""
    if method["customer"] == customer_id:
        return method
    if method["customer"]:
        raise invalid(
            "The payment method you provided has already been attached to a customer.", param="payment_method"
        )
    decline = decline_of(method, when="at_save")
    if decline:
        raise card_error(
            cards.message(decline),
            code=cards.error_code(decline),
            decline_code=decline if decline not in cards.OWN_CODE else "",
        )
    method["customer"] = customer_id
    call.store.save("payment_method", method)
    call.event("payment_method.attached", method)
    return method


@route("POST", "/v1/payment_methods", public=True)
def create(call: Call) -> dict:
    return build(
        call, call.take("type", "card", "sepa_debit", "billing_details", "allow_redisplay", "guid", "muid", "sid")
    )


@route("GET", "/v1/payment_methods")
def listing(call: Call) -> dict:
    customer, type_ = call.params.get("customer"), call.params.get("type")
    methods = call.store.all("payment_method").values()
    rows = [m for m in methods if (customer is None or m["customer"] == customer) and type_ in (None, m["type"])]
    return page(call, "payment_method", rows, call.path)


@route("GET", "/v1/payment_methods/{method_id}")
def retrieve(call: Call, method_id: str) -> dict:
    return call.find("payment_method", method_id)


@route("POST", "/v1/payment_methods/{method_id}")
def update(call: Call, method_id: str) -> dict:
    params = call.take("billing_details", "card", "allow_redisplay")
    method = call.find("payment_method", method_id)
    method["billing_details"].update(params.get("billing_details") or {})
    if isinstance(params.get("card"), dict):
        month, year = _expiry({**method["card"], **params["card"]})
        method["card"].update(exp_month=month, exp_year=year)
    method["metadata"] = metadata(method["metadata"], params)
    call.store.save("payment_method", method)
    call.event("payment_method.updated", method)
    return method


@route("POST", "/v1/payment_methods/{method_id}/attach")
def attach(call: Call, method_id: str) -> dict:
    customer = call.take("customer").get("customer")
    if not customer:
        raise missing_param("customer")
    call.find("customer", customer, param="customer")
    if method_id in cards.BY_TOKEN:
        method = build(call, {"type": "card", "card": {"token": method_id}})
    else:
        method = call.find("payment_method", method_id)
    return attach_to(call, method, customer)


@route("POST", "/v1/payment_methods/{method_id}/detach")
def detach(call: Call, method_id: str) -> dict:
    method = call.find("payment_method", method_id)
    if not method["customer"]:
        raise invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    customer = call.find("customer", method["customer"])
    method["customer"] = None
    call.store.save("payment_method", method)
    settings = customer.get("invoice_settings") or {}
    if settings.get("default_payment_method") == method_id:
        settings["default_payment_method"] = None
        call.store.save("customer", customer)
    call.event("payment_method.detached", method, {"customer": customer["id"]})
    return method
