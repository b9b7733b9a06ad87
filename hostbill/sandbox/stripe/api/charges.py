"""Charges and the balance transactions that carry their fees."""

from hostbill.sandbox.stripe import cards
from hostbill.sandbox.stripe.api.payment_methods import card_of
from hostbill.sandbox.stripe.core import Call, new_id, now, page, search, text
from hostbill.sandbox.stripe.forms import metadata
from hostbill.sandbox.stripe.routes import route

FEE_PER_MILLE = 29
FEE_FIXED = 30  # minor units
DAY = 86400


def make(call: Call, intent: dict, method: dict, *, status: str, captured: bool = True, decline: str = "") -> dict:
    """A charge for the intent, saved and set as its latest. `decline` makes it a failed one with that decline code."""
    charge = {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if status == "succeeded" and captured else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "HOSTBILL SANDBOX",
        "captured": captured and status == "succeeded",
        "created": now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "destination": None,
        "dispute": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": cards.error_code(decline) if decline else None,
        "failure_message": cards.message(decline) if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "order": None,
        "outcome": _outcome(decline)
        if status != "pending"
        else {**_outcome(""), "network_status": "approved_by_network"},
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(intent, method),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": status,
        "transfer_data": None,
        "transfer_group": None,
    }
    charge["receipt_url"] = f"{call.base_url}/receipts/{charge['id']}" if status == "succeeded" else None
    intent["latest_charge"] = charge["id"]
    return call.store.save("charge", charge)


def _outcome(decline: str) -> dict:
    return {
        "advice_code": ("do_not_try_again" if decline in ("lost_card", "stolen_card") else "try_again_later")
        if decline
        else None,
        "network_advice_code": None,
        "network_decline_code": "05" if decline else None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline or None,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "The bank did not return any further details with this decline."
        if decline
        else "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }


def _details(intent: dict, method: dict) -> dict:
    if method["type"] == "sepa_debit":
        debit = {
            key: method["sepa_debit"][key] for key in ("bank_code", "branch_code", "country", "fingerprint", "last4")
        }
        return {"type": "sepa_debit", "sepa_debit": {**debit, "mandate": intent.get("_mandate")}}
    card = {key: value for key, value in method["card"].items() if key not in ("networks", "generated_from")}
    secured = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": new_id("3ds"),
        "version": "2.2.0",
    }
    extra = {
        "amount_authorized": intent["amount"],
        "authorization_code": new_id("a", 6)[2:].upper(),
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": new_id("n", 15)[2:],
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "three_d_secure": secured if intent.get("_authenticated") else None,
    }
    return {"type": "card", "card": {**card, **extra}}


def transact(call: Call, *, amount: int, fee: int, currency: str, kind: str, source: str, description=None) -> dict:
    """A balance transaction; amounts in the currency's smallest unit, positive into the balance."""
    detail = {
        "amount": fee,
        "application": None,
        "currency": currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    return call.store.save(
        "balance_transaction",
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": now() + 7 * DAY,
            "balance_type": "payments",
            "created": now(),
            "currency": currency,
            "description": description,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [detail] if fee else [],
            "net": amount - fee,
            "reporting_category": {"payment_refund": "refund", "adjustment": "dispute"}.get(kind, kind),
            "source": source,
            "status": "pending",
            "type": kind,
        },
    )


def fee_of(amount: int) -> int:
    """Stripe's usual price: 2.9 % + 30, rounded half up."""
    return (amount * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED


def settle(call: Call, charge: dict, amount: int) -> dict:
    """The money is in: captured, paid, with its balance transaction."""
    kind = "payment" if charge["payment_method_details"]["type"] == "sepa_debit" else "charge"
    money = transact(
        call,
        amount=amount,
        fee=fee_of(amount),
        currency=charge["currency"],
        kind=kind,
        source=charge["id"],
        description=charge["description"],
    )
    charge.update(
        amount_captured=amount,
        balance_transaction=money["id"],
        captured=True,
        paid=True,
        status="succeeded",
        receipt_url=f"{call.base_url}/receipts/{charge['id']}",
    )
    return call.store.save("charge", charge)


def card_disputes(method: dict) -> bool:
    """True for the test card whose payments are disputed at once."""
    card = card_of(method)
    return bool(card and card.disputed)


@route("GET", "/v1/charges/search")
def search_charges(call: Call) -> dict:
    return search(call, call.store.all("charge").values(), call.path)


@route("GET", "/v1/charges")
def listing(call: Call) -> dict:
    wanted = {name: call.params[name] for name in ("customer", "payment_intent") if name in call.params}
    rows = [c for c in call.store.all("charge").values() if all(c[name] == value for name, value in wanted.items())]
    return page(call, "charge", rows, call.path)


@route("GET", "/v1/charges/{charge_id}")
def retrieve(call: Call, charge_id: str) -> dict:
    return call.find("charge", charge_id)


@route("POST", "/v1/charges/{charge_id}")
def update(call: Call, charge_id: str) -> dict:
    params = call.take("description", "receipt_email", "customer", "shipping", "fraud_details")
    charge = call.find("charge", charge_id)
    for name in ("description", "receipt_email"):
        if name in params:
            charge[name] = text(params, name)
    charge["metadata"] = metadata(charge["metadata"], params)
    call.store.save("charge", charge)
    call.event("charge.updated", charge)
    return charge


@route("GET", "/v1/balance_transactions")
def transactions(call: Call) -> dict:
    wanted = {name: call.params[name] for name in ("source", "type", "currency") if name in call.params}
    rows = call.store.all("balance_transaction").values()
    rows = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return page(call, "balance_transaction", rows, call.path)


@route("GET", "/v1/balance_transactions/{transaction_id}")
def transaction(call: Call, transaction_id: str) -> dict:
    return call.find("balance_transaction", transaction_id)


@route("GET", "/v1/balance")
def balance(call: Call) -> dict:
    sums: dict[str, int] = {}
    for row in call.store.all("balance_transaction").values():
        sums[row["currency"]] = sums.get(row["currency"], 0) + row["net"]
    pending = [{"amount": total, "currency": cur, "source_types": {"card": total}} for cur, total in sums.items()]
    available = [{**row, "amount": 0, "source_types": {"card": 0}} for row in pending]
    return {"object": "balance", "available": available, "livemode": False, "pending": pending}


@route("GET", "/v1/account")
def account(call: Call) -> dict:
    return {
        "id": "acct_1SandboxHostBill",
        "object": "account",
        "business_profile": {"name": "HostBill sandbox", "url": None, "support_email": None},
        "charges_enabled": True,
        "country": "DE",
        "default_currency": "eur",
        "details_submitted": True,
        "email": "sandbox@example.com",
        "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": "HostBill sandbox", "timezone": "Etc/UTC"}},
        "type": "standard",
    }
