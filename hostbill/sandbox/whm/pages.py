"""Pages of the WHM stand-in: the panel behind a login link, a password login, a customer's site."""

from html import escape
from urllib.parse import unquote

from hostbill.sandbox import clock, passwords, usage
from hostbill.sandbox import pages as html
from hostbill.sandbox.server import Answer, Request
from hostbill.sandbox.whm import server_functions
from hostbill.sandbox.whm.accounts import limits
from hostbill.sandbox.whm.rules import Refused, owner_of

BRAND, COLOUR = "cPanel sandbox", "#b3431c"


def answer(app, request: Request) -> Answer:
    """Any request outside the API."""
    path = request.path
    if path.startswith("/site/"):
        return _site(app, path.split("/")[2].lower())
    if path.startswith("/cpsess"):
        return _panel(app, request)
    if path.rstrip("/") in ("", "/login"):
        return _login(app, request)
    return Answer.html(_page("Not found", "<h1>Not found</h1>"), 404)


def _site(app, domain: str) -> Answer:
    owner = owner_of(domain, app.state["accounts"])
    if owner is None:
        return Answer.html(
            _page("Not found", f"<h1>No site here</h1><p>Nothing is served for {escape(domain)}.</p>"), 404
        )
    suspended = bool(app.state["accounts"][owner]["suspended"])
    return Answer.html(html.site(domain, suspended=suspended), 503 if suspended else 200)


def _login(app, request: Request) -> Answer:
    """Log in with user name and password, as the welcome mail tells a customer."""
    if request.method != "POST":
        return Answer.html(_page("Log in", html.login_form("/login/", False)))
    account = app.state["accounts"].get(request.form.get("user", ""))
    if account is None or account["password"] != passwords.hashed(request.form.get("pass", "")):
        return Answer.html(_page("Log in", html.login_form("/login/", True)), 401)
    if account["suspended"]:
        return _suspended(account)
    try:
        session = server_functions.create_user_session(app, {"user": account["user"], "service": "cpaneld"})
    except Refused as refused:
        return Answer.html(_page("Log in", f"<h1>{escape(str(refused))}</h1>"), 403)
    return Answer.redirect(session.data["url"])


def _panel(app, request: Request) -> Answer:
    """The panel of the session named in the address; each visit keeps it alive 15 minutes more."""
    session = app.state["sessions"].get(unquote(request.query.get("session", "")))
    now = clock.now(app.state)
    if not session or not request.path.startswith(session["token"] + "/") or session["expires"] < now:
        return Answer.html(
            _page("Session expired", "<h1>Your session has expired</h1><p>Please log in again.</p>"), 401
        )
    account = app.state["accounts"].get(session["user"])
    if account is None:
        return Answer.html(_page("Not found", "<h1>This account does not exist</h1>"), 404)
    if account["suspended"]:
        return _suspended(account)
    session["expires"] = now + server_functions.SESSION_IDLE
    return Answer.html(_webmail(account) if session["service"] == "webmaild" else _home(app, account))


def _suspended(account: dict) -> Answer:
    body = f'<h1>Account suspended</h1><div class="note">This account is suspended. Reason: {escape(account["suspendreason"])}</div>'
    return Answer.html(_page("Account suspended", body, account["user"]), 403)


def _webmail(account: dict) -> str:
    return _page("Webmail", f'<h1>Webmail</h1><p class="sub">{escape(account["user"])}@{escape(account["domain"])}</p>'
                 '<div class="card">No messages.</div>', account["user"])  # fmt: skip


def _home(app, account: dict) -> str:
    now, (disk, bandwidth) = clock.now(app.state), limits(app, account)
    user, created = account["user"], account["created"]
    body = (
        f'<h1>{escape(account["domain"])}</h1><p class="sub">Welcome, {escape(user)}.</p><div class="grid">'
        + html.facts("General information", [
            ("Current user", user), ("Primary domain", account["domain"]), ("Package", account["plan"]),
            ("Shared IP address", account["ip"]), ("Home directory", f"/home/{user}"),
            ("Created", clock.datetime.fromtimestamp(created, clock.UTC).strftime("%Y-%m-%d")),
        ])
        + html.meters("Statistics", [
            ("Disk usage", usage.disk_bytes(user, created, now, disk), disk),
            ("Bandwidth this month", usage.traffic_bytes(user, created, now), bandwidth),
        ])
        + "</div>"
    )  # fmt: skip
    return _page(f"{account['domain']} – cPanel", body, user)


def _page(title: str, body: str, user: str = "") -> str:
    return html.page(title, body, brand=BRAND, colour=COLOUR, user=user)
