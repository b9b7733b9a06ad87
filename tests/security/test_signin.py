"""Signing in as an attacker tries it: guessing, finding out who exists, being led elsewhere, taking over a session."""

import re
import statistics
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from clients.actions.membership import INVITATION_SALT
from clients.models import User
from hostbill.core.models import Message
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
LOGIN = "/auth/login/"
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "\x01https://evil.example",
    "/%0d%0aLocation:https://evil.example",
)


@pytest.fixture
def alice(db):
    """A client's login."""
    return UserFactory(email="alice@weaves.example")


def sign_in(client, email="alice@weaves.example", password=PASSWORD, **more):
    """Post the form."""
    return client.post(LOGIN, {"login": email, "password": password, **more})


def is_in(client) -> bool:
    """Whether this browser is signed in."""
    return "_auth_user_id" in client.session


def test_guessing_one_login_from_many_places_is_stopped(alice):
    """Five tries per login: changing the address, the case or blanks does not help."""
    spellings = ["alice@weaves.example", "ALICE@weaves.example", " alice@weaves.example ", "Alice@Weaves.Example"]
    for number in range(8):
        guess = Client(REMOTE_ADDR=f"198.51.100.{number}")
        sign_in(guess, spellings[number % 4], f"wrong-{number}-password")
    late = Client(REMOTE_ADDR="198.51.100.200")
    sign_in(late)
    assert not is_in(late)


def test_guessing_many_logins_from_one_place_is_stopped(alice):
    """One password tried on everybody."""
    for number in range(14):
        sign_in(Client(), f"person{number}@people.example", "Summer-2026-x")
    late = Client()
    sign_in(late)
    assert not is_in(late)


def test_a_forged_forwarding_header_does_not_help(alice):
    """The address that counts is the peer's, not what the client claims."""
    for number in range(14):
        Client(HTTP_X_FORWARDED_FOR=f"203.0.113.{number}").post(
            LOGIN, {"login": f"person{number}@people.example", "password": "Summer-2026-x"}
        )
    late = Client(HTTP_X_FORWARDED_FOR="203.0.113.99")
    sign_in(late)
    assert not is_in(late)


def test_reset_mails_are_throttled(alice, client):
    """Nobody's mailbox can be filled, and the answer stays the same."""
    for _try in range(12):
        client.post("/auth/password/reset/", {"email": "alice@weaves.example"})
    assert Message.objects.filter(kind="clients.password_reset").count() <= 5


def normal(page) -> str:
    """A page without what differs each time."""
    text = re.sub(r'csrfmiddlewaretoken" value="[^"]+"|CSRFToken": "[^"]+"|<time.*?</time>', "", page.content.decode())
    return re.sub(r"[\w.+-]+@[\w.-]+", "ADDRESS", text)


def test_a_wrong_password_and_an_unknown_login_look_the_same(alice):
    """Word for word."""
    wrong = sign_in(Client(REMOTE_ADDR="198.51.100.1"), "alice@weaves.example", "wrong-password")
    unknown = sign_in(Client(REMOTE_ADDR="198.51.100.2"), "nobody@weaves.example", "wrong-password")
    assert wrong.status_code == unknown.status_code
    assert normal(wrong) == normal(unknown)


def test_a_switched_off_login_does_not_tell(alice):
    """With a wrong password it looks like any other."""
    User.objects.filter(pk=alice.pk).update(is_active=False)
    off = sign_in(Client(REMOTE_ADDR="198.51.100.1"), "alice@weaves.example", "wrong-password")
    unknown = sign_in(Client(REMOTE_ADDR="198.51.100.2"), "nobody@weaves.example", "wrong-password")
    assert normal(off) == normal(unknown)
    right = Client(REMOTE_ADDR="198.51.100.3")
    sign_in(right)
    assert not is_in(right)


def test_asking_for_a_new_password_looks_the_same(alice):
    """Status, place and page."""
    answers = [
        Client(REMOTE_ADDR=f"198.51.100.{n}").post("/auth/password/reset/", {"email": email}, follow=True)
        for n, email in enumerate(("alice@weaves.example", "nobody@weaves.example"))
    ]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert normal(answers[0]) == normal(answers[1])


def test_the_clock_does_not_tell_who_exists(alice):
    """An unknown login costs a hash too: the middle of a few tries differs by far less than one Argon2."""

    def tries(address):
        took = []
        for number in range(4):
            cache.clear()
            started = time.perf_counter()
            sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), address, f"wrong-{number}")
            took.append(time.perf_counter() - started)
        return statistics.median(took)

    known, unknown = tries("alice@weaves.example"), tries("nobody@weaves.example")
    assert unknown > known * 0.4, (known, unknown)


#: What a browser adds to the posts of our own pages.
HERE = {"Origin": "http://testserver"}


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_led_elsewhere(alice, target):
    """After signing in, signing out and choosing a theme or language one stays here."""
    client = Client()
    steps = [
        sign_in(client, next=target),
        client.post("/preferences/theme/", {"theme": "dark", "next": target}, headers=HERE),
        client.post("/preferences/language/", {"language": "de", "next": target}, headers=HERE),
        client.post("/auth/logout/", {"next": target}),
    ]
    for step in steps:
        assert step.status_code in (302, 204), (step.status_code, target)
        location = step.headers.get("Location", "/")
        assert location.startswith("/") and not re.match(r"/[/\\]", location), location
        assert "evil" not in location.split("?")[0].replace("%0d%0aLocation:https://evil.example", "")


def test_the_forwarding_of_the_sign_in_page_keeps_to_our_paths(alice, client):
    """A signed-in person who opens a prepared sign-in link stays here."""
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    location = client.get(LOGIN, {"next": "https://evil.example/"}).headers.get("Location", "/")
    assert location.startswith("/") and not location.startswith("//")


def test_a_session_planted_before_is_worthless(alice, client):
    """The key changes with signing in, and again with a new password, which ends other sessions."""
    client.get("/cart/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = before = session.session_key
    sign_in(client)
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert is_in(client) and after != before
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = before
    assert stranger.get("/account/").status_code == 302


def test_a_new_password_ends_the_other_sessions(alice):
    """Whoever stole one is out."""
    mine, thief = Client(REMOTE_ADDR="198.51.100.1"), Client(REMOTE_ADDR="198.51.100.2")
    sign_in(mine)
    sign_in(thief)
    data = {"oldpassword": PASSWORD, "password1": "Another-Lantern-77", "password2": "Another-Lantern-77"}
    mine.post("/auth/password/change/", data)
    alice.refresh_from_db()
    assert alice.check_password("Another-Lantern-77")
    assert not thief.get("/account/profile/").wsgi_request.user.is_authenticated


def test_signing_out_is_a_post_and_ends_the_session(alice, client):
    """A picture on another site cannot sign anybody out; the old cookie opens nothing."""
    sign_in(client)
    client.get("/auth/logout/")
    assert is_in(client)
    old = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/auth/logout/")
    assert not is_in(client)
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = old
    assert stranger.get("/account/").status_code == 302


def test_passwords_are_kept_by_argon2(alice):
    """The first hasher; weak passwords are refused."""
    assert settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    assert alice.password.startswith("argon2$argon2id$")
    assert PASSWORD not in alice.password


@pytest.mark.parametrize("weak", ["short", "password123", "1234567890", "alice@weaves.example"])
def test_weak_passwords_are_refused(alice, client, weak):
    """On changing it."""
    sign_in(client)
    client.post("/auth/password/change/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak})
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_a_reset_link_works_once(alice, client):
    """And not at all when changed."""
    client.post("/auth/password/reset/", {"email": alice.email})
    link = re.search(r"(/auth/password/reset/key/\S+)", Message.objects.get().text).group(1)
    forged = link.rstrip("/")[:-1] + ("a" if link.rstrip("/")[-1] != "a" else "b") + "/"
    assert Client().get(forged, follow=True).context["token_fail"]
    place = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(place, {"password1": "Another-Lantern-77", "password2": "Another-Lantern-77"})
    alice.refresh_from_db()
    assert alice.check_password("Another-Lantern-77")
    assert Client().get(link, follow=True).context["token_fail"]


def test_the_key_of_a_second_factor_is_encrypted(alice):
    """A stolen copy of the database does not give second factors away."""
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(alice, secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        assert secret not in cursor.fetchone()[0]
    assert Authenticator.objects.get().wrap().validate_code("000000") in (True, False)


def test_a_second_factor_is_asked_for_everywhere(alice, client):
    """Also where Django's own admin would have its own form."""
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    sign_in(client)
    assert not is_in(client)
    client.post("/raw-admin/login/", {"username": alice.email, "password": PASSWORD})
    assert not is_in(client)


def test_the_raw_admin_is_for_superusers(alice, client):
    """Staff of any role and clients are refused; superusers get in by the usual sign-in."""
    assert client.get("/raw-admin/").status_code == 302
    assert client.get("/raw-admin/login/?next=/raw-admin/").url.startswith(LOGIN)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    for flags, status in (({}, 403), ({"is_staff": True}, 403), ({"is_staff": True, "is_superuser": True}, 200)):
        User.objects.filter(pk=alice.pk).update(**flags)
        assert client.get("/raw-admin/", follow=True).status_code == status, flags


def test_an_invitation_of_another_salt_is_no_invitation(db, client):
    """Signed things cannot stand in for each other."""
    for salt in ("billing.pay_link", "other"):
        assert salt != INVITATION_SALT
        token = signing.dumps(1, salt=salt)
        assert client.get(reverse("clients_portal:invitation_accept", args=[token])).status_code == 410
        if salt != "billing.pay_link":
            assert client.get(reverse("store:pay", args=[token])).status_code == 404
