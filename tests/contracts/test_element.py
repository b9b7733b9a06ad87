"""The sandbox's element in a real browser, on a page with the policy of ours: pay, be refused, prove who you are."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.contracts.test_gateways import Case

pytestmark = pytest.mark.browser

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Shop</title></head><body>
<form id="form"><div id="element"></div><p id="error" role="alert"></p><button>Pay</button></form>
<script src="/shop.js" type="module"></script></body></html>"""
SCRIPT = """
const query = new URLSearchParams(location.search);
const script = document.createElement("script");
script.src = query.get("script");
script.onload = () => {
  const stripe = window.Stripe(query.get("key"));
  const elements = stripe.elements({ clientSecret: query.get("secret"), appearance: { theme: query.get("theme") } });
  const element = elements.create("payment");
  element.on("ready", () => { document.title = "ready"; });
  element.mount("#element");
  document.getElementById("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const call = query.get("secret").startsWith("seti_") ? stripe.confirmSetup : stripe.confirmPayment;
    const { error, paymentIntent } = await call({
      elements, confirmParams: { return_url: location.origin + "/done" }, redirect: "if_required" });
    document.getElementById("error").textContent = error ? error.message : "paid: " + (paymentIntent || {}).status;
  });
};
document.head.append(script);
"""


@pytest.fixture
def case(sandbox):
    sandbox.control("stripe", "reset", {})
    return Case(sandbox)


@pytest.fixture
def shop(case):
    """A page of a shop with a strict Content-Security-Policy, on another origin than the sandbox."""
    origin = case.gateway.element_origins[0]
    policy = (
        f"default-src 'none'; script-src 'self' {origin}; frame-src {origin}; connect-src {origin}; form-action 'self'"
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = (SCRIPT, "text/javascript") if self.path == "/shop.js" else (PAGE, "text/html")
            self.send_response(200)
            self.send_header("Content-Type", found[1])
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(found[0].encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(chromium):
    found = chromium.new_page()
    found.set_default_timeout(10000)
    yield found
    found.close()


def open_shop(page, case, shop, start, theme="stripe"):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    query = f"?script={start.script_url}&key={start.publishable_key}&secret={start.client_secret}&theme={theme}"
    page.goto(shop + "/" + query)
    expect(page).to_have_title("ready")
    return page.frame_locator("iframe"), complaints


def fill(frame, number):
    frame.get_by_label("Card number").fill(number)
    frame.get_by_label("Expiration date").fill("12 / 40")
    frame.get_by_label("Security code").fill("123")


def test_paying_being_refused_and_typing_wrongly(page, case, shop):
    start = case.gateway.checkout(case.request(case.customer()))
    frame, complaints = open_shop(page, case, shop, start)
    fill(frame, "4242 4242 4242 4241")
    page.get_by_role("button", name="Pay").click()
    expect(page.locator("#error")).to_have_text("Your card number is invalid.")
    expect(frame.get_by_label("Card number")).to_have_attribute("aria-invalid", "true")
    assert not complaints
    fill(frame, "4000 0000 0000 0002")
    page.get_by_role("button", name="Pay").click()
    expect(page.locator("#error")).to_have_text("Your card was declined.")
    fill(frame, "4242 4242 4242 4242")
    page.get_by_role("button", name="Pay").click()
    expect(page.locator("#error")).to_have_text("paid: succeeded")
    assert case.gateway.look_up(start.remote_id).state == "succeeded"


@pytest.mark.parametrize(
    ("button", "status"), [("Complete authentication", "succeeded"), ("Fail authentication", "failed")]
)
def test_three_d_secure(page, case, shop, button, status):
    start = case.gateway.checkout(case.request(case.customer()))
    frame, _ = open_shop(page, case, shop, start, theme="night")
    fill(frame, "4000 0025 0000 3155")
    page.get_by_role("button", name="Pay").click()
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"{shop}/done?*redirect_status={status}")
    assert f"payment_intent={start.remote_id}" in page.url
    assert case.gateway.look_up(start.remote_id).state == {"succeeded": "succeeded", "failed": "declined"}[status]


def test_saving_a_card_without_paying(page, case, shop):
    start = case.gateway.start_setup(case.customer(), "setup-in-browser")
    frame, complaints = open_shop(page, case, shop, start)
    fill(frame, "5555 5555 5555 4444")
    page.get_by_role("button", name="Pay").click()
    expect(page.locator("#error")).to_have_text("paid: undefined")
    assert case.gateway.fetch("setup_intent", start.remote_id).method.brand == "mastercard"
    assert not complaints
