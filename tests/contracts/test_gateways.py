"""The Stripe driver against the sandbox as a real process: what the gateway does, and what the driver makes of it."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

from billing.gateways.bank_transfer.config import BankTransferConfig
from billing.gateways.bank_transfer.driver import BankTransferGateway
from billing.gateways.base import ChargeRequest, RefundRequest
from billing.gateways.stripe.amounts import from_stripe, to_stripe
from billing.gateways.stripe.config import StripeConfig
from billing.gateways.stripe.driver import StripeGateway
from hostbill.core.errors import AppError, DriverError, OutcomeUnknown
from hostbill.core.money import Money

KEYS = iter(range(1, 10**6))


def euros(text: str) -> Money:
    return Money(Decimal(text), "EUR")


class Case:
    """The driver, its sandbox, and the short words of the tests."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.server = sandbox.stripe
        self.values = {
            "secret_key": self.server.secret_key,
            "publishable_key": self.server.publishable_key,
            "webhook_secret": self.server.webhook_secret,
            "api_base": self.server.url,
            "element_url": f"{self.server.url}/element.js",
        }
        self.gateway = StripeGateway(self.values)
        self.api = self.gateway.api

    def control(self, path, body=None, method=None):
        return self.sandbox.control("stripe", path, body, method)

    def fault(self, match, kind, times=1, **more):
        self.control("faults", {"match": match, "kind": kind, "times": times, **more})

    def customer(self) -> str:
        return self.gateway.ensure_customer("alice@example.com", "Alice Adams", f"client-{next(KEYS)}")

    def saved(self, token: str = "pm_card_visa") -> tuple[str, str]:
        """A customer with a card saved for off-session use; authentication is passed where the card asks for it."""
        customer = self.customer()
        start = self.gateway.start_setup(customer, f"setup-{next(KEYS)}")
        intent = self.api.setup_intents.confirm(start.remote_id, {"payment_method": token})
        if intent.status == "requires_action":
            self.control("authenticate", {"setup_intent": start.remote_id})
        return customer, self.gateway.fetch("setup_intent", start.remote_id).method.remote_id

    def request(self, customer="", method="", amount="12.00", **more) -> ChargeRequest:
        more = {"key": f"charge-{next(KEYS)}", "off_session": bool(method), **more}
        return ChargeRequest(euros(amount), customer_id=customer, method_id=method, **more)

    def charged(self, token="pm_card_visa", **more):
        return self.gateway.charge(self.request(*self.saved(token), **more))

    def pay_in_browser(self, start, token: str, **more):
        """What the element does with the publishable key."""
        browser = stripe.StripeClient(self.server.publishable_key, base_addresses={"api": self.server.url}).v1
        params = {
            "client_secret": start.client_secret,
            "payment_method_data": {"type": "card", "card": {"token": token}},
        }
        return browser.payment_intents.confirm(start.remote_id, {**params, **more})


@pytest.fixture
def case(sandbox):
    sandbox.control("stripe", "reset", {})
    return Case(sandbox)


def test_a_saved_card_is_charged_and_the_fee_is_known(case):
    result = case.charged(amount="100.00")
    assert result.state == "succeeded"
    assert (result.amount, result.fee) == (euros("100.00"), euros("3.20"))
    assert (result.method.brand, result.method.last4) == ("visa", "4242")
    assert case.gateway.look_up(result.remote_id) == result


def test_the_element_pays_and_saves_the_card(case):
    request = case.request(case.customer())
    start = case.gateway.checkout(request)
    assert case.gateway.look_up(start.remote_id).state == "requires_method"
    assert case.pay_in_browser(start, "pm_card_visa").status == "succeeded"
    result = case.gateway.look_up_by_key(request.key, request.customer_id)
    assert (result.state, result.method.customer_id) == ("succeeded", request.customer_id)
    again = case.gateway.charge(case.request(request.customer_id, result.method.remote_id))
    assert again.state == "succeeded"


def test_without_consent_the_card_stays_nobodys(case):
    start = case.gateway.checkout(case.request(case.customer(), save_method=False))
    case.pay_in_browser(start, "pm_card_visa")
    method = case.gateway.look_up(start.remote_id).method
    assert case.api.payment_methods.retrieve(method.remote_id).customer is None


def test_three_d_secure_in_the_browser(case):
    start = case.gateway.checkout(case.request(case.customer()))
    intent = case.pay_in_browser(
        start, "pm_card_authenticationRequiredOnSetup", return_url="https://shop.example/back?a=1"
    )
    assert intent.next_action.type == "redirect_to_url"
    assert case.gateway.look_up(start.remote_id).state == "requires_action"
    case.control("authenticate", {"payment_intent": start.remote_id, "passed": False})
    failed = case.gateway.look_up(start.remote_id)
    assert (failed.state, failed.decline_code) == ("declined", "payment_intent_authentication_failure")
    case.pay_in_browser(start, "pm_card_authenticationRequiredOnSetup")
    case.control("authenticate", {"payment_intent": start.remote_id})
    assert case.gateway.look_up(start.remote_id).state == "succeeded"


def test_a_card_set_up_with_authentication_is_charged_off_session(case):
    assert case.charged("pm_card_authenticationRequiredOnSetup").state == "succeeded"


def test_authentication_wanted_off_session_is_no_decline_and_can_be_finished_by_the_payer(case):
    result = case.charged("pm_card_authenticationRequired")
    assert (result.state, result.decline_code) == ("requires_action", "authentication_required")
    assert case.gateway.look_up(result.remote_id).state == "requires_action"
    assert case.gateway.look_up(result.remote_id).client_secret == result.client_secret
    case.pay_in_browser(result, "pm_card_authenticationRequired")
    case.control("authenticate", {"payment_intent": result.remote_id})
    assert case.gateway.look_up(result.remote_id).state == "succeeded"


@pytest.mark.parametrize(
    ("token", "code", "hard"),
    [
        ("pm_card_chargeCustomerFail", "generic_decline", False),
        ("pm_card_visa", "insufficient_funds", False),
        ("pm_card_visa", "lost_card", True),
        ("pm_card_visa", "expired_card", True),
    ],
)
def test_declines(case, token, code, hard):
    customer, method = case.saved(token)
    if token == "pm_card_visa":  # noqa: S105
        case.control("card", {"payment_method": method, "decline_code": code})
    result = case.gateway.charge(case.request(customer, method))
    assert (result.state, result.decline_code, result.is_hard_decline) == ("declined", code, hard)
    assert result.message and result.remote_id
    assert case.gateway.look_up(result.remote_id).decline_code == code


def test_a_card_removed_at_stripe_is_a_hard_decline(case):
    customer, method = case.saved()
    case.gateway.detach_method(method)
    case.gateway.detach_method(method)
    result = case.gateway.charge(case.request(customer, "pm_never_was"))
    assert (result.state, result.decline_code, result.is_hard_decline) == ("declined", "no_such_payment_method", True)


def test_a_refused_card_is_not_saved(case):
    start = case.gateway.start_setup(case.customer(), "setup-x")
    with pytest.raises(stripe.CardError):
        case.api.setup_intents.confirm(start.remote_id, {"payment_method": "pm_card_visa_chargeDeclined"})
    result = case.gateway.fetch("setup_intent", start.remote_id)
    assert (result.state, result.method) == ("declined", None)


def test_the_same_key_charges_once(case):
    request = case.request(*case.saved())
    first, second = case.gateway.charge(request), case.gateway.charge(request)
    assert first == second
    assert len(case.api.payment_intents.list({"customer": request.customer_id}).data) == 1


def test_the_same_key_with_another_amount_is_refused(case):
    customer, method = case.saved()
    case.gateway.charge(case.request(customer, method, key="same"))
    with pytest.raises(DriverError) as refusal:
        case.gateway.charge(case.request(customer, method, key="same", amount="13.00"))
    assert (refusal.value.code, refusal.value.permanent) == ("key_reused", True)


def test_the_same_key_at_the_same_time(case):
    request = case.request(*case.saved())
    case.control("settings", {"work_delay": 0.4})

    def attempt(_):
        try:
            return case.gateway.charge(request).state
        except DriverError as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == ["busy", "succeeded"]


@pytest.mark.parametrize("kind", ["drop_after", "500_after", "truncate", "html", "empty"])
def test_a_lost_answer_is_unknown_and_then_found(case, kind):
    request = case.request(*case.saved())
    case.fault("payment_intents.create", kind)
    with pytest.raises(OutcomeUnknown):
        case.gateway.charge(request)
    found = case.gateway.look_up_by_key(request.key, request.customer_id)
    assert (found.state, found.key) == ("succeeded", request.key)


def test_work_that_never_happened_is_not_found(case):
    request = case.request(*case.saved())
    case.fault("payment_intents.create", "drop_before")
    with pytest.raises(OutcomeUnknown):
        case.gateway.charge(request)
    assert case.gateway.look_up_by_key(request.key, request.customer_id) is None


def test_nobody_listening_is_surely_not_sent(case):
    gateway = StripeGateway({**case.values, "api_base": "http://127.0.0.1:9"})
    with pytest.raises(DriverError) as error:
        gateway.charge(case.request("cus_x", "pm_x"))
    assert (error.value.code, error.value.permanent) == ("unreachable", False)


def test_reading_calls_retry_by_themselves(case):
    result = case.charged()
    case.fault("payment_intents.retrieve", "drop_before", times=2)
    assert case.gateway.look_up(result.remote_id).state == "succeeded"


def test_a_wrong_key_stops_the_lane(case):
    with pytest.raises(DriverError) as error:
        StripeGateway({**case.values, "secret_key": "sk_test_wrong"}).test()
    assert (error.value.code, error.value.stop_lane, error.value.permanent) == ("auth", True, False)
    assert "sk_test_wrong" not in error.value.message
    assert not case.gateway.test().is_live


def test_customers_are_made_once_even_when_their_name_changed(case):
    first = case.gateway.ensure_customer("a@example.com", "Ann", "C-1")
    assert case.gateway.ensure_customer("a@example.com", "Ann", "C-1") == first
    assert case.gateway.ensure_customer("a@example.com", "Ann B", "C-1") == first
    assert case.gateway.ensure_customer("a@example.com", "Ann", "C-2") != first


def test_cancelling_an_open_charge_and_a_paid_one(case):
    start = case.gateway.checkout(case.request(case.customer()))
    assert case.gateway.cancel(start.remote_id, "cancel-1").state == "cancelled"
    paid = case.charged()
    assert case.gateway.cancel(paid.remote_id, "cancel-2").state == "succeeded"


def test_refunds_never_exceed_what_was_paid(case):
    paid = case.charged(amount="10.00")
    part = case.gateway.refund(RefundRequest(paid.remote_id, euros("4.00"), "refund-1", "requested_by_customer"))
    assert (part.state, part.amount, part.charge_id) == ("succeeded", euros("4.00"), paid.remote_id)
    assert (
        case.gateway.refund(RefundRequest(paid.remote_id, euros("4.00"), "refund-1", "requested_by_customer")) == part
    )
    for amount, code in (("6.01", "refund_too_large"), ("6.00", None), ("0.01", "already_refunded")):
        request = RefundRequest(paid.remote_id, euros(amount), f"refund-{amount}")
        if code is None:
            case.gateway.refund(request)
            continue
        with pytest.raises(DriverError) as refusal:
            case.gateway.refund(request)
        assert (refusal.value.code, refusal.value.permanent) == (code, True)
    assert case.gateway.look_up(paid.remote_id).refunded == euros("10.00")


def test_a_lost_refund_is_found(case):
    paid = case.charged(amount="10.00")
    case.fault("refunds.create", "drop_after")
    with pytest.raises(OutcomeUnknown):
        case.gateway.refund(RefundRequest(paid.remote_id, euros("3.00"), "refund-lost"))
    assert case.gateway.look_up_refund_by_key("refund-lost", paid.remote_id).amount == euros("3.00")
    assert case.gateway.look_up_refund_by_key("refund-never", paid.remote_id) is None


@pytest.mark.parametrize(("outcome", "state"), [("succeed", "succeeded"), ("fail", "declined")])
def test_direct_debit_comes_later(case, outcome, state):
    case.control("settings", {"sepa_delay": None, "automatic_methods": ["card", "sepa_debit"]})
    method = case.api.payment_methods.create({"type": "sepa_debit", "sepa_debit": {"iban": "DE89370400440532013000"}})
    customer = case.customer()
    case.api.payment_methods.attach(method.id, {"customer": customer})
    result = case.gateway.charge(case.request(customer, method.id))
    assert (result.state, result.method.kind) == ("processing", "sepa_debit")
    case.control("advance", {"payment_intent": result.remote_id, "outcome": outcome})
    assert case.gateway.look_up(result.remote_id).state == state


def test_disputes_take_the_money_until_they_are_decided(case):
    paid = case.charged(amount="20.00")
    opened = case.control("dispute", {"payment_intent": paid.remote_id})
    found = case.gateway.fetch("dispute", opened["id"])
    assert (found.state, found.amount, found.fee, found.charge_id) == ("open", euros("20"), euros("15"), paid.remote_id)
    with pytest.raises(DriverError):
        case.gateway.refund(RefundRequest(paid.remote_id, euros("1.00"), "refund-disputed"))
    case.control("decide", {"dispute": opened["id"], "outcome": "won"})
    assert case.gateway.fetch("dispute", opened["id"]).state == "won"


def test_a_charge_is_fetched_as_its_intent_and_the_rest_is_ignored(case):
    paid = case.charged()
    charge = case.api.payment_intents.retrieve(paid.remote_id).latest_charge
    assert case.gateway.fetch("charge", charge) == paid
    assert case.gateway.fetch("customer", "cus_x") is None


def test_currencies_as_stripe_counts_them():
    cases = [
        ("12.34", "EUR", 1234),
        ("500", "JPY", 500),
        ("5.120", "KWD", 5120),
        ("10", "ISK", 1000),
        ("7", "UGX", 700),
    ]
    for amount, currency, units in cases:
        money = Money(Decimal(amount), currency)
        assert to_stripe(money) == units
        assert from_stripe(units, currency.lower()) == money
    with pytest.raises(ValueError, match="KWD"):
        to_stripe(Money(Decimal("5.123"), "KWD"))


class Receiver:
    """A webhook endpoint that keeps what it gets; `status` is what it answers."""

    def __init__(self):
        self.got, self.status, outer = [], 200, self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((body, dict(self.headers)))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hooks"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for body, _ in self.got]

    def wait(self, count: int, type_: str = "", seconds: int = 8) -> list[str]:
        """Until so many messages (of a type) came; the types that came."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            types = self.types()
            if (types.count(type_) if type_ else len(types)) >= count:
                return types
            time.sleep(0.01)
        raise AssertionError(f"only {self.types()} came")


@pytest.fixture
def receiver(case):
    found = Receiver()
    case.control("endpoint", {"url": found.url, "secret": case.server.webhook_secret})
    yield found
    case.control("endpoint", {"url": ""})
    found.server.shutdown()
    found.server.server_close()


def test_webhooks_are_signed_and_arrive_at_once(case, receiver):
    began = time.monotonic()
    paid = case.charged()
    receiver.wait(1, "payment_intent.succeeded")
    assert time.monotonic() - began < 2
    body, headers = next(got for got in receiver.got if b"payment_intent.succeeded" in got[0])
    event = case.gateway.parse_webhook(body, headers)
    assert (event.type, event.object_type, event.object_id) == (
        "payment_intent.succeeded",
        "payment_intent",
        paid.remote_id,
    )
    assert event.payload["data"]["object"]["id"] == paid.remote_id
    assert case.gateway.fetch(event.object_type, event.object_id).state == "succeeded"


def test_tampered_foreign_and_old_messages_are_refused(case, receiver):
    case.charged()
    receiver.wait(1, "payment_intent.succeeded")
    body, headers = receiver.got[0]
    bad = [(body.replace(b'"id"', b'"iD"', 1), headers), (body, {}), (body, {"Stripe-Signature": "t=1,v1=00"})]
    old = str(int(time.time()) - 360)
    signed = stripe.WebhookSignature._compute_signature(f"{old}.{body.decode()}", case.server.webhook_secret)
    bad.append((body, {"Stripe-Signature": f"t={old},v1={signed}"}))
    for altered, with_headers in bad:
        with pytest.raises(AppError) as refusal:
            case.gateway.parse_webhook(altered, with_headers)
        assert refusal.value.code == "bad_signature"
    other = StripeGateway({**case.values, "webhook_secret": "whsec_other"})
    with pytest.raises(AppError):
        other.parse_webhook(body, headers)


def test_webhooks_are_sent_again_until_taken(case, receiver):
    receiver.status = 500
    case.customer()
    receiver.wait(1, "customer.created")
    receiver.status = 200
    receiver.wait(2, "customer.created")
    event = case.api.events.list({"type": "customer.created"}).data[0]
    deadline = time.monotonic() + 2
    while case.api.events.retrieve(event.id).pending_webhooks and time.monotonic() < deadline:
        time.sleep(0.02)
    assert case.api.events.retrieve(event.id).pending_webhooks == 0


def test_disorder_of_webhooks_on_order(case, receiver):
    case.control("webhooks", {"duplicate": 2})
    case.customer()
    receiver.wait(3, "customer.created")
    case.control("webhooks", {"drop": 1})
    case.customer()
    case.control("webhooks", {"hold": True})
    case.customer()
    time.sleep(0.2)
    assert receiver.types().count("customer.created") == 3
    assert case.control("webhooks", {"flush": True})["flushed"] == 1
    receiver.wait(4, "customer.created")
    event = case.api.events.list({"type": "customer.created"}).data[0]
    case.control("send_event", {"event_id": event.id, "times": 20, "parallel": True})
    receiver.wait(24, "customer.created")


def test_reordered_webhooks_do_not_arrive_in_order(case, receiver):
    case.control("webhooks", {"reorder": True, "hold": True})
    names = [f"Client {number}" for number in range(12)]
    for name in names:
        case.api.customers.create({"name": name})
    case.control("webhooks", {"reorder": True, "flush": True})
    receiver.wait(12, "customer.created")
    came = [json.loads(body)["data"]["object"]["name"] for body, _ in receiver.got]
    assert sorted(came) == sorted(names)
    assert came != names


def test_stripe_settings_form():
    good = {"publishable_key": "pk_test_1", "secret_key": "sk_test_1", "webhook_secret": "whsec_1"}
    assert StripeConfig(good).is_valid()
    assert StripeConfig({**good, "api_base": "http://127.0.0.1:12111"}).is_valid()
    for name, value in (("secret_key", "pk_test_1"), ("publishable_key", "sk_x"), ("api_base", "http://evil.example")):
        assert name in StripeConfig({**good, name: value}).errors


def test_the_element_comes_from_where_the_settings_say(case):
    assert StripeGateway({}).element_script == "https://js.stripe.com/v3/"
    assert "https://js.stripe.com" in StripeGateway({}).element_origins
    assert case.gateway.element_origins == (case.server.url,)


def test_bank_transfer_words_what_the_client_needs():
    form = BankTransferConfig(
        {"account_holder": "Host Ltd", "iban": "de89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX"}
    )
    assert form.is_valid()
    gateway = BankTransferGateway(form.cleaned_data)
    assert gateway.capabilities == {"manual"}
    shown = [text for _label, text in gateway.instructions("inv-1001", euros("12.00"))]
    assert "DE89 3704 0044 0532 0130 00" in shown
    assert "INV-1001" in shown
    assert gateway.reference_for("2026-0144, 2026-0145") == "2026-0144 2026-0145"
    many = gateway.reference_for(", ".join(f"2026-{number:04}" for number in range(50)))
    assert len(many) <= 140 and set(many.split()) <= {f"2026-{number:04}" for number in range(50)}
    assert "iban" in BankTransferConfig({"account_holder": "x", "iban": "DE88370400440532013000"}).errors
    with pytest.raises(DriverError):
        gateway.charge(ChargeRequest(euros("1"), "k"))
