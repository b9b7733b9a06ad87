"""What every answer carries: a strict policy, no inline script or style, no guessing of types, no framing."""

import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client

from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("walk")]
ROLES = ["visitor", "alice", "stella"]
#: Directive: the only sources a page of ours may allow.
STRICT = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
    "form-action": {"'self'"},
    "object-src": {"'none'"},
}
UNSAFE = (
    "'unsafe-inline'",
    "'unsafe-eval'",
    "'unsafe-hashes'",
    "'strict-dynamic'",
    "data:",
    "blob:",
    "*",
    "http:",
    "https:",
)
#: Script and frames of the card form: the one place where another origin is let in.
PAYMENT_PAGES = {"store:pay", "billing_portal:payment_method_form"}
#: A mail as it was sent, in a sandboxed frame: mails carry their style inline.
MAIL_BODIES = {("message_body", "GET"), ("template_preview", "GET")}


def is_mail_body(visit) -> bool:
    """Whether the answer is a mail for a frame, not a page."""
    return (visit.route.name, visit.method) in MAIL_BODIES


def policy_of(text) -> dict:
    """Directive to set of sources."""
    parts = (part.split() for part in text.split(";"))
    return {part[0]: set(part[1:]) for part in parts if part}


class Inline(HTMLParser):
    """Collects what a strict policy would refuse."""

    def __init__(self):
        super().__init__()
        self.found, self.forms = [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if (
            tag == "script"
            and "src" not in values
            and values.get("type") not in ("application/json", "application/ld+json")
        ):
            self.found.append("<script> without src")
        if tag == "style" or "style" in values:
            self.found.append(f"style at <{tag}>")
        self.found += [f"{name} at <{tag}>" for name in values if name.startswith(("on", "hx-on"))]
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
            if re.match(r"\s*(javascript|data|vbscript):", values.get(name) or "", re.IGNORECASE) and tag != "img":
                self.found.append(f"{name}={values[name][:40]} at <{tag}>")
        if tag == "a" and values.get("target") == "_blank" and "noopener" not in (values.get("rel") or ""):
            self.found.append("target=_blank without rel=noopener")
        if tag == "form" and (values.get("method") or "").lower() == "post":
            self.forms.append(values.get("action") or "")


@pytest.mark.parametrize("role", ROLES)
def test_every_page_has_the_strict_policy(walk, role):
    """Also errors and redirects. Only the card form lets the payment provider's script in, and nothing unsafe ever."""
    wrong = []
    for visit in walk(role):
        if visit.error or not visit.route.ours or is_mail_body(visit):
            continue
        policy = policy_of(visit.headers.get("content-security-policy", ""))
        for directive, allowed in STRICT.items():
            found = policy.get(directive, policy.get("default-src", set()))
            if found - allowed and not (visit.route.name in PAYMENT_PAGES and directive == "script-src"):
                if visit.headers.get("content-disposition", "").startswith("attachment") and directive != "default-src":
                    continue
                wrong.append(f"{visit}: {directive} {found or 'missing'}")
        unsafe = [source for name in ("script-src", "style-src", "default-src") for source in policy.get(name, ())]
        wrong += [f"{visit}: {source}" for source in unsafe if source in UNSAFE]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_mail_bodies_run_nothing(walk, role):
    """A mail shown in the console may bring its own style, never script, and cannot reach our pages."""
    shown = [v for v in walk(role) if is_mail_body(v) and v.status == 200]
    assert shown or role != "stella"
    for visit in shown:
        policy = policy_of(visit.headers.get("content-security-policy", ""))
        assert "script-src" not in policy or policy["script-src"] == {"'none'"} or "sandbox" in policy, str(visit)
        assert policy.get("default-src") == {"'none'"}, str(visit)


@pytest.mark.parametrize("role", ROLES)
def test_no_page_has_anything_inline(walk, role):
    """Script, style, handlers, javascript: links, forms that post elsewhere."""
    wrong = []
    for visit in walk(role):
        if not visit.is_html or is_mail_body(visit):
            continue
        parser = Inline()
        parser.feed(visit.body)
        wrong += [f"{visit}: {thing}" for thing in sorted(set(parser.found))]
        wrong += [f"{visit}: form to {form}" for form in parser.forms if re.match(r"(?i)\s*(\w+:)?//", form)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_has_the_other_headers(walk, role):
    """No framing, no sniffing, no referrer to others, an opener policy."""
    wrong = []
    for visit in walk(role):
        if visit.error:
            continue
        expected = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
        }
        if not is_mail_body(visit):
            expected["x-frame-options"] = "DENY"
        wrong += [f"{visit}: {k}={visit.headers.get(k)}" for k, v in expected.items() if visit.headers.get(k) != v]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["alice", "stella"])
def test_personal_pages_are_not_kept_by_caches(walk, role):
    """A shared computer's back button or a proxy must not show them to the next person."""
    inside = [v for v in walk(role) if v.is_html and v.status == 200 and (v.route.is_staff or v.route.is_portal)]
    wrong = [str(v) for v in inside if not re.search("private|no-store", v.headers.get("cache-control", ""))]
    assert inside and not wrong, "\n".join(wrong)


def test_cookies_over_https_are_closed(db, settings, client):
    """Secure, HttpOnly, SameSite; and HTTPS is remembered by the browser."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31536000
    user = UserFactory()
    response = client.get("/auth/login/", secure=True)
    assert response.cookies["csrftoken"]["secure"] and response.cookies["csrftoken"]["httponly"]
    assert "max-age=31536000" in response["Strict-Transport-Security"]
    data = {"login": user.email, "password": PASSWORD}
    session = client.post("/auth/login/", data, secure=True).cookies["sessionid"]
    assert session["secure"] and session["httponly"] and session["samesite"] == "Lax"


def test_the_address_decides_whether_cookies_are_secure():
    """The settings say so by themselves when HOSTBILL_URL is https."""
    assert settings.SITE_URL.startswith("https://") == settings.HTTPS
    assert settings.SESSION_COOKIE_SECURE == settings.CSRF_COOKIE_SECURE == settings.HTTPS
    assert settings.SESSION_COOKIE_HTTPONLY and settings.CSRF_COOKIE_HTTPONLY


def test_posting_needs_the_token(db):
    """Cross-site forms are refused."""
    strict = Client(enforce_csrf_checks=True)
    for url in ("/auth/login/", "/checkout/", "/preferences/theme/"):
        assert strict.post(url, {"login": "a@b.example", "password": "x"}).status_code == 403, url


def test_a_strange_host_is_refused(db, client):
    """Else links in mails could be made to lead elsewhere."""
    assert client.get("/auth/login/", HTTP_HOST="evil.example").status_code == 400


def test_errors_say_nothing_about_the_inside(db, client):
    """A page that does not exist shows no settings, paths or patterns."""
    page = client.get("/no/such/page/").content.decode()
    assert "Traceback" not in page and "urlpatterns" not in page and "/work/" not in page
    assert not settings.DEBUG
