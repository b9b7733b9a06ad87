"""Billing's tests need client accounts, not logins: a light cast saves hashing four passwords per test."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from hostbill.core import clock
from tests.billing.shop import Shop
from tests.factories import ClientFactory


@pytest.fixture
def cast(db):
    """Two clients: Charlie and Alice."""
    return SimpleNamespace(
        charlie_client=ClientFactory(first_name="Charlie", last_name="Brandt", email="charlie@brandt.example"),
        alice_client=ClientFactory(first_name="Alice", last_name="Hossain", email="alice@weaves.example"),
    )


@pytest.fixture
def set_day(monkeypatch):
    """set_day("2027-02-28"): noon of the seller's day, without running any job."""

    def _set(text):
        monkeypatch.setattr(clock, "now", lambda: clock.start_of(date.fromisoformat(text)) + timedelta(hours=12))

    return _set


@pytest.fixture
def today(set_day):
    """The same, from a day in May on."""
    set_day("2027-05-01")
    return set_day


@pytest.fixture
def shop(sandbox, cast):
    """Charlie's, at a sandbox that has forgotten everybody else."""
    sandbox.control("stripe", "reset", {})
    return Shop(sandbox, cast.charlie_client)
