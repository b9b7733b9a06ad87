"""What a browser sees of the sandbox: the element and its script, 3-D Secure, hosted checkout, an overview."""

import hmac
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from hostbill.sandbox.server import Answer, Request
from hostbill.sandbox.stripe import control
from hostbill.sandbox.stripe.api import checkout_sessions
from hostbill.sandbox.stripe.api.payment_intents import THREE_DECIMAL, ZERO_DECIMAL

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
}
OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "no-cache",
}
HEAD = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,
initial-scale=1"><title>{title}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/static/element.css">{head}</head>
<body class="page"><main{broad}><span class="sandbox">Stripe sandbox: no money moves</span>"""


def encode(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs)


def page(title: str, content: str, *, head: str = "", broad: bool = False, status: int = 200) -> Answer:
    start = HEAD.format(title=escape(title), head=head, broad=' class="broad"' if broad else "")
    return Answer.html(start + content + "</main></body></html>", status)


def answer(app, request: Request) -> Answer:
    path = request.path
    if path in ("/element.js", "/v3/", "/v3"):
        return static("element.js")
    if path == "/element":
        return static("element.html")
    if path.startswith("/static/"):
        return static(path.removeprefix("/static/"))
    with app.store.lock:
        if path.startswith("/3ds/"):
            return three_d_secure(app, request, path.removeprefix("/3ds/"))
        if path.startswith("/c/pay/"):
            return checkout(app, request, path.removeprefix("/c/pay/"))
        if path.startswith("/receipts/"):
            return receipt(app, path.removeprefix("/receipts/"))
        if path == "/":
            return overview(app)
    return page("Not found", "<h1>Not found</h1><p>There is no such page on the sandbox.</p>", status=404)


def static(name: str) -> Answer:
    file = STATIC / name
    if file.parent != STATIC or not file.is_file():
        return Answer(404, b"not found")
    return Answer(200, file.read_bytes(), TYPES[file.suffix], dict(OPEN_TO_ALL))


def shown(amount: int | None, currency: str | None) -> str:
    """12.34 EUR, by the currency's decimals."""
    if amount is None:
        return ""
    places = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    sign, digits = "-" if amount < 0 else "", str(abs(amount)).rjust(places + 1, "0")
    whole = digits[: len(digits) - places]
    return f"{sign}{whole}{'.' + digits[-places:] if places else ''} {(currency or '').upper()}"


def three_d_secure(app, request: Request, intent_id: str) -> Answer:
    kind = "payment_intent" if intent_id.startswith("pi_") else "setup_intent"
    intent = app.store.get(kind, intent_id)
    if not intent or not hmac.compare_digest(request.params.get("client_secret", ""), intent["client_secret"]):
        return page("Not found", "<h1>This payment does not exist</h1>", status=404)
    back = request.params.get("return_url") or _return_url(intent)
    if request.method == "POST":
        control.finish_authentication(app, intent_id, request.form.get("outcome") == "complete")
        return _after(kind, intent, back)
    if intent["status"] != "requires_action":
        return _after(kind, intent, back)
    amount = shown(intent.get("amount"), intent.get("currency"))
    what = f'<p class="amount">{amount}</p>' if amount else "<p>Saving your card for later payments.</p>"
    return page(
        "3-D Secure",
        f"""<h1>Confirm it is you</h1><p>Your bank asks you to confirm this card. This page stands for your bank's.</p>{what}
<form method="post" action="/3ds/{escape(intent_id)}" class="buttons">
<input type="hidden" name="client_secret" value="{escape(intent["client_secret"])}">
<input type="hidden" name="return_url" value="{escape(back or "")}">
<button class="primary" id="complete" name="outcome" value="complete">Complete authentication</button>
<button id="fail" name="outcome" value="fail">Fail authentication</button></form>""",
    )


def _return_url(intent: dict) -> str | None:
    action = intent.get("next_action") or {}
    return (action.get("redirect_to_url") or {}).get("return_url")


def _after(kind: str, intent: dict, back: str | None) -> Answer:
    """Back to the shop with what Stripe adds to the address."""
    if not back:
        return page("Done", "<h1>Done</h1><p>You can close this page and go back to the shop.</p>")
    passed = intent["status"] in ("succeeded", "processing", "requires_capture")
    return Answer(303, b"", headers={"Location": with_result(back, kind, intent, "succeeded" if passed else "failed")})


def with_result(url: str, kind: str, intent: dict, status: str) -> str:
    parts = urlsplit(url)
    added = {kind: intent["id"], f"{kind}_client_secret": intent["client_secret"], "redirect_status": status}
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in added]
    return urlunsplit(parts._replace(query=urlencode([*query, *added.items()])))


def checkout(app, request: Request, session_id: str) -> Answer:
    session_id, _, step = session_id.partition("/")
    session = app.store.get("checkout.session", session_id)
    if not session or session["status"] != "open":
        return page("Checkout", "<h1>This checkout is closed</h1>", status=404)
    kind = "payment_intent" if session["mode"] == "payment" else "setup_intent"
    intent = app.store.get(kind, session[kind])
    if step == "done" and intent["status"] in ("succeeded", "processing"):
        checkout_sessions.complete(app.new_call(), session)
        return Answer(
            303, b"", headers={"Location": session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id)}
        )
    rows = "".join(
        f'<tr><td>{escape(line["description"])}</td><td class="number">{shown(line["amount_total"], line["currency"])}</td></tr>'
        for line in session["_lines"]
    )
    done = f"{app.url}/c/pay/{session_id}/done"
    amount = shown(session["amount_total"], session["currency"])
    cancel = f'<p><a href="{escape(session["cancel_url"])}">Go back</a></p>' if session["cancel_url"] else ""
    return page(
        "Checkout",
        f"""<h1>{"Pay " + amount if amount else "Save your card"}</h1><table>{rows}</table>
<form id="pay" data-key="{escape(app.settings.publishable_key)}" data-secret="{escape(intent["client_secret"])}"
data-done="{escape(done)}"><div id="element"></div><p id="problem" class="error" role="alert"></p>
<div class="buttons"><button class="primary">{"Pay" if amount else "Save"}</button></div></form>{cancel}""",
        head='<script src="/element.js" defer></script><script src="/static/checkout.js" defer></script>',
    )


def receipt(app, charge_id: str) -> Answer:
    charge = app.store.get("charge", charge_id)
    if not charge:
        return page("Not found", "<h1>There is no such receipt</h1>", status=404)
    amount = shown(charge["amount_captured"], charge["currency"])
    return page(
        "Receipt", f'<h1>Receipt</h1><p class="amount">{amount}</p><p>{escape(charge["description"] or "")}</p>'
    )


def overview(app) -> Answer:
    """The newest payments and webhook sendings, for whoever looks at the sandbox in a browser."""
    intents = list(app.store.all("payment_intent").values())[:-51:-1]
    rows = "".join(
        f'<tr><td><code>{escape(i["id"])}</code></td><td class="number">{shown(i["amount"], i["currency"])}</td>'
        f"<td>{escape(i['status'])}</td><td>{escape(i['description'] or '')}</td></tr>"
        for i in intents
    )
    sent = "".join(
        f"<tr><td>{escape(entry['type'])}</td><td><code>{escape(entry['event'])}</code></td><td>{entry['attempt']}</td>"
        f"<td>{entry['status'] or escape(entry['error'])}</td></tr>"
        for entry in list(app.webhooks.log)[:-31:-1]
    )
    none = "<p>None yet.</p>"
    payments = _table("Payment", "Amount", "State", "Description", rows=rows) if rows else none
    webhooks = _table("Event", "Id", "Try", "Answer", rows=sent) if sent else none
    return page("Stripe sandbox", f"<h1>Payments</h1>{payments}<h2>Webhooks sent</h2>{webhooks}", broad=True)


def _table(*heads: str, rows: str) -> str:
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return f'<div class="scroll"><table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table></div>'
