"""Tokens: made once, never wider than their owner, and shut by expiry, address, revocation and guessing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clients.actions.api_token import actor_for, create_token, revoke_token
from clients.models import ApiToken, StaffRole
from clients.queries.actor import actor_of
from hostbill.core import clock
from hostbill.core.errors import AppError
from hostbill.core.models import Change, Message
from hostbill.core.options import API_RATE, set_option
from tests.api.conftest import Program, program_for, token_for
from tests.factories import make_cast, make_staff
from tests.security.conftest import browser

pytestmark = pytest.mark.django_db
LIST, CREATE = "clients_staff:api_token_list", "clients_staff:api_token_create"
FORM = {"label": "Back-ups", "reach": "read", "expires_on": "", "networks": ""}


@pytest.fixture
def stella():
    return make_cast().stella


def test_the_page_shows_the_text_once_and_keeps_its_hash_only(stella, drain):
    page = browser(stella).post(reverse(CREATE), FORM | {"networks": "203.0.113.7\n10.0.0.0/8"})
    token = ApiToken.objects.get()
    text = page.content.decode().split("hostbill_", 1)[1][:43]
    assert len(token.token_hash) == 64 and text not in repr(token.__dict__) and token.hint == f"hostbill_{text[:3]}"
    assert token.networks == ["203.0.113.7/32", "10.0.0.0/8"]
    assert "no-store" in page["Cache-Control"]
    again = browser(stella).get(reverse(LIST)).content.decode()
    assert "Back-ups" in again and text not in again
    assert Program(f"hostbill_{text}").get("/api/v1/").status_code == 401, "not from this address"
    drain()
    mail = Message.objects.get(kind="clients.api_token_made")
    assert mail.to_email == stella.email and "Back-ups" in mail.subject and text not in mail.text
    change = Change.objects.get(action="clients.api_token_created")
    assert "token_hash" not in change.fields and change.actor_label == "Stella Solberg"


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"label": ""}, "label"),
        ({"reach": "chosen"}, "reach"),
        ({"reach": "more"}, "reach"),
        ({"networks": "here"}, "networks"),
        ({"expires_on": "2001-01-01"}, "expires_on"),
    ],
    ids=str,
)
def test_wrong_input_stays_on_the_page(wrong, where, stella):
    page = browser(stella).post(reverse(CREATE), FORM | wrong)
    assert page.status_code == 422 and where in page.context["form"].errors
    assert not ApiToken.objects.exists()


def test_it_may_do_what_it_was_given_as_long_as_its_owner_may():
    role = StaffRole.objects.create(
        code="two", name="Two", permissions=["clients.client.*", "billing.invoice.view", "clients.api_token.edit"]
    )
    person = make_staff("two")
    everything, reading = token_for(person)[0], token_for(person, "read")[0]
    one = token_for(person, "chosen", permissions=["clients.client.edit"])[0]
    assert actor_for(everything).permissions == actor_of(person).permissions
    assert actor_for(reading).permissions == {"clients.client.view", "billing.invoice.view"}
    assert actor_for(one).permissions == {"clients.client.edit"}
    role.permissions = ["billing.invoice.view"]
    role.save()
    assert actor_for(one).permissions == frozenset() and actor_for(everything).permissions == {"billing.invoice.view"}


def test_an_owner_s_token_has_names_for_all_it_may(stella):
    actor = actor_for(token_for(stella)[0])
    assert not actor.superuser and actor.kind == "api" and actor.may("billing.invoice.cancel")
    assert not actor.may("nonsense")


def test_nobody_gives_a_token_more_than_they_have():
    make_cast()
    StaffRole.objects.create(code="few", name="Few", permissions=["clients.api_token.edit"])
    person = make_staff("few")
    with pytest.raises(AppError) as caught:
        token_for(person, "chosen", permissions=["billing.invoice.cancel"])
    assert caught.value.code == "more_than_own"
    page = browser(person).post(reverse(CREATE), FORM | {"reach": "chosen", "area_0": ["billing.invoice.cancel"]})
    assert page.status_code == 422 and not ApiToken.objects.exists()


def test_a_token_makes_no_token(stella):
    with pytest.raises(AppError) as caught:
        create_token(actor=actor_for(token_for(stella)[0]), label="x", reach="all")
    assert caught.value.code == "person_only"


def test_expiry_address_and_revocation_shut_it(stella):
    token, text = token_for(stella, expires_on=clock.today())
    program = Program(text)
    assert program.get("/api/v1/").status_code == 200
    for change, code in (
        ({"expires_on": clock.today() - timedelta(days=1)}, "token_expired"),
        ({"expires_on": None, "networks": ["198.51.100.0/24"]}, "token_address"),
        ({"networks": ["127.0.0.0/8", "::1/128"]}, None),
    ):
        ApiToken.objects.filter(pk=token.pk).update(**change)
        found = program.get("/api/v1/")
        assert (found.status_code, found.json().get("code")) == ((401, code) if code else (200, None))
    browser(stella).post(reverse("clients_staff:api_token_revoke", args=[token.pk]))
    found = program.get("/api/v1/")
    assert (
        found.status_code == 401
        and found.json()["code"] == "token_revoked"
        and found["WWW-Authenticate"].startswith("Bearer")
    )


def test_it_ends_with_the_person(stella):
    program = program_for(stella)
    for change in ({"is_active": False}, {"is_active": True, "is_staff": False}):
        type(stella).objects.filter(pk=stella.pk).update(**change)
        assert program.get("/api/v1/").json()["code"] == "token_owner"


def test_others_tokens_are_seen_and_revoked_by_those_who_look_after_logins(stella):
    StaffRole.objects.create(code="few", name="Few", permissions=["clients.api_token.edit"])
    person, other = make_staff("few"), make_staff("few")
    token = token_for(person)[0]
    revoke = reverse("clients_staff:api_token_revoke", args=[token.pk])
    assert browser(other).get(revoke).status_code == 404
    assert "Test" not in browser(other).get(reverse(LIST)).content.decode()
    assert browser(stella).post(revoke).status_code == 302
    assert ApiToken.objects.get(pk=token.pk).revoked_at


def test_revoking_twice_is_once(stella):
    token = token_for(stella)[0]
    revoke_token(token, actor=actor_of(stella))
    revoke_token(token, actor=actor_of(stella))
    assert Change.objects.filter(action="clients.api_token_revoked").count() == 1


def test_the_last_use_is_noted_once_a_minute(stella):
    token, text = token_for(stella)
    Program(text).get("/api/v1/")
    first = ApiToken.objects.get(pk=token.pk)
    assert first.last_used_ip == "127.0.0.1" and first.last_used_at
    Program(text).get("/api/v1/")
    assert ApiToken.objects.get(pk=token.pk).last_used_at == first.last_used_at


def test_guessing_is_stopped_and_known_tokens_do_not_count(stella):
    token, text = token_for(stella)
    revoked = token_for(stella)[1]
    revoke_token(ApiToken.objects.order_by("-pk").first(), actor=actor_of(stella))
    for _again in range(12):
        assert Program(revoked).get("/api/v1/").json()["code"] == "token_revoked"
    for number in range(8):
        found = Program(f"hostbill_{number}").get("/api/v1/")
        assert found.status_code == 401 and found.json()["code"] == "bad_token"
    found = Program(text).get("/api/v1/")
    assert found.status_code == 429 and found["Retry-After"] and found.json()["code"] == "too_many_guesses"
    assert browser().post("/auth/login/", {"login": "x@y.example", "password": "z"}).status_code == 200, (
        "sign-in goes on"
    )


@pytest.mark.parametrize("text", ["", " ", "x" * 5000, "hostbill_é", "a b c"])
def test_strange_headers_are_only_wrong(text, stella):
    found = Program(text or " ").get("/api/v1/")
    assert found.status_code == 401


def test_other_schemes_are_as_nothing(stella):
    found = Program(Authorization="Basic c3RlbGxhOng=").get("/api/v1/")
    assert found.status_code == 401 and found.json()["code"] == "not_signed_in"
    assert found["WWW-Authenticate"].startswith("Bearer")


def test_a_token_opens_no_page_of_the_console(stella):
    text = token_for(stella)[1]
    assert Program(text).get("/staff/").status_code == 302


def test_the_limit_is_told_and_kept(stella):
    text = token_for(stella)[1]
    first = Program(text).get("/api/v1/")
    assert first["RateLimit-Limit"] == "600" and int(first["RateLimit-Remaining"]) < 600
    set_option(API_RATE, 10, actor_of(stella))
    statuses = [Program(text).get("/api/v1/").status_code for _again in range(12)]
    assert 429 in statuses
    last = Program(text).get("/api/v1/")
    assert last.json()["code"] == "too_many_requests" and last["Retry-After"] and last["RateLimit-Remaining"] == "0"
    for kind in ("bearer", "BEARER", "Bearer  "):
        assert Client(headers={"authorization": f"{kind} {text}"}).get("/api/v1/").status_code == 429, "however it is written"
    assert program_for(stella).get("/api/v1/").status_code == 200, "another token has a limit of its own"
