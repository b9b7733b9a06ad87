"""What a person may not do is not offered to them: no link and no button of any console page ends in "not allowed"."""

import logging
from collections import deque

import pytest
from django.db import transaction
from django.urls import resolve

from clients.models import StaffRole
from tests.factories import make_staff
from tests.security.conftest import browser, visit
from tests.security.offers import Offers
from tests.security.routes import routes
from tests.security.world import SEEDED_ROLES, arguments_of

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("walk")]

#: Roles as a host may make them: one part of the house each, to look at only.
LOOKERS = {
    "clients": ["clients.client.view"],
    "money": ["billing.*.view"],
    "technology": ["provisioning.*.view"],
    "machinery": ["core.*.view"],
}
#: Names of buttons that say what a form is to do.
VERBS = ("verb", "way", "action", "bulk", "on", "move")


def answer(person, method: str, address: str, data=None) -> int:
    """The status of one request that is undone."""
    logging.disable(logging.CRITICAL)
    try:
        with transaction.atomic():
            client = browser(person)
            response = getattr(client, method.lower())(address, data or {})
            status = response.status_code
            if response.streaming:  # a file read from the database as it goes: to its end, before the transaction is undone
                deque(response.streaming_content, maxlen=0)
            transaction.set_rollback(True)
    finally:
        logging.disable(logging.NOTSET)
    return status


def kind_of(method: str, target: str, data) -> tuple:
    """Presses that are one and the same to the rights: the address with whatever object, the button's own value."""
    match = resolve(target.partition("?")[0])
    ways = {name: value for name, value in match.kwargs.items() if name not in ("pk", "token")}
    verbs = {name: value for name, value in (data or {}).items() if name in VERBS}
    return method, match.view_name, str(ways or ""), str(verbs or "")


def pressed(person, pages):
    """{kind of press: (status, page)} of everything that these pages offer."""
    met = {}
    for address, html in pages:
        found = Offers(address, html)
        wanted = [("GET", link, None) for link in found.links] + found.sendings()
        for method, target, data in wanted:
            if not target.startswith("/staff/") or "export=" in target:
                continue
            kind = kind_of(method, target, data)
            if kind not in met:
                met[kind] = (answer(person, method, target, data), address)
    return met


def refusals(person, pages) -> list[str]:
    """What is offered and then refused, as readable lines."""
    met = pressed(person, pages)
    assert len(met) > 10, "almost nothing was offered: is the role let in at all?"
    return [f"{page} offers {' '.join(kind)}" for kind, (status, page) in met.items() if status == 403]


def console(person, world):
    """(address, HTML) of every console page that opens for the person: in this test's own world, where all objects live."""
    logging.disable(logging.CRITICAL)
    try:
        for route in routes():
            arguments = arguments_of(route, world)
            if route.is_staff and arguments is not None:
                met = visit("", browser(person), route, "GET", arguments)
                if met.status == 200 and met.is_html:
                    yield met.url, met.body
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize("role", SEEDED_ROLES)
def test_nothing_is_offered_that_is_then_refused(world, role):
    person = world.people[role]
    wrong = refusals(person, list(console(person, world)))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("part", LOOKERS)
def test_lookers_of_one_part_are_offered_that_part_alone(world, part):
    StaffRole.objects.create(code=part, name=part, permissions=LOOKERS[part])
    person = make_staff(part)
    wrong = refusals(person, list(console(person, world)))
    assert not wrong, "\n".join(wrong)
