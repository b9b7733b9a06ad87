"""A clean sandbox with one WHM server in one group."""

import pytest

from tests.provisioning.factories import make_group, make_hosting, make_server


@pytest.fixture
def whm(sandbox):
    """The WHM sandbox without accounts and faults, and words to steer it."""
    sandbox.control("whm", "reset", {})
    return Whm(sandbox)


class Whm:
    """Faults to order, accounts that exist."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def fault(self, match, kind, times=1, **more):
        """Order a fault."""
        self.sandbox.control("whm", "faults", {"match": match, "kind": kind, "times": times, **more})

    def accounts(self) -> dict:
        """By user name."""
        return self.sandbox.control("whm", "state")["accounts"]

    def calls(self, operation) -> list:
        """Logged calls of a function."""
        return self.sandbox.control("whm", f"calls?operation={operation}")


@pytest.fixture
def group(db):
    """One group."""
    return make_group()


@pytest.fixture
def server(sandbox, group, whm):
    """One server in it."""
    return make_server(sandbox, group)


@pytest.fixture
def product(group):
    """A plan that is set up there when it is paid."""
    return make_hosting(group)
