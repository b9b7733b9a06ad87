"""Fixtures of programs: the attacker's world, tokens, and a client that speaks JSON."""

import json

import pytest
from django.conf import settings
from django.test import Client

from clients.actions.api_token import create_token
from clients.queries.actor import actor_of
from tests.security.conftest import browser
from tests.security.world import World


class Program:
    """A program with a token: `get`, `post`, `patch`, `put`, each with a dict; answers are Django's, `.json()` and all."""

    def __init__(self, text: str = "", **headers):
        self.client = Client(raise_request_exception=False)
        self.headers = ({"Authorization": f"Bearer {text}"} if text else {}) | headers

    def get(self, path, params=None, **headers):
        return self.client.get(address(path), params or {}, headers=self.headers | headers)

    def send(self, method, path, body=None, **headers):
        data = body if isinstance(body, bytes | str) else json.dumps(body or {})
        call = getattr(self.client, method)
        return call(address(path), data, content_type="application/json", headers=self.headers | headers)

    def post(self, path, body=None, **headers):
        return self.send("post", path, body, **headers)

    def patch(self, path, body=None, **headers):
        return self.send("patch", path, body, **headers)

    def put(self, path, body=None, **headers):
        return self.send("put", path, body, **headers)


def address(path: str) -> str:
    """`invoices/1/` is below the API; whole addresses stay."""
    path = path.removeprefix(settings.SITE_URL)
    return path if path.startswith("/") else f"/api/v1/{path}"


def token_for(user, reach="all", **fields):
    """(row, text) of a new token."""
    return create_token(actor=actor_of(user), label="Test", reach=reach, **fields)


def program_for(user, reach="all", **fields) -> Program:
    """A program of this person."""
    return Program(token_for(user, reach, **fields)[1])


@pytest.fixture
def world(db):
    """Everything exists."""
    return World()


@pytest.fixture
def stella(world):
    """May do everything."""
    return program_for(world.people["stella"])


@pytest.fixture
def console(world):
    """Stella's browser."""
    return browser(world.people["stella"])
