"""The server: who may call what, idempotency, answers and headers. The resources are in api/, the pages in pages.py."""

import base64
import json
import threading
import time
from collections import deque
from dataclasses import replace
from pathlib import Path

from hostbill.sandbox.faults import Faults
from hostbill.sandbox.server import Answer, Request, SandboxApp
from hostbill.sandbox.stripe import api, control, idempotency, pages  # noqa: F401  (api registers the addresses)
from hostbill.sandbox.stripe.api import payment_flow, webhook_endpoints
from hostbill.sandbox.stripe.core import API_VERSION, Call, Settings, expand, now
from hostbill.sandbox.stripe.errors import ApiError
from hostbill.sandbox.stripe.forms import parse
from hostbill.sandbox.stripe.routes import match
from hostbill.sandbox.stripe.store import Store, new_id
from hostbill.sandbox.stripe.webhooks import Dispatcher

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Stripe-Version, Idempotency-Key",
    "Access-Control-Max-Age": "300",
}
# What a browser must not see of an object it asked for with the publishable key.
NOT_FOR_BROWSERS = ("metadata", "customer", "latest_charge", "application", "transfer_data", "review", "on_behalf_of")


class StripeApp(SandboxApp):
    """The sandbox. `store.lock` is held while a resource's function runs, not while waiting."""

    name = "stripe"
    one_at_a_time = False

    def __init__(self, state_dir: Path, settings: Settings, webhook_url: str = "", webhook_secret: str = ""):
        self.store = Store(Path(state_dir))
        self.faults = Faults(self.extra_fault_kinds)
        self.calls: deque[dict] = deque(maxlen=20000)
        self.settings = settings
        self.first_settings = replace(settings)
        self.configured = (webhook_url, webhook_secret)
        self.webhooks = Dispatcher(self.store)
        self.configure()
        self.store.on_reset = self._after_reset
        self.webhooks.resume()
        threading.Thread(target=self._advance_debits, daemon=True, name="debits").start()

    def configure(self) -> None:
        """Make the endpoint given at start (or by the control endpoint); without an address there is none."""
        url, secret = self.configured
        if url:
            endpoint = webhook_endpoints.build(url, secret, ["*"], endpoint_id="we_configured")
            self.store.save("webhook_endpoint", endpoint)
        elif self.store.get("webhook_endpoint", "we_configured"):
            self.store.remove("webhook_endpoint", "we_configured")

    def _after_reset(self) -> None:
        """Nothing but the configured webhook endpoint and our default settings, as at first start."""
        self.webhooks.reset()
        self.settings = replace(self.first_settings)
        self.configure()

    def new_call(self, method: str = "POST", path: str = "", params: dict | None = None, **more) -> Call:
        request_id = new_id("req", 14)
        return Call(
            self.store, self.settings, self.webhooks.announce, self.url, method, path, params or {}, request_id, **more
        )

    def operation(self, request: Request) -> str:
        if not request.path.startswith("/v1/") or request.method == "OPTIONS":
            return ""
        entry, _ = match(request.method, request.path)
        return entry.name if entry else "unknown"

    def answer(self, request: Request) -> Answer:
        if request.method == "OPTIONS":
            return Answer(204, headers=dict(CORS))
        if not request.path.startswith("/v1/"):
            return pages.answer(self, request)
        call = self.new_call(request.method, request.path)
        try:
            text = request.body.decode() if request.method in ("POST", "DELETE") and request.body else _query(request)
            call.params = parse(text)
            call.public = self._public(request, call.params)
            return self._replayed_or_new(request, call)
        except ApiError as error:
            return self._refused(error, call)

    def _public(self, request: Request, params: dict) -> bool:
        """True for the publishable key, False for the secret one; anything else is refused."""
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        key = given if scheme == "Bearer" else ""
        if scheme == "Basic":
            key = base64.b64decode(given).decode("utf-8", "replace").split(":")[0]
        key = key or params.pop("key", "")
        if key == self.settings.secret_key:
            return False
        if key == self.settings.publishable_key:
            return True
        if not key:
            raise ApiError(401, "invalid_request_error", "You did not provide an API key.")
        shown = key[:8] + "*" * 8 + key[-4:]
        raise ApiError(401, "invalid_request_error", f"Invalid API Key provided: {shown}")

    def _replayed_or_new(self, request: Request, call: Call) -> Answer:
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        call.idempotency_key = key
        if not key:
            return self._new(call)
        with self.store.lock:
            print_ = idempotency.fingerprint(call.method, call.path, call.params)
            stored = idempotency.begin(self.store, key, print_)
        if stored:
            answer = self._json(call, stored["status"], stored["body"])
            answer.headers["Idempotent-Replayed"] = "true"
            answer.headers["Original-Request"] = stored["request_id"]
            return answer
        answer = self._new(call)
        with self.store.lock:
            idempotency.finish(self.store, key, answer.status, json.loads(answer.body), call.request_id)
        return answer

    def _new(self, call: Call) -> Answer:
        if call.method == "POST" and self.settings.work_delay:
            time.sleep(self.settings.work_delay)
        try:
            with self.store.lock:
                return self._run(call)
        except ApiError as error:
            return self._refused(error, call)

    def _run(self, call: Call) -> Answer:
        entry, ids = match(call.method, call.path)
        if entry is None:
            message = f"Unrecognized request URL ({call.method}: {call.path})."
            raise ApiError(404, "invalid_request_error", message)
        if call.public and not entry.public:
            message = "This API call cannot be made with a publishable API key. Please use a secret API key."
            raise ApiError(401, "invalid_request_error", message, "secret_key_required")
        body = expand(self.store, entry.function(call, **ids), call.params.get("expand"))
        if call.public:
            for name in NOT_FOR_BROWSERS:
                body.pop(name, None)
        return self._json(call, 200, body)

    def _refused(self, error: ApiError, call: Call) -> Answer:
        return self._json(call, error.status, error.body(call.request_id))

    def _json(self, call: Call, status: int, body: dict) -> Answer:
        outcome = "ok" if status < 400 else f"refused: {body['error'].get('code') or body['error']['type']}"
        headers = {"Request-Id": call.request_id, "Stripe-Version": API_VERSION, **CORS}
        if call.idempotency_key:
            headers["Idempotency-Key"] = call.idempotency_key
        text = json.dumps(body, indent=2).encode()
        return Answer(status, text, "application/json", headers, outcome)

    def logged_params(self, request: Request) -> dict:
        """For the log of calls: no card numbers, and the idempotency key beside the parameters."""
        hidden = {name: "***" if "number" in name or "cvc" in name else value for name, value in request.params.items()}
        key = request.headers.get("Idempotency-Key")
        return {**hidden, "_idempotency_key": key} if key else hidden

    def control(self, name: str, data: dict) -> dict | None:
        return control.run(self, name, data)

    def _advance_debits(self) -> None:
        """Bring direct debits whose time has come to their end."""
        while True:
            time.sleep(0.2)
            with self.store.lock:
                waiting = [i for i in self.store.all("payment_intent").values() if i["status"] == "processing"]
                for intent in waiting:
                    if intent.get("_due") and intent["_due"] <= now():
                        payment_flow.advance(self.new_call(), intent)


def _query(request: Request) -> str:
    """The query as text again: pairs keep repeated names apart, which the flat dict does not."""
    return pages.encode(request.pairs)
