"""Fixtures of programs that speak the WHMCS API."""

import pytest
from django.test import Client
from django.utils import translation

from clients.actions.api_credential import create_api_role, create_credential
from clients.models import ApiRole
from clients.queries.actor import actor_of
from hostbill.core.access import SYSTEM
from tests.factories import make_cast

URL = "/includes/api.php"


class Caller:
    """A program with credentials. `call` answers the dict, `send` Django's response."""

    def __init__(self, credential=None, secret=""):
        self.credential, self.client = credential, Client(raise_request_exception=False)
        self.keys = {"identifier": credential.identifier, "secret": secret} if credential else {}

    def send(self, action, params=None, *, method="post", url=URL, **headers):
        sent = ({"action": action} if action is not None else {}) | self.keys | (params or {})
        return getattr(self.client, method)(url, sent, headers=headers)

    def call(self, action, params=None, **more) -> dict:
        """Of a call that may be refused, but must be understood: HTTP 200."""
        found = self.send(action, (params or {}) | more)
        assert found.status_code == 200, found.content
        return found.json()

    def done(self, action, params=None, **more) -> dict:
        """Of a call that must succeed."""
        found = self.call(action, params, **more)
        assert found["result"] == "success", found
        return found

    def refused(self, action, params=None, **more) -> str:
        """The message of a call that must be refused."""
        found = self.call(action, params, **more)
        assert found["result"] == "error", found
        return found["message"]


def caller_for(user, actions=("*",), **more) -> Caller:
    """A program of this person, whose role allows these actions."""
    with translation.override("en"):
        role, _new = ApiRole.objects.get_or_create(name="Test " + " ".join(actions), defaults={"actions": list(actions)})
        return Caller(*create_credential(actor=actor_of(user), label="Order form", roles=[role], **more))


def make_role(name, actions):
    """A role."""
    return create_api_role(actor=SYSTEM, name=name, actions=actions)


@pytest.fixture
def cast(db):
    """Alice, Bob, Charlie, Stella."""
    return make_cast()


@pytest.fixture
def whmcs(cast):
    """A program of Stella, who may do everything."""
    return caller_for(cast.stella)
