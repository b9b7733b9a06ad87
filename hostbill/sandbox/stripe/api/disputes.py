"""Disputes (chargebacks): opened by the test card or the control endpoint, answered or accepted through the API."""

import json

from hostbill.sandbox.stripe.api.charges import transact
from hostbill.sandbox.stripe.core import Call, new_id, now, page, visible
from hostbill.sandbox.stripe.errors import invalid
from hostbill.sandbox.stripe.forms import boolean, metadata
from hostbill.sandbox.stripe.routes import route

FEE = 1500  # minor units
WEEK = 7 * 86400
EVIDENCE = "access_activity_log billing_address cancellation_policy cancellation_rebuttal customer_communication "
EVIDENCE += "customer_email_address customer_name customer_purchase_ip customer_signature product_description receipt "
EVIDENCE += "refund_policy refund_refusal_explanation service_date service_documentation uncategorized_text"


def open_dispute(call: Call, charge: dict, reason: str, amount: int | None = None) -> dict:
    """The bank takes the money back (and Stripe its fee) until the dispute is decided."""
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise invalid(f"Charge {charge['id']} cannot be disputed.")
    amount = charge["amount_captured"] if amount is None else amount
    dispute = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE.split()), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now() + WEEK,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }
    _move(call, dispute, -amount, FEE, f"Chargeback withdrawal for {charge['id']}")
    charge.update(disputed=True, dispute=dispute["id"])
    call.store.save("charge", charge)
    call.store.save("dispute", dispute)
    call.event("charge.dispute.created", dispute)
    call.event("charge.dispute.funds_withdrawn", dispute)
    return dispute


def _move(call: Call, dispute: dict, amount: int, fee: int, description: str) -> None:
    money = transact(
        call,
        amount=amount,
        fee=fee,
        currency=dispute["currency"],
        kind="adjustment",
        source=dispute["id"],
        description=description,
    )
    dispute["balance_transactions"].append(json.loads(json.dumps(visible(money))))


def decide(call: Call, dispute: dict, outcome: str) -> dict:
    """Close it as "won" (the money returns) or "lost"."""
    if outcome not in ("won", "lost"):
        raise invalid("outcome must be won or lost", param="outcome")
    if dispute["status"] in ("won", "lost"):
        raise invalid("This dispute is already closed.")
    dispute["status"] = outcome
    if outcome == "won":
        _move(call, dispute, dispute["amount"], 0, f"Chargeback reversal for {dispute['charge']}")
        charge = call.store.get("charge", dispute["charge"])
        charge["disputed"] = False
        call.store.save("charge", charge)
    call.store.save("dispute", dispute)
    if outcome == "won":
        call.event("charge.dispute.funds_reinstated", dispute)
    call.event("charge.dispute.closed", dispute)
    return dispute


@route("GET", "/v1/disputes")
def listing(call: Call) -> dict:
    wanted = {name: call.params[name] for name in ("charge", "payment_intent") if name in call.params}
    rows = call.store.all("dispute").values()
    return page(call, "dispute", [d for d in rows if all(d[n] == v for n, v in wanted.items())], call.path)


@route("GET", "/v1/disputes/{dispute_id}")
def retrieve(call: Call, dispute_id: str) -> dict:
    return call.find("dispute", dispute_id)


@route("POST", "/v1/disputes/{dispute_id}")
def update(call: Call, dispute_id: str) -> dict:
    """Stripe's own test words in uncategorized_text decide at once: winning_evidence, losing_evidence."""
    params = call.take("evidence", "submit")
    dispute = call.find("dispute", dispute_id)
    evidence = params.get("evidence") or {}
    dispute["evidence"].update(evidence)
    dispute["metadata"] = metadata(dispute["metadata"], params)
    if evidence:
        dispute["evidence_details"].update(has_evidence=True)
    if boolean(params, "submit", bool(evidence)):
        dispute["evidence_details"]["submission_count"] += 1
        dispute["status"] = "under_review"
    call.store.save("dispute", dispute)
    call.event("charge.dispute.updated", dispute)
    word = evidence.get("uncategorized_text")
    if word in ("winning_evidence", "losing_evidence"):
        decide(call, dispute, "won" if word == "winning_evidence" else "lost")
    return dispute


@route("POST", "/v1/disputes/{dispute_id}/close")
def close(call: Call, dispute_id: str) -> dict:
    return decide(call, call.find("dispute", dispute_id), "lost")
