"""Signing in: throttled, remembered, and every mail of it through the message log."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from clients.queries.actor import actor_of
from hostbill.core.models import Change, Message, Outgoing
from tests.factories import PASSWORD, make_staff

LOGIN = "/auth/login/"


def sign_in(client, email, password=PASSWORD):
    """Post the form."""
    return client.post(LOGIN, {"login": email, "password": password})


def test_staff_and_clients_land_at_home_and_it_is_remembered(cast, client):
    """Whatever the case of the address."""
    assert sign_in(client, "STELLA@hostbill.example").url == "/staff/"
    client.logout()
    assert sign_in(client, "Alice@Weaves.example").url == "/account/"
    signs = Change.objects.filter(action="clients.signed_in", client_id=cast.alice_client.pk)
    assert signs.get().actor_label == "Alice Hossain"


def test_wrong_passwords_are_throttled(cast, client):
    """After a few tries even the right password is refused for a while."""
    for _try in range(6):
        sign_in(client, "alice@weaves.example", "wrong-password-1")
    response = sign_in(client, "alice@weaves.example")
    assert response.status_code != 302
    assert "_auth_user_id" not in client.session
    client.defaults["REMOTE_ADDR"] = "192.0.2.99"
    assert sign_in(client, "charlie@brandt.example").status_code == 302


def test_a_locked_pair_stays_locked_when_the_cache_is_empty(cast, client):
    """The second guard counts in the database."""
    for _try in range(9):
        cache.clear()
        sign_in(client, "alice@weaves.example", "wrong-password-1")
    cache.clear()
    assert sign_in(client, "alice@weaves.example").status_code != 302
    assert "_auth_user_id" not in client.session


def test_password_reset_goes_through_the_outgoing_queue(cast, client):
    """Nothing is sent during the request; the link works once; staff without all rights cannot read it."""
    client.post("/auth/password/reset/", {"email": "alice@weaves.example"})
    assert mail.outbox == []
    message = Message.objects.get(kind="clients.password_reset")
    assert Outgoing.objects.filter(kind="core.message", object_id=message.pk).exists()
    link = re.search(r"https?://[^/]+(/auth/password/reset/key/\S+)", message.text).group(1)
    page = client.get(link, follow=True)
    response = client.post(page.redirect_chain[-1][0], {"password1": "Another-Lantern-7", "password2": "Another-Lantern-7"})
    assert response.status_code == 302
    cast.alice.refresh_from_db()
    assert cast.alice.check_password("Another-Lantern-7")
    assert Message.objects.filter(kind="clients.security_notice").count() <= 1


def test_reset_links_are_hidden_from_staff_with_few_rights(cast, client):
    """Else reading the log would be a way to become anybody."""
    client.post("/auth/password/reset/", {"email": "stella@hostbill.example"})
    reader = actor_of(make_staff("read-only"))
    assert reader.may("core.message.view")
    assert not Message.objects.visible_to(reader).filter(kind="clients.password_reset").exists()
    assert Message.objects.visible_to(cast.stella_actor).filter(kind="clients.password_reset").exists()
    assert not Message.objects.visible_to(cast.alice_actor).filter(kind="clients.password_reset").exists()


def test_unknown_address_looks_the_same(db, client):
    """The page does not tell who has a login."""
    response = client.post("/auth/password/reset/", {"email": "nobody@people.example"})
    assert response.status_code == 302
    assert Message.objects.get().kind == "clients.unknown_account"


def test_nobody_signs_up_without_ordering(db, client):
    """Sign-up is at checkout or by invitation."""
    client.post("/auth/signup/", {"email": "new@people.example", "password1": PASSWORD})
    assert not Message.objects.exists()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("route", ["staff_home", "portal_home", "clients_staff:client_list", "support_portal:ticket_list"])
def test_visitors_are_asked_to_sign_in(db, client, route):
    """And come back afterwards."""
    response = client.get(reverse(route))
    assert response.status_code == 302
    assert response.url.startswith(LOGIN)
