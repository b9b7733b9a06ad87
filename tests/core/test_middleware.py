"""Whose address counts behind a proxy."""

import pytest
from allauth.usersessions.models import UserSession
from django.core.exceptions import MiddlewareNotUsed
from django.test import RequestFactory

from hostbill.core import middleware
from hostbill.core.middleware import ProxyMiddleware


def address(settings, told: str, proxies: int = 1) -> str:
    """REMOTE_ADDR as views see it."""
    settings.PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": told} if told else {}, REMOTE_ADDR="10.0.0.1")
    return ProxyMiddleware(lambda request: request.META["REMOTE_ADDR"])(request)


@pytest.mark.parametrize(
    ("told", "proxies", "expected"),
    [
        ("203.0.113.9", 1, "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", 1, "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"),
        ("2001:db8::1", 1, "2001:db8::1"),
        ("", 1, "10.0.0.1"),
        ("nonsense", 1, "10.0.0.1"),
        ("203.0.113.9", 2, "10.0.0.1"),
    ],
)
def test_the_entry_of_our_own_proxy_counts_and_no_claim_of_the_caller(settings, told, proxies, expected):
    assert address(settings, told, proxies) == expected


def test_without_a_proxy_nobody_can_claim_an_address(settings):
    settings.PROXIES = 0
    with pytest.raises(MiddlewareNotUsed):
        ProxyMiddleware(None)


@pytest.mark.django_db
def test_use_of_a_login_is_noted_once_a_minute(cast, client, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(middleware.time, "monotonic", lambda: now[0])
    client.force_login(cast.alice)

    def last_seen():
        client.get("/account/security/", follow=True)
        return UserSession.objects.get(user=cast.alice).last_seen_at

    first = last_seen()
    assert last_seen() == first
    now[0] += 61
    assert last_seen() > first
