"""Pages of the Plesk stand-in: the panel behind a session, a password login, a customer's site."""

from html import escape

from hostbill.sandbox import clock, passwords, usage
from hostbill.sandbox import pages as html
from hostbill.sandbox.plesk import objects
from hostbill.sandbox.plesk.server_packets import SESSION_IDLE
from hostbill.sandbox.plesk.webspace import disk_used
from hostbill.sandbox.server import Answer, Request

BRAND, COLOUR = "Plesk sandbox", "#1f6f9f"


def answer(app, request: Request) -> Answer:
    """Any request outside the two APIs."""
    path = request.path
    if path == "/enterprise/rsession_init.php":
        return _session(app, request)
    if path.startswith("/site/"):
        return _site(app, path.split("/")[2].lower())
    if path in ("/", "/login_up.php", "/login"):
        return _login(app, request)
    return Answer.html(_page("Not found", "<h1>Not found</h1>"), 404)


def _site(app, domain: str) -> Answer:
    row = next((row for row in app.state["webspaces"].values() if row["name"] == domain), None)
    if row is None:
        return Answer.html(
            _page("Not found", f"<h1>No site here</h1><p>Nothing is served for {escape(domain)}.</p>"), 404
        )
    suspended = objects.is_suspended(app, row)
    return Answer.html(html.site(domain, suspended=suspended), 503 if suspended else 200)


def _session(app, request: Request) -> Answer:
    """Enter with a session made by create_session: bound to the caller's address, alive 30 idle minutes."""
    params, now = request.params, clock.now(app.state)
    session = app.state["sessions"].get(params.get("PHPSESSID") or params.get("PLESKSESSID") or "")
    if not session or session["expires"] < now or session["ip"] != request.client_ip:
        return Answer.html(
            _page("Session expired", "<h1>Your session has expired</h1><p>Please log in again.</p>"), 401
        )
    session["expires"] = now + SESSION_IDLE
    return Answer.html(_home(app, session["login"]))


def _login(app, request: Request) -> Answer:
    form = request.form
    if request.method != "POST":
        return Answer.html(_page("Log in", html.login_form("/login_up.php", False)))
    given = passwords.hashed(form.get("pass", ""))
    customer = next((row for row in app.state["customers"].values() if row["login"] == form.get("user")), None)
    if customer is None or customer["password"] != given:
        return Answer.html(_page("Log in", html.login_form("/login_up.php", True)), 401)
    return Answer.html(_home(app, customer["login"]))


def _home(app, login: str) -> str:
    customer = next((row for row in app.state["customers"].values() if row["login"] == login), None)
    rows = [
        row
        for row in app.state["webspaces"].values()
        if login == "admin" or customer and row["owner-id"] == customer["id"]
    ]
    cards = "".join(_subscription(app, row) for row in rows) or '<div class="card">No subscriptions.</div>'
    return _page(
        "Websites & Domains – Plesk",
        f'<h1>Websites &amp; Domains</h1><p class="sub">Welcome, {escape(login)}.</p>{cards}',
        login,
    )


def _subscription(app, row: dict) -> str:
    now, limits = clock.now(app.state), row["limits"]
    plan = next((plan["name"] for plan in app.state["plans"].values() if plan["guid"] == row["plan"]), "Custom")
    note = '<div class="note">This subscription is suspended.</div>' if objects.is_suspended(app, row) else ""
    traffic = usage.traffic_bytes(row["name"], row["created"], now)
    facts = [
        ("Domain", row["name"]),
        ("Plan", plan),
        ("System user", row["ftp_login"]),
        ("IP address", row["ip_address"]),
    ]
    return (
        f'<h2>{escape(row["name"])}</h2>{note}<div class="grid">'
        + html.facts("Subscription", facts)
        + html.meters("Resources", [("Disk space", disk_used(app, row), _limit(limits["disk_space"])),
                                    ("Traffic this month", traffic, _limit(limits["max_traffic"]))])
        + "</div>"
    )  # fmt: skip


def _limit(value: int) -> int | None:
    return value if value > 0 else None


def _page(title: str, body: str, user: str = "") -> str:
    return html.page(title, body, brand=BRAND, colour=COLOUR, user=user)
