"""Stripe's objects as our results."""

from billing.gateways.base import ChargeResult, DisputeResult, RefundResult, SavedMethod, SetupResult
from billing.gateways.stripe.amounts import from_stripe
from hostbill.core.money import Money

#: Metadata in which our idempotency key can be found again.
KEY = "hostbill_key"
CHARGE_STATES = {
    "succeeded": "succeeded",
    "processing": "processing",
    "requires_capture": "processing",
    "requires_action": "requires_action",
    "requires_confirmation": "requires_method",
    "canceled": "cancelled",
}
REFUND_STATES = {"succeeded": "succeeded", "pending": "processing", "requires_action": "processing"}
AUTHENTICATION = "authentication_required"


def value(obj, *path):
    """A field deep inside, None where something on the way is missing or not expanded."""
    for name in path:
        if obj is None or isinstance(obj, str):
            return None
        obj = getattr(obj, name, None) if not isinstance(obj, dict) else obj.get(name)
    return obj


def id_of(reference) -> str:
    """The id of a field that may be an id, an expanded object or nothing."""
    return reference if isinstance(reference, str) else (value(reference, "id") or "")


def saved_method(method, customer_id: str = "") -> SavedMethod | None:
    """A payment method that is expanded; None otherwise."""
    kind = value(method, "type")
    if kind is None:
        return None
    details = value(method, kind)
    return SavedMethod(
        remote_id=method.id,
        customer_id=id_of(value(method, "customer")) or customer_id,
        kind=kind,
        brand=value(details, "brand") or ("SEPA" if kind == "sepa_debit" else ""),
        last4=value(details, "last4") or "",
        expires_month=value(details, "exp_month"),
        expires_year=value(details, "exp_year"),
        fingerprint=value(details, "fingerprint") or "",
        country=value(details, "country") or "",
    )


def decline(error) -> tuple[str, str]:
    """Code and message of an error object (of a refusal, or last_payment_error)."""
    advice = value(error, "advice_code") or ""
    code = value(error, "decline_code") or value(error, "code") or ""
    if advice == "do_not_try_again" and code in ("", "card_declined", "generic_decline", "do_not_honor"):
        code = advice
    return code, value(error, "message") or ""


def charge_result(intent) -> ChargeResult:
    """A payment intent, expanded with latest_charge.balance_transaction and payment_method."""
    code, message = decline(intent.last_payment_error)
    state = CHARGE_STATES.get(intent.status)
    if state is None:  # requires_payment_method: never tried, refused, or refused for want of a confirmation
        state = "requires_method" if not intent.last_payment_error else "declined"
        state = "requires_action" if code == AUTHENTICATION else state
    charge = value(intent, "latest_charge")
    refunded = value(charge, "amount_refunded")
    return ChargeResult(
        state=state,
        remote_id=intent.id,
        amount=from_stripe(intent.amount_received if state == "succeeded" else intent.amount, intent.currency),
        decline_code=code if state in ("declined", "requires_action") else "",
        message=message if state in ("declined", "requires_action") else "",
        fee=_fee(charge, intent.currency),
        client_secret=intent.client_secret or "",
        method=saved_method(intent.payment_method, id_of(intent.customer)),
        key=value(intent.metadata, KEY) or "",
        refunded=from_stripe(refunded, intent.currency) if refunded else None,
    )


def _fee(charge, currency: str) -> Money | None:
    money = value(charge, "balance_transaction")
    if value(money, "fee") is None or money.currency != currency:
        return None
    return from_stripe(money.fee, currency)


def setup_result(intent) -> SetupResult:
    """A setup intent, expanded with payment_method."""
    code, message = decline(intent.last_setup_error)
    state = CHARGE_STATES.get(intent.status, "declined" if intent.last_setup_error else "requires_method")
    return SetupResult(
        state=state,
        remote_id=intent.id,
        client_secret=intent.client_secret or "",
        method=saved_method(intent.payment_method, id_of(intent.customer)) if state == "succeeded" else None,
        customer_id=id_of(intent.customer),
        decline_code=code,
        message=message,
        key=value(intent.metadata, KEY) or "",
    )


def refund_result(refund) -> RefundResult:
    """A refund."""
    return RefundResult(
        state=REFUND_STATES.get(refund.status, "failed"),
        remote_id=refund.id,
        amount=from_stripe(refund.amount, refund.currency),
        message=value(refund, "failure_reason") or "",
        charge_id=id_of(refund.payment_intent) or id_of(refund.charge),
        key=value(refund.metadata, KEY) or "",
    )


def dispute_result(dispute) -> DisputeResult:
    """A dispute. An inquiry (warning_...) has taken no money, so it is not one for us: "won"."""
    harmless = dispute.status == "won" or dispute.status.startswith("warning") or dispute.status == "prevented"
    fees = sum(money.fee for money in dispute.balance_transactions or [])
    return DisputeResult(
        state="won" if harmless else "lost" if dispute.status == "lost" else "open",
        remote_id=dispute.id,
        charge_id=id_of(dispute.payment_intent) or id_of(dispute.charge),
        amount=from_stripe(dispute.amount, dispute.currency),
        fee=from_stripe(fees, dispute.balance_transactions[0].currency) if fees else None,
        reason=dispute.reason,
    )
