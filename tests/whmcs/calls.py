"""Actions as programs call them, without the way through HTTP."""

from clients.models import StaffRole
from clients.queries.actor import actor_of
from hostbill.core.access import require
from hostbill.whmcs import actions  # noqa: F401
from hostbill.whmcs.action import ACTIONS, Call
from hostbill.whmcs.values import Values
from tests.factories import make_staff


def call(actor, name: str, /, **sent) -> dict:
    """The answer's keys besides ``result``. Lists and dicts are sent as PHP arrays."""
    action = ACTIONS[name.lower()]
    for permission in action.needs:
        require(actor, permission)
    return action.do(Call(actor, Values({key: _sent(value) for key, value in sent.items()})))


def clerk(*permissions):
    """The actor of a colleague with these rights only."""
    user = make_staff()
    role = StaffRole.objects.create(name=f"Clerk {user.pk}", code=f"clerk-{user.pk}", permissions=list(permissions))
    user.roles.add(role)
    return actor_of(user)


def _sent(value):
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        return {str(key): _sent(entry) for key, entry in value.items()}
    return str(value)
