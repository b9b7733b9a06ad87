"""Customers."""

from hostbill.sandbox.stripe.core import Call, new_id, now, page, search, text
from hostbill.sandbox.stripe.errors import invalid
from hostbill.sandbox.stripe.forms import integer, metadata
from hostbill.sandbox.stripe.routes import route

FIELDS = ("email", "name", "description", "phone")
ACCEPTED = (*FIELDS, "address", "shipping", "balance", "invoice_settings", "preferred_locales", "payment_method")
ACCEPTED += ("tax_exempt", "tax", "test_clock")


def _apply(call: Call, customer: dict) -> None:
    params = call.take(*ACCEPTED)
    if len(params.get("email") or "") > 512 or "@" not in (params.get("email") or "@"):
        raise invalid(f"Invalid email address: {params['email']}", param="email", code="email_invalid")
    for name in FIELDS:
        if name in params:
            customer[name] = text(params, name)
    for name in ("address", "shipping", "preferred_locales", "tax_exempt"):
        if name in params:
            customer[name] = params[name] or None
    if "balance" in params:
        customer["balance"] = integer(params, "balance")
    settings = params.get("invoice_settings") or {}
    if "default_payment_method" in settings:
        method = settings["default_payment_method"] or None
        if method and call.find("payment_method", method, param="invoice_settings")["customer"] != customer["id"]:
            raise invalid("The customer does not have a payment method with this ID.", code="resource_missing")
        customer["invoice_settings"]["default_payment_method"] = method
    customer["metadata"] = metadata(customer["metadata"], params)


@route("GET", "/v1/customers/search")
def search_customers(call: Call) -> dict:
    return search(call, call.store.all("customer").values(), call.path)


@route("POST", "/v1/customers")
def create(call: Call) -> dict:
    customer = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": now(),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("x", 8)[2:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _apply(call, customer)
    call.store.save("customer", customer)
    call.event("customer.created", customer)
    return customer


@route("GET", "/v1/customers")
def listing(call: Call) -> dict:
    email = call.params.get("email")
    rows = [c for c in call.store.all("customer").values() if email is None or c.get("email") == email]
    return page(call, "customer", rows, call.path)


@route("GET", "/v1/customers/{customer_id}")
def retrieve(call: Call, customer_id: str) -> dict:
    return call.find("customer", customer_id)


@route("POST", "/v1/customers/{customer_id}")
def update(call: Call, customer_id: str) -> dict:
    customer = call.find("customer", customer_id)
    _apply(call, customer)
    call.store.save("customer", customer)
    call.event("customer.updated", customer)
    return customer


@route("DELETE", "/v1/customers/{customer_id}")
def delete(call: Call, customer_id: str) -> dict:
    customer = call.find("customer", customer_id)
    call.event("customer.deleted", customer)
    for method in call.store.all("payment_method").values():
        if method["customer"] == customer_id:
            method["customer"] = None
            call.store.save("payment_method", method)
    gone = {"id": customer_id, "object": "customer", "deleted": True}
    call.store.save("customer", gone)
    return gone


@route("GET", "/v1/customers/{customer_id}/payment_methods")
def payment_methods(call: Call, customer_id: str) -> dict:
    call.find("customer", customer_id)
    type_ = call.params.get("type")
    methods = call.store.all("payment_method").values()
    rows = [m for m in methods if m["customer"] == customer_id and type_ in (None, m["type"])]
    return page(call, "payment_method", rows, call.path)


@route("GET", "/v1/customers/{customer_id}/payment_methods/{method_id}")
def payment_method(call: Call, customer_id: str, method_id: str) -> dict:
    method = call.find("payment_method", method_id)
    if method["customer"] != customer_id:
        raise invalid(f"No such PaymentMethod: '{method_id}'", code="resource_missing")
    return method
