"""The driver. Every changing call carries the caller's idempotency key and is sent once; every reading call may be repeated."""

import hashlib
import json
from urllib.parse import urlsplit

import stripe
from django.utils.translation import gettext as _

from billing.gateways.base import (
    ChargeRequest,
    ChargeResult,
    CheckoutStart,
    Gateway,
    RefundRequest,
    RefundResult,
    TestResult,
    WebhookEvent,
)
from billing.gateways.stripe.amounts import next_payable, to_stripe
from billing.gateways.stripe.client import READ_RETRIES, client_for
from billing.gateways.stripe.config import StripeConfig
from billing.gateways.stripe.errors import translate, translated
from billing.gateways.stripe.objects import (
    KEY,
    charge_result,
    decline,
    dispute_result,
    id_of,
    refund_result,
    saved_method,
    setup_result,
    value,
)
from hostbill.core.errors import AppError, DriverError

SCRIPT = "https://js.stripe.com/v3/"
ORIGINS = ("https://js.stripe.com", "https://hooks.stripe.com", "https://api.stripe.com", "https://*.js.stripe.com")
EXPAND = ["latest_charge.balance_transaction", "payment_method"]
PAGE = 100
LOOKED_THROUGH = 500  # newest intents of a customer among which a lost one is sought
EVENTS_READ = 300  # newest messages among which missed ones are sought
TOLERANCE = 300  # seconds a webhook may be old
LONGEST_ID = 255
READ = {"max_network_retries": READ_RETRIES}

#: Objects of which a change matters to us, and messages that only repeat what another one of the same moment says.
TOLD = {"payment_intent", "charge", "setup_intent", "refund", "dispute"}
SAID_ELSEWHERE = {"payment_intent.created", "setup_intent.created", "charge.succeeded", "charge.updated"}
#: What an endpoint at Stripe should be told of; anything more is only stored.
EVENTS = (
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.canceled",
    "setup_intent.succeeded",
    "setup_intent.setup_failed",
    "setup_intent.canceled",
    "charge.failed",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)


def without_nul(thing):
    """The same JSON value without NUL characters, which the database cannot keep."""
    if isinstance(thing, str):
        return thing.replace("\x00", "")
    if isinstance(thing, dict):
        return {name.replace("\x00", ""): without_nul(entry) for name, entry in thing.items()}
    return [without_nul(entry) for entry in thing] if isinstance(thing, list) else thing


class StripeGateway(Gateway):
    """Stripe, or anything that speaks its API at `api_base`."""

    label = "Stripe"
    capabilities = frozenset({"charge", "save_method", "refund", "checkout_element", "webhook"})
    Config = StripeConfig
    secret_fields = ("secret_key", "webhook_secret")

    payable = staticmethod(next_payable)

    @property
    def publishable_key(self) -> str:
        """Goes into the page."""
        return self.values.get("publishable_key", "")

    @property
    def element_script(self) -> str:
        """Stripe.js, or the sandbox's stand-in."""
        return self.values.get("element_url") or SCRIPT

    @property
    def element_origins(self) -> tuple[str, ...]:
        """What the pay page's Content-Security-Policy must allow as script-src, frame-src and connect-src."""
        if not self.values.get("element_url"):
            return ORIGINS
        parts = urlsplit(self.element_script)
        return (f"{parts.scheme}://{parts.netloc}",)

    @property
    def api(self):
        """The library's services of API version 1."""
        return client_for(self.values.get("secret_key", ""), self.values.get("api_base", "")).v1

    def test(self) -> TestResult:
        """Ask for the account behind the key."""
        with translated(mutating=False):
            account = self.api.accounts.retrieve_current(options=READ)
        name = value(account, "settings", "dashboard", "display_name") or value(account, "business_profile", "name")
        return TestResult(account=f"{name or ''} ({account.id})".strip(), is_live="_live_" in self.values["secret_key"])

    def ensure_customer(self, email: str, name: str, key: str) -> str:
        """Found by metadata among those with this address, else made."""
        with translated(mutating=False):
            known = self.api.customers.list({"email": email, "limit": PAGE}, options=READ)
        for customer in known.data:
            if value(customer.metadata, KEY) == key:
                return customer.id
        fingerprint = hashlib.sha256(f"{email}\n{name}".encode()).hexdigest()[:16]
        params = {"email": email, "name": name[:256], "metadata": {KEY: key}}
        with translated(mutating=True):
            return self.api.customers.create(params, options={"idempotency_key": f"customer-{key}-{fingerprint}"}).id

    def checkout(self, request: ChargeRequest) -> CheckoutStart:
        """A payment intent for the element; automatic methods, kept for later charges when the payer agreed."""
        params = {**self._params(request), "automatic_payment_methods": {"enabled": True}}
        if request.save_method and request.customer_id:
            params["setup_future_usage"] = "off_session"
        with translated(mutating=True):
            intent = self.api.payment_intents.create(params, options={"idempotency_key": request.key})
        return self._start(intent)

    def start_setup(self, customer_id: str, key: str, metadata: dict | None = None) -> CheckoutStart:
        """A setup intent for the element."""
        params = {
            "customer": customer_id,
            "usage": "off_session",
            "automatic_payment_methods": {"enabled": True},
            "metadata": {**(metadata or {}), KEY: key},
        }
        with translated(mutating=True):
            intent = self.api.setup_intents.create(params, options={"idempotency_key": key})
        return self._start(intent)

    def _start(self, intent) -> CheckoutStart:
        return CheckoutStart(intent.id, intent.client_secret, self.publishable_key, self.element_script)

    def _params(self, request: ChargeRequest) -> dict:
        try:
            amount = to_stripe(request.amount)
        except ValueError as error:
            raise DriverError(str(error), permanent=True, code="invalid_amount") from error
        params = {
            "amount": amount,
            "currency": request.amount.currency.lower(),
            "capture_method": "automatic",
            "description": request.description,
            "metadata": {**request.metadata, KEY: request.key},
        }
        return {**params, "customer": request.customer_id} if request.customer_id else params

    def charge(self, request: ChargeRequest) -> ChargeResult:
        """Create and confirm in one call."""
        params = {**self._params(request), "payment_method": request.method_id, "confirm": True, "expand": EXPAND}
        params["off_session"] = request.off_session
        params["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
        try:
            with translated(mutating=True):
                intent = self.api.payment_intents.create(params, options={"idempotency_key": request.key})
        except stripe.CardError as refusal:
            return self._refused(refusal, request)
        except DriverError as error:
            if error.permanent and getattr(error.__cause__, "param", None) == "payment_method":
                return ChargeResult(
                    "declined", "", request.amount, "no_such_payment_method", error.message, key=request.key
                )
            raise
        return charge_result(intent)

    def _refused(self, refusal: stripe.CardError, request: ChargeRequest) -> ChargeResult:
        """The bank's no. A wish for the payer's confirmation is not a decline."""
        code, message = decline(refusal.error)
        intent = value(refusal.error, "payment_intent")
        wants_payer = code == "authentication_required"
        method = saved_method(value(refusal.error, "payment_method"), request.customer_id)
        return ChargeResult(
            state="requires_action" if wants_payer else "declined",
            remote_id=id_of(intent),
            amount=request.amount,
            decline_code=code,
            message=message,
            client_secret=value(intent, "client_secret") or "",
            method=method,
            key=request.key,
        )

    def look_up(self, remote_id: str) -> ChargeResult:
        """The payment intent as it is now."""
        with translated(mutating=False):
            return charge_result(self.api.payment_intents.retrieve(remote_id, {"expand": EXPAND}, options=READ))

    def look_up_by_key(self, key: str, customer_id: str = "") -> ChargeResult | None:
        """Listing is immediate at Stripe; its search index lags behind and would say "no" too early."""
        params = {"limit": PAGE, **({"customer": customer_id} if customer_id else {})}
        with translated(mutating=False):
            found = self.api.payment_intents.list(params, options=READ).auto_paging_iter()
            for number, intent in enumerate(found):
                if value(intent.metadata, KEY) == key:
                    return self.look_up(intent.id)
                if number >= LOOKED_THROUGH:
                    break
        return None

    def cancel(self, remote_id: str, key: str) -> ChargeResult:
        """Cancel; when that comes too late, say how it stands."""
        params = {"cancellation_reason": "abandoned"}
        try:
            with translated(mutating=True):
                self.api.payment_intents.cancel(remote_id, params, options={"idempotency_key": key})
        except DriverError as error:
            if error.code != "payment_intent_unexpected_state":
                raise
        return self.look_up(remote_id)

    def refund(self, request: RefundRequest) -> RefundResult:
        """Refund the intent's charge, all or part of it."""
        params = {
            "payment_intent": request.remote_id,
            "amount": to_stripe(request.amount),
            "metadata": {KEY: request.key},
        }
        if request.reason in ("duplicate", "fraudulent", "requested_by_customer"):
            params["reason"] = request.reason
        try:
            with translated(mutating=True):
                return refund_result(self.api.refunds.create(params, options={"idempotency_key": request.key}))
        except stripe.CardError as refusal:
            raise DriverError(refusal.user_message or "", permanent=True, code=refusal.code or "declined") from refusal
        except DriverError as error:
            if getattr(error.__cause__, "param", None) == "amount":
                error.code = "refund_too_large"
            raise

    def look_up_refund(self, remote_id: str) -> RefundResult:
        """The refund as it is now."""
        with translated(mutating=False):
            return refund_result(self.api.refunds.retrieve(remote_id, options=READ))

    def look_up_refund_by_key(self, key: str, charge_id: str) -> RefundResult | None:
        """Among the refunds of the payment."""
        return next((refund for refund in self.refunds_of(charge_id) if refund.key == key), None)

    def refunds_of(self, charge_id: str) -> list[RefundResult]:
        """Ours and those made in the dashboard."""
        with translated(mutating=False):
            refunds = self.api.refunds.list({"payment_intent": charge_id, "limit": PAGE}, options=READ)
            return [refund_result(refund) for refund in refunds.auto_paging_iter()]

    def detach_method(self, method_id: str) -> None:
        """Quiet when Stripe no longer has it, or nobody owns it."""
        try:
            self.api.payment_methods.detach(method_id)
        except stripe.InvalidRequestError as error:
            if error.code not in (None, "resource_missing", "payment_method_unexpected_state"):
                raise translate(error, mutating=True) from error
        except stripe.StripeError as error:
            raise translate(error, mutating=True) from error

    def parse_webhook(self, body: bytes, headers) -> WebhookEvent:
        """The signature covers the raw body and the real time, which a moved clock does not touch."""
        secret, signature = self.values.get("webhook_secret", ""), headers.get("Stripe-Signature", "")
        try:
            if not secret:
                raise AppError(_("No webhook secret is configured."), code="bad_signature")
            stripe.WebhookSignature.verify_header(body.decode(), signature, secret, TOLERANCE)
            # Read as plain JSON: making Stripe's objects of it would take most of the answer's time.
            return self._event(json.loads(body))
        except stripe.SignatureVerificationError as error:
            raise AppError(_("The signature is not valid."), code="bad_signature") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise AppError(_("The message cannot be read."), code="bad_payload") from error

    def recent_events(self) -> list[WebhookEvent]:
        """Stripe keeps 30 days; the newest few hundred cover an outage of ours beyond its own three days of retries."""
        with translated(mutating=False):
            newest = self.api.events.list({"limit": PAGE}, options=READ).auto_paging_iter()
            return [self._event(event.to_dict()) for event, _number in zip(newest, range(EVENTS_READ), strict=False)]

    def _event(self, event: dict) -> WebhookEvent:
        obj = event["data"]["object"]
        kind = value(obj, "object") or ""
        is_news = kind in TOLD and event["type"] not in SAID_ELSEWHERE
        if not isinstance(event["type"], str) or not isinstance(event["id"], str) or not 0 < len(event["id"]) <= LONGEST_ID:
            raise ValueError("a message without a usable id")
        return WebhookEvent(event["id"], event["type"], kind, value(obj, "id") or "", without_nul(event), is_news)

    def fetch(self, object_type: str, object_id: str):
        """A charge is told as its payment intent, which is what we count by."""
        with translated(mutating=False):
            match object_type:
                case "payment_intent":
                    return self.look_up(object_id)
                case "charge":
                    intent = id_of(self.api.charges.retrieve(object_id, options=READ).payment_intent)
                    return self.look_up(intent) if intent else None
                case "setup_intent":
                    params = {"expand": ["payment_method"]}
                    return setup_result(self.api.setup_intents.retrieve(object_id, params, options=READ))
                case "refund":
                    return self.look_up_refund(object_id)
                case "dispute":
                    return dispute_result(self.api.disputes.retrieve(object_id, options=READ))
        return None
