"""What happens to a payment intent: confirmed, authenticated, declined, debited, captured."""

from hostbill.sandbox.stripe import cards
from hostbill.sandbox.stripe.api import charges, disputes
from hostbill.sandbox.stripe.api.payment_methods import attach_to, card_of, decline_of
from hostbill.sandbox.stripe.core import Call, expand, new_id, now, visible
from hostbill.sandbox.stripe.errors import ApiError, card_error, invalid

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


def save(call: Call, intent: dict, event: str = "") -> dict:
    call.store.save("payment_intent", intent)
    if event:
        call.event(event, intent)
    return intent


def wrong_state(intent: dict, verb: str) -> ApiError:
    label = "PaymentIntent" if intent["object"] == "payment_intent" else "SetupIntent"
    code = "payment_intent_unexpected_state" if label == "PaymentIntent" else "setup_intent_unexpected_state"
    return invalid(
        f"You cannot {verb} this {label} because it has a status of {intent['status']}.",
        code=code,
        **{intent["object"]: visible(intent)},
    )


def next_action(call: Call, intent: dict, return_url: str | None) -> dict:
    """Where the person proves who they are: a page of ours, reached by redirect or through the script."""
    url = f"{call.base_url}/3ds/{intent['id']}?client_secret={intent['client_secret']}"
    if return_url:
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
    sdk = {"type": "three_d_secure_redirect", "stripe_js": url, "source": new_id("src")}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}


def mandate(call: Call, method: dict, data: dict | None) -> str:
    """The agreement under which the account may be debited."""
    acceptance = (data or {}).get("customer_acceptance") or {"type": "offline"}
    details = {
        "sepa_debit": {"reference": new_id("m", 16)[2:].upper(), "url": f"{call.base_url}/mandates"},
        "type": "sepa_debit",
    }
    made = {
        "id": new_id("mandate"),
        "object": "mandate",
        "customer_acceptance": {"accepted_at": now(), **acceptance},
        "livemode": False,
        "multi_use": {},
        "payment_method": method["id"],
        "payment_method_details": details,
        "status": "active",
        "type": "multi_use",
    }
    return call.store.save("mandate", made)["id"]


def needs_authentication(method: dict, *, off_session: bool) -> bool:
    card = card_of(method)
    auth = card.auth if card else ""
    if auth == "on_session" or auth == "first" and method.get("_set_up"):
        return not off_session  # set up: off-session passes, on-session is asked again
    return bool(auth)


def confirm(call: Call, intent: dict, method: dict | None, *, off_session: bool, return_url: str | None) -> dict:
    """Try to collect with the method. Raises the card's refusal after having written it down."""
    if intent["status"] not in CONFIRMABLE:
        raise wrong_state(intent, "confirm")
    if method is None:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment "
            "method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
            payment_intent=visible(intent),
        )
    _check_method(call, intent, method)
    intent.update(payment_method=method["id"], next_action=None, last_payment_error=None, _authenticated=False)
    intent["_off_session"] = off_session
    if method["type"] == "sepa_debit":
        return debit(call, intent, method)
    if needs_authentication(method, off_session=off_session):
        if off_session or intent.pop("_error_on_action", False):
            return decline(call, intent, method, "authentication_required")
        intent.update(status="requires_action", next_action=next_action(call, intent, return_url))
        return save(call, intent, "payment_intent.requires_action")
    return collect(call, intent, method)


def _check_method(call: Call, intent: dict, method: dict) -> None:
    if method["type"] not in intent["payment_method_types"]:
        raise invalid(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent.",
            param="payment_method",
        )
    if method["type"] == "sepa_debit" and intent["currency"] != "eur":
        raise invalid("The currency provided is invalid for SEPA debit; use eur.", param="currency")
    if method["customer"] and method["customer"] != intent["customer"]:
        raise invalid(
            "The provided PaymentMethod belongs to a Customer; please include the Customer in the `customer` parameter on "
            "the PaymentIntent."
            if intent["customer"] is None
            else "The customer does not have a payment method with this ID.",
            param="payment_method",
        )


def collect(call: Call, intent: dict, method: dict) -> dict:
    """Charge the card now (or only hold the money when captured by hand)."""
    code = decline_of(method, when="at_charge")
    if code:
        return decline(call, intent, method, code)
    by_hand = intent["capture_method"] == "manual"
    charge = charges.make(call, intent, method, status="succeeded", captured=not by_hand)
    if by_hand:
        charge["paid"] = True
        intent.update(status="requires_capture", amount_capturable=intent["amount"], next_action=None)
        _keep(call, intent, method)
        return save(call, intent, "payment_intent.amount_capturable_updated")
    charges.settle(call, charge, intent["amount"])
    _keep(call, intent, method)
    succeeded(call, intent, charge)
    if charges.card_disputes(method):
        disputes.open_dispute(call, charge, "fraudulent")
    return intent


def _keep(call: Call, intent: dict, method: dict) -> None:
    """Save the method for later when that was asked for."""
    if intent["setup_future_usage"] and intent["customer"] and not method["customer"]:
        attach_to(call, method, intent["customer"])
    if intent["setup_future_usage"] == "off_session":
        method["_set_up"] = True
        call.store.save("payment_method", method)


def succeeded(call: Call, intent: dict, charge: dict) -> None:
    intent.update(status="succeeded", amount_received=charge["amount_captured"], amount_capturable=0, next_action=None)
    intent["processing"] = None
    save(call, intent)
    call.event("charge.succeeded", charge)
    call.event("payment_intent.succeeded", intent)


def decline(call: Call, intent: dict, method: dict, code: str, *, raising: bool = True) -> dict:
    """Write the refusal down and raise it as the API answers it."""
    charge = charges.make(call, intent, method, status="failed", captured=False, decline=code)
    error = {
        "charge": charge["id"],
        "code": cards.error_code(code),
        "message": cards.message(code),
        "type": "card_error",
    }
    if code not in cards.OWN_CODE:
        error["decline_code"] = code
    error["doc_url"] = f"https://stripe.com/docs/error-codes/{error['code'].replace('_', '-')}"
    error["payment_method"] = visible(method)
    intent.update(status="requires_payment_method", last_payment_error=error, payment_method=None, next_action=None)
    save(call, intent)
    call.event("charge.failed", charge)
    call.event("payment_intent.payment_failed", intent)
    if not raising:
        return intent
    extra = {key: error[key] for key in ("charge", "decline_code", "payment_method") if key in error}
    refusal = card_error(error["message"], code=error["code"], payment_intent=expand(call.store, intent, []), **extra)
    raise refusal


def authenticated(call: Call, intent: dict, *, passed: bool) -> dict:
    """The person came back from the 3-D Secure page."""
    method = call.store.get("payment_method", intent["payment_method"])
    if not passed:
        return authentication_failed(call, intent, method)
    intent["_authenticated"] = True
    code = decline_of(method, when="at_charge")
    if code:
        return decline(call, intent, method, code, raising=False)
    return collect(call, intent, method)


def authentication_failed(call: Call, intent: dict, method: dict) -> dict:
    message = (
        "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    )
    error = {
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
        "message": message,
        "payment_method": visible(method),
        "type": "card_error",
    }
    intent.update(status="requires_payment_method", last_payment_error=error, payment_method=None, next_action=None)
    return save(call, intent, "payment_intent.payment_failed")


def debit(call: Call, intent: dict, method: dict) -> dict:
    """Start a direct debit: the answer comes later, by advance()."""
    intent["_mandate"] = method.setdefault("_mandate", None) or mandate(call, method, intent.pop("_mandate_data", None))
    method["_mandate"] = intent["_mandate"]
    charge = charges.make(call, intent, method, status="pending", captured=True)
    intent.update(status="processing", processing={"type": "sepa_debit"})
    delay = call.settings.sepa_delay
    intent["_due"] = None if delay is None else now() + delay
    _keep(call, intent, method)
    save(call, intent, "payment_intent.processing")
    call.event("charge.pending", charge)
    return intent


def advance(call: Call, intent: dict, outcome: str = "") -> dict:
    """Bring a direct debit to its end: "succeed", "fail", "dispute", or as its test IBAN says."""
    if intent["status"] != "processing":
        raise wrong_state(intent, "advance")
    method = call.store.get("payment_method", intent["payment_method"])
    outcome = outcome or cards.IBANS.get(method.get("_iban", ""), "succeed")
    charge = call.store.get("charge", intent["latest_charge"])
    if outcome == "fail":
        return _debit_failed(call, intent, charge, method)
    charges.settle(call, charge, intent["amount"])
    succeeded(call, intent, charge)
    if outcome == "dispute":
        disputes.open_dispute(call, charge, "debit_not_authorized")
    return intent


def _debit_failed(call: Call, intent: dict, charge: dict, method: dict) -> dict:
    message = "The debit was returned by the customer's bank: insufficient funds."
    charge.update(status="failed", failure_code="insufficient_funds", failure_message=message, paid=False)
    call.store.save("charge", charge)
    error = {
        "charge": charge["id"],
        "code": "payment_method_provider_decline",
        "decline_code": "insufficient_funds",
        "message": message,
        "payment_method": visible(method),
        "type": "card_error",
    }
    intent.update(status="requires_payment_method", last_payment_error=error, payment_method=None, processing=None)
    save(call, intent)
    call.event("charge.failed", charge)
    call.event("payment_intent.payment_failed", intent)
    return intent


def capture(call: Call, intent: dict, amount: int | None) -> dict:
    """Take the held money, all or part; the rest is let go."""
    if intent["status"] != "requires_capture":
        raise wrong_state(intent, "capture")
    amount = intent["amount_capturable"] if amount is None else amount
    if not 0 < amount <= intent["amount_capturable"]:
        raise invalid(
            f"The remaining amount that can be captured for this PaymentIntent is {intent['amount_capturable']}.",
            param="amount_to_capture",
            code="amount_too_large",
        )
    charge = call.store.get("charge", intent["latest_charge"])
    charges.settle(call, charge, amount)
    call.event("charge.captured", charge)
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    return save(call, intent, "payment_intent.succeeded")


def cancel(call: Call, intent: dict, reason: str | None) -> dict:
    if intent["status"] not in (*CONFIRMABLE, "requires_capture", "processing"):
        raise wrong_state(intent, "cancel")
    charge = call.store.get("charge", intent["latest_charge"] or "")
    if intent["status"] == "requires_capture" and charge:
        charge.update(amount_refunded=charge["amount"], refunded=True)
        call.store.save("charge", charge)
        call.event("charge.refunded", charge)
    intent.update(
        status="canceled", canceled_at=now(), cancellation_reason=reason, amount_capturable=0, next_action=None
    )
    return save(call, intent, "payment_intent.canceled")
