"""Refunds, never more than was captured."""

from hostbill.sandbox.stripe.api.charges import transact
from hostbill.sandbox.stripe.core import Call, new_id, now, page
from hostbill.sandbox.stripe.errors import invalid, missing_param
from hostbill.sandbox.stripe.forms import integer, metadata
from hostbill.sandbox.stripe.routes import route

CARD_REFERENCE = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}


def _charge(call: Call, params: dict) -> dict:
    if params.get("charge"):
        return call.find("charge", params["charge"], param="charge")
    if not params.get("payment_intent"):
        raise missing_param("payment_intent")
    intent = call.find("payment_intent", params["payment_intent"], param="payment_intent")
    charge = call.store.get("charge", intent["latest_charge"] or "")
    if charge is None or charge["status"] != "succeeded" or not charge["captured"]:
        raise invalid(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.", param="payment_intent"
        )
    return charge


def _amount(params: dict, charge: dict) -> int:
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = integer(params, "amount", left)
    if amount <= 0:
        raise invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    if amount > left:
        unit = charge["currency"]
        raise invalid(
            f"Refund amount ({amount} {unit}) is greater than unrefunded amount on charge ({left} {unit})",
            param="amount",
        )
    return amount


@route("POST", "/v1/refunds")
def create(call: Call) -> dict:
    params = call.take("charge", "payment_intent", "amount", "reason", "refund_application_fee", "reverse_transfer")
    if params.get("reason") not in (None, "", "duplicate", "fraudulent", "requested_by_customer"):
        raise invalid("Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer", param="reason")
    charge = _charge(call, params)
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise invalid(
            f"Charge {charge['id']} has not been captured or failed, so it cannot be refunded.", param="charge"
        )
    if charge["disputed"] and not call.store.get("dispute", charge["dispute"])["is_charge_refundable"]:
        raise invalid(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    amount = _amount(params, charge)
    return _make(call, charge, amount, params)


def _make(call: Call, charge: dict, amount: int, params: dict) -> dict:
    refund = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {"card": dict(CARD_REFERENCE), "type": "card"},
        "metadata": metadata({}, params),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason") or None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    money = transact(
        call,
        amount=-amount,
        fee=0,
        currency=charge["currency"],
        kind="payment_refund" if charge["payment_method_details"]["type"] == "sepa_debit" else "refund",
        source=refund["id"],
        description="REFUND FOR CHARGE",
    )
    refund["balance_transaction"] = money["id"]
    call.store.save("refund", refund)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    call.store.save("charge", charge)
    call.event("refund.created", refund)
    call.event("charge.refunded", charge, {"amount_refunded": charge["amount_refunded"] - amount})
    return refund


@route("GET", "/v1/refunds")
def listing(call: Call) -> dict:
    wanted = {name: call.params[name] for name in ("charge", "payment_intent") if name in call.params}
    rows = call.store.all("refund").values()
    return page(call, "refund", [r for r in rows if all(r[n] == v for n, v in wanted.items())], call.path)


@route("GET", "/v1/refunds/{refund_id}")
def retrieve(call: Call, refund_id: str) -> dict:
    return call.find("refund", refund_id)


@route("POST", "/v1/refunds/{refund_id}")
def update(call: Call, refund_id: str) -> dict:
    refund = call.find("refund", refund_id)
    refund["metadata"] = metadata(refund["metadata"], call.take())
    call.store.save("refund", refund)
    call.event("refund.updated", refund)
    return refund
