"""Is the Stripe sandbox like Stripe? Asked through the official library, which knows the shapes."""

import typing

import pytest
import requests
import stripe

from hostbill.sandbox.stripe.forms import parse


@pytest.fixture
def server(sandbox):
    sandbox.control("stripe", "reset", {})
    return sandbox.stripe


@pytest.fixture
def api(server):
    return stripe.StripeClient(server.secret_key, base_addresses={"api": server.url}, max_network_retries=0).v1


def pay(api, **params):
    params = {"amount": 1234, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True, **params}
    params = {name: value for name, value in params.items() if value is not None}
    return api.payment_intents.create(
        {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}, **params}
    )


def required(kind) -> set[str]:
    """Fields the library declares as always there: annotated, and neither optional nor a class variable."""
    found = set()
    for name, note in kind.__annotations__.items():
        nothing_allowed = type(None) in typing.get_args(note) or typing.get_origin(note) is typing.ClassVar
        if not nothing_allowed and not name.startswith("_"):
            found.add(name)
    return found


def test_objects_have_every_field_the_library_declares(api, sandbox):
    customer = api.customers.create({"email": "a@example.com"})
    setup = api.setup_intents.create({"customer": customer.id, "payment_method": "pm_card_visa", "confirm": True})
    intent = pay(api, customer=customer.id, expand=["latest_charge.balance_transaction", "payment_method"])
    refund = api.refunds.create({"payment_intent": intent.id, "amount": 100})
    dispute = api.disputes.retrieve(sandbox.control("stripe", "dispute", {"payment_intent": intent.id})["id"])
    session = api.checkout.sessions.create(
        {
            "success_url": "https://shop.example/",
            "line_items": [{"price_data": {"currency": "eur", "unit_amount": 500, "product_data": {"name": "Start"}}}],
        }
    )
    charge = intent.latest_charge
    found = [
        customer,
        setup,
        intent,
        charge,
        charge.balance_transaction,
        intent.payment_method,
        refund,
        dispute,
        session,
    ]
    found += [
        api.events.list().data[0],
        api.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]}),
    ]
    for obj in found:
        assert not required(type(obj)) - set(obj.to_dict()), type(obj).__name__
        assert obj.object == type(obj).OBJECT_NAME


def test_errors_say_what_stripe_says(api):
    with pytest.raises(stripe.InvalidRequestError) as missing:
        api.customers.retrieve("cus_nobody")
    assert (missing.value.http_status, missing.value.code, missing.value.param) == (404, "resource_missing", "id")
    assert missing.value.request_id.startswith("req_")
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        api.customers.create({"colour": "red"})
    assert (unknown.value.code, unknown.value.param) == ("parameter_unknown", "colour")
    with pytest.raises(stripe.CardError) as declined:
        pay(api, payment_method="pm_card_visa_chargeDeclinedInsufficientFunds")
    error = declined.value.error
    assert (declined.value.code, error.decline_code) == ("card_declined", "insufficient_funds")
    assert error.payment_intent.status == "requires_payment_method"
    assert api.charges.retrieve(error.charge).failure_code == "card_declined"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4242424242424241", "incorrect_number"),
        ("4000000000000069", "expired_card"),
        ("4000000000000127", "incorrect_cvc"),
        ("4000000000000119", "processing_error"),
        ("4000000000000002", "card_declined"),
    ],
)
def test_card_numbers(api, number, code):
    card = {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    with pytest.raises(stripe.CardError) as declined:
        pay(api, payment_method=None, payment_method_data={"type": "card", "card": card})
    assert declined.value.code == code


def test_a_card_that_attaches_and_then_fails(api):
    customer = api.customers.create({})
    method = api.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    with pytest.raises(stripe.CardError):
        pay(api, customer=customer.id, payment_method=method.id, off_session=True)
    with pytest.raises(stripe.CardError):
        api.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer.id})


def test_lists_are_paged(api):
    made = [api.customers.create({"name": str(number)}).id for number in range(7)]
    first = api.customers.list({"limit": 3})
    assert ([c.id for c in first.data], first.has_more) == (made[:-4:-1], True)
    assert [c.id for c in first.auto_paging_iter()] == made[::-1]
    before = api.customers.list({"limit": 2, "ending_before": made[0]})
    assert [c.id for c in before.data] == [made[2], made[1]]


def test_searching_by_metadata(api):
    api.customers.create({"metadata": {"number": "C-1"}})
    wanted = api.customers.create({"metadata": {"number": "C-2"}, "email": "b@example.com"})
    assert [
        c.id for c in api.customers.search({"query": "metadata['number']:'C-2' AND email:'b@example.com'"}).data
    ] == [wanted.id]
    intent = pay(api, metadata={"order": "7"})
    assert [i.id for i in api.payment_intents.search({"query": "metadata['order']:'7'"}).data] == [intent.id]
    with pytest.raises(stripe.InvalidRequestError):
        api.customers.search({"query": "nonsense"})


def test_metadata_merges_and_unsets(api):
    customer = api.customers.create({"metadata": {"a": "1", "b": "2"}})
    assert api.customers.update(customer.id, {"metadata": {"a": "", "c": "3"}}).metadata.to_dict() == {
        "b": "2",
        "c": "3",
    }


def test_idempotency_as_documented(api, server):
    def create(name, key="k"):
        headers = {"Authorization": f"Bearer {server.secret_key}", "Idempotency-Key": key}
        return requests.post(f"{server.url}/v1/customers", data={"name": name}, headers=headers, timeout=5)

    first, again, other = create("Ann"), create("Ann"), create("Bob")
    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first.headers and again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    with pytest.raises(stripe.CardError) as one:
        api.payment_intents.create(
            {"amount": 500, "currency": "eur", "payment_method": "pm_card_chargeCustomerFail", "confirm": True},
            options={"idempotency_key": "declined"},
        )
    with pytest.raises(stripe.CardError) as two:
        api.payment_intents.create(
            {"amount": 500, "currency": "eur", "payment_method": "pm_card_chargeCustomerFail", "confirm": True},
            options={"idempotency_key": "declined"},
        )
    assert one.value.error.payment_intent.id == two.value.error.payment_intent.id


def test_manual_capture(api):
    intent = pay(api, capture_method="manual")
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 1234)
    with pytest.raises(stripe.InvalidRequestError):
        api.payment_intents.capture(intent.id, {"amount_to_capture": 1235})
    taken = api.payment_intents.capture(intent.id, {"amount_to_capture": 1000})
    assert (taken.status, taken.amount_received) == ("succeeded", 1000)
    with pytest.raises(stripe.InvalidRequestError):
        api.refunds.create({"payment_intent": intent.id, "amount": 1001})
    held = pay(api, capture_method="manual")
    assert api.payment_intents.cancel(held.id).status == "canceled"


def test_a_browser_sees_only_its_own_intent(api, server):
    customer = api.customers.create({})
    intent = api.payment_intents.create(
        {"amount": 500, "currency": "eur", "customer": customer.id, "metadata": {"a": "b"}}
    )
    url, key = f"{server.url}/v1/payment_intents/{intent.id}", server.publishable_key
    seen = requests.get(url, params={"key": key, "client_secret": intent.client_secret}, timeout=5)
    assert seen.headers["Access-Control-Allow-Origin"] == "*"
    assert seen.json()["status"] == "requires_payment_method"
    assert not {"metadata", "customer"} & set(seen.json())
    assert requests.get(url, params={"key": key, "client_secret": "wrong"}, timeout=5).status_code == 404
    assert requests.get(f"{server.url}/v1/customers", params={"key": key}, timeout=5).status_code == 401
    assert requests.get(f"{server.url}/v1/customers", timeout=5).status_code == 401


def test_the_three_d_secure_page_returns_to_the_shop(api, server):
    intent = pay(
        api,
        payment_method="pm_card_authenticationRequired",
        return_url="https://shop.example/back?order=7",
        automatic_payment_methods={"enabled": True},
    )
    url = intent.next_action.redirect_to_url.url
    assert "Complete authentication" in requests.get(url, timeout=5).text
    form = {"client_secret": intent.client_secret, "outcome": "complete"}
    back = requests.post(url.split("?")[0], data=form, allow_redirects=False, timeout=5).headers["Location"]
    assert back.startswith("https://shop.example/back?order=7&payment_intent=pi_")
    assert back.endswith("redirect_status=succeeded")
    assert requests.post(url.split("?")[0], data={**form, "client_secret": "x"}, timeout=5).status_code == 404


def test_nested_forms():
    assert parse("a[b][c]=1&l[]=x&l[]=y&i[1][n]=2&i[0][n]=1&e=") == {
        "a": {"b": {"c": "1"}},
        "l": ["x", "y"],
        "i": [{"n": "1"}, {"n": "2"}],
        "e": "",
    }
