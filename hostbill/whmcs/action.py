"""The actions that the endpoint knows: a table by name, filled by ``@action`` in `hostbill/whmcs/actions/`."""

from collections.abc import Callable
from dataclasses import dataclass

from hostbill.core.access import Actor
from hostbill.whmcs.values import Values


@dataclass(frozen=True)
class Call:
    """One request: who asks, and what was sent (without the credentials)."""

    actor: Actor
    values: Values
    request: object = None


@dataclass(frozen=True)
class Action:
    """``needs``: the staff permissions that it takes, besides the API role. ``required``: refused without these parameters.
    ``missing``: what does not work here, in words for docs/whmcs-api.md ("" for the whole)."""

    name: str
    area: str
    do: Callable[[Call], dict]
    needs: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    missing: str = ""


ACTIONS: dict[str, Action] = {}


def action(name: str, area: str, *, needs: str = "", required: str = "", optional: str = "", missing: str = ""):
    """Declare the function that answers ``name`` (as WHMCS spells it; callers may write it in any case).

    It takes a `Call` and returns the keys of the answer besides ``result``; it raises `Refused` or `AppError`."""

    def declare(do):
        ACTIONS[name.lower()] = Action(
            name, area, do, tuple(needs.split()), tuple(required.split()), tuple(optional.split()), missing
        )
        return do

    return declare
