"""Billing's tests need client accounts, not logins: a light cast saves hashing four passwords per test."""

from types import SimpleNamespace

import pytest

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
def shop(sandbox, cast):
    """Charlie's, at a sandbox that has forgotten everybody else."""
    sandbox.control("stripe", "reset", {})
    return Shop(sandbox, cast.charlie_client)
