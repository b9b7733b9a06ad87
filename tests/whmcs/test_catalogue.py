"""Every documented action, with its required parameters present, missing, of a wrong type, and of somebody else."""

import json
import os
from pathlib import Path

import pytest
from django.test import RequestFactory

from clients.queries.actor import actor_of
from hostbill.core.options import API_RATE, set_option
from hostbill.whmcs.action import ACTIONS
from hostbill.whmcs.catalogue import DOCUMENTED, table
from hostbill.whmcs.documented import AREAS
from hostbill.whmcs.endpoint import api
from tests.whmcs.conftest import URL, caller_for

PAPER = Path(__file__).parents[2] / "docs/whmcs-api.md"
MARK = "<!-- made from hostbill/whmcs: HOSTBILL_WRITE_DOCS=1 .venv/bin/pytest tests/whmcs/test_catalogue.py -k paper -->\n"
WRONG = ("nonsense", "-1", "99999999", "999999999999999999999", "2027-13-45", "x" * 3000, "'\"<b>&%00", "")
#: Actions that take no right beyond their role: they tell nothing of clients or money.
OPEN = {"GetPaymentMethods", "WhmcsDetails", "GetAdminDetails", "GetPermissionsList", "GetOrderStatuses", "GetSupportStatuses"}


def test_the_actions_are_those_of_the_documentation():
    for key, action in ACTIONS.items():
        entry = DOCUMENTED.get(key)
        assert entry, f"{action.name} is not documented by WHMCS"
        assert (action.name, action.area) == (entry.name, entry.area)
        assert set(action.required) <= set(entry.required), f"{action.name}: callers need not send {action.required}"


def test_every_action_asks_for_a_right():
    assert not [action.name for action in ACTIONS.values() if not action.needs and action.name not in OPEN]


def test_the_paper_is_true():
    text = PAPER.read_text()
    assert MARK in text
    told = text.partition(MARK)[0] + MARK + table()
    if os.environ.get("HOSTBILL_WRITE_DOCS"):
        PAPER.write_text(told)
    assert text == told or os.environ.get("HOSTBILL_WRITE_DOCS"), f"Run: {MARK[4:-4]}"


class Table:
    """Calls the view itself: the middleware has its own tests."""

    def __init__(self, caller):
        self.keys, self.factory = caller.keys, RequestFactory()

    def call(self, name, values) -> dict:
        request = self.factory.post(URL, {"action": name, **self.keys} | values)
        found = api(request)
        told = json.loads(found.content)
        assert found.status_code in (200, 400), f"{name} {str(values)[:300]}: {found.status_code} {told}"
        assert told["result"] in ("success", "error"), f"{name}: {told}"
        assert told["result"] == "success" or isinstance(told["message"], str) and told["message"]
        return told


@pytest.fixture
def asked(cast, db):
    caller = caller_for(cast.stella)
    set_option(API_RATE, 100_000, actor_of(cast.stella))
    return Table(caller)


def plausible(name: str, client) -> str:
    """What an honest caller would send."""
    known = {"clientid": client.pk, "userid": client.pk, "client_id": client.pk, "email": "new@weaves.example", "amount": "1.00",
             "date": "2027-03-12", "validuntil": "2027-03-12", "gateway": "banktransfer", "paymentmethod": "banktransfer"}  # fmt: skip
    return str(known.get(name, "1" if name.endswith("id") else "text"))


@pytest.mark.django_db
@pytest.mark.parametrize("area", AREAS)
def test_nothing_breaks_and_what_is_missing_is_told(area, asked, cast):
    for entry in (entry for entry in DOCUMENTED.values() if entry.area == area):
        if entry.absent:
            assert asked.call(entry.name, {})["message"] == entry.refusal
            continue
        honest = {name: plausible(name, cast.alice_client) for name in entry.required}
        for name in ACTIONS[entry.name.lower()].required:
            left = {key: value for key, value in honest.items() if key != name}
            assert asked.call(entry.name, left)["result"] == "error", f"{entry.name} without {name}"
        for required, optional in zip(WRONG, WRONG[1:] + WRONG[:1], strict=True):
            asked.call(entry.name, dict.fromkeys(entry.optional, optional) | dict.fromkeys(entry.required, required))
        for wrong in WRONG[:4] if entry.optional else ():
            asked.call(entry.name, honest | dict.fromkeys(entry.optional, wrong))
        asked.call(entry.name, {f"{name}[0][x]": "1" for name in (*entry.required, *entry.optional)})
        asked.call(entry.name, honest)
        foreign = {name: "7777777" for name in entry.required if name.lower().endswith("id")}
        if foreign:
            assert asked.call(entry.name, honest | foreign)["result"] == "error", f"{entry.name} of nobody's {sorted(foreign)}"
