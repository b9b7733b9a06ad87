"""Fixtures of webhooks: the receiver of the sandbox, endpoints that lead to it, and what it got."""

import json
import secrets

import pytest

from hostbill.core import options
from hostbill.core.access import SYSTEM
from hostbill.core.models import WebhookDelivery
from hostbill.core.webhooks.endpoints import create_endpoint

ALL = ("invoice.issued", "invoice.paid", "order.placed", "subscription.created", "ticket.opened")


def allow(key: str, value) -> None:
    """Set a setting of webhooks."""
    options.set_option(options.find(f"webhook.{key}"), value, SYSTEM)


class Receiver:
    """The sandbox's receiver, with a path of this test's own."""

    def __init__(self, sandbox):
        self.sandbox, self.path = sandbox, secrets.token_hex(8)
        self.url = f"{sandbox.hooks.url}/{self.path}"

    def got(self) -> list[dict]:
        """What came here, with the body read."""
        found = self.sandbox.control("hooks", "state")["got"]
        return [one | {"data": json.loads(one["body"])} for one in found if one["path"] == f"/{self.path}"]

    def types(self) -> list[str]:
        """The types of what came, in their order."""
        return [one["data"]["type"] for one in self.got()]

    def fail(self, kind="500", times=None, **more) -> None:
        """Fail from now on; without ``kind`` be well again."""
        self.sandbox.control("hooks", "faults", method="DELETE")
        if kind:
            self.sandbox.control("hooks", "faults", {"match": self.path, "kind": kind, "times": times, **more})


@pytest.fixture
def receiver(sandbox, db):
    """Reached on this machine, without encryption, by clients too: as the settings of a sandbox say."""
    allow("allow_http", True)
    allow("allowed_networks", "127.0.0.0/8")
    allow("allowed_for_clients", True)
    found = Receiver(sandbox)
    yield found
    found.fail("")


@pytest.fixture
def endpoint(cast, receiver):
    """Stella's, for everything that the tests do."""
    return create_endpoint(actor=cast.stella_actor, label="Ledger", target_url=receiver.url, events=list(ALL))


@pytest.fixture
def alices(cast, receiver):
    """Of Alice's account."""
    return create_endpoint(actor=cast.alice_actor, client=cast.alice_client, label="Shop", target_url=receiver.url, events=list(ALL))


def deliveries(endpoint) -> list[WebhookDelivery]:
    """Oldest first."""
    return list(WebhookDelivery.objects.filter(endpoint=endpoint).order_by("pk"))
