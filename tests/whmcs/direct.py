"""Actions without their endpoint: quick, and what an action does is the same."""

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from hostbill.core.access import Actor
from hostbill.core.errors import AppError
from hostbill.core.scope import scope
from hostbill.whmcs import actions  # noqa: F401 - fills the table
from hostbill.whmcs.action import ACTIONS, Call
from hostbill.whmcs.values import Values


def as_sent(value):
    """PHP arrays are dicts of texts."""
    if isinstance(value, list | tuple):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        return {str(key): as_sent(entry) for key, entry in value.items()}
    return str(value)


class Direct:
    """Somebody who may do what ``actor`` may."""

    def __init__(self, actor):
        self.actor = actor

    def done(self, name: str, **values) -> dict:
        """The answer; every parameter is one that the action declares."""
        action = ACTIONS[name.lower()]
        assert all(self.actor.may(permission) for permission in action.needs)
        assert all(values.get(required) not in (None, "") for required in action.required), "a required parameter is missing"
        with translation.override("en"), transaction.atomic():
            return action.do(Call(self.actor, Values(as_sent(values))))

    def refused(self, name: str, **values) -> str:
        """The words of the refusal; nothing of the try is left."""
        try:
            answer = self.done(name, **values)
        except AppError as error:
            return str(error.message)
        raise AssertionError(f"{name} was not refused: {answer}")


def api(*permissions: str, user_id=None) -> Direct:
    """A program with these rights, with all rights for none."""
    return Direct(Actor("api", user_id, "Stella Solberg", frozenset(permissions), superuser=not permissions))


def cost(act) -> int:
    """How many queries it takes in one request, once what is kept between requests is there: it is called before it is counted."""
    act()
    with scope("test"), CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)
