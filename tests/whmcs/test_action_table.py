"""Each documented action with its documented parameters: present, it succeeds and answers as documented; missing, of a wrong type or
of nobody, it is refused in the documented words."""

import re

import pytest
from django.db import transaction

from clients.queries.actor import actor_of
from hostbill.core.options import API_RATE, set_option
from hostbill.whmcs.action import ACTIONS
from hostbill.whmcs.catalogue import DOCUMENTED
from tests.whmcs.answers import faults
from tests.whmcs.conftest import caller_for
from tests.whmcs.honest import HONEST, World, honest
from tests.whmcs.test_catalogue import Table

pytestmark = pytest.mark.django_db
HERE = [entry for entry in DOCUMENTED.values() if not entry.absent]
AREAS = list(dict.fromkeys(entry.area for entry in HERE))
#: What is said of an id that nobody has, or that is none.
NOBODY = {
    "clientid": "Client (ID )?Not Found|Invalid Client", "client_id": "Client (ID )?Not Found|Invalid Client",
    "userid": "Client (ID )?Not Found", "invoiceid": "Invoice ID Not Found|Invoice Not Found or Not Unpaid",
    "quoteid": "Quote ID Not Found", "orderid": "Order ID Not Found", "serviceid": "Service ID Not Found",
    "ticketid": "Ticket ID Not Found", "contactid": "Contact ID Not Found", "replyid": "Reply ID Not Found",
    "noteid": "Note ID Not Found", "deptid": "Department ID not found", "paymethodid": "Invalid Pay Method ID",
    "transactionid": "Transaction ID Not Found", "user_id": "Invalid User ID|User is not associated", "id": "Not Found|No user found",
    "gid": "Product Group ID Not Found", "relatedid": "Attachment Not Found", "mergeticketids": "Invalid Merge Ticket IDs",
}  # fmt: skip
#: Optional ids without which the call asks for nothing in particular.
ASKED = {"SendEmail": ["id"], "ResetPassword": ["id"], "GetClientPassword": ["userid"], "GetClientsDetails": ["clientid"],
         "UpdateClient": ["clientid"], "GetTicket": ["ticketid"], "AddTicketNote": ["ticketid"], "CreateSsoToken": ["client_id"],
         "OpenTicket": ["clientid"], "AddTicketReply": ["clientid"], "AddTransaction": ["userid"]}  # fmt: skip
#: Required by the documentation, left out by programs that read it otherwise: it is then taken from the rest.
LENIENT = {("UpgradeProduct", "paymentmethod"), ("AddBillableItem", "unit"), ("CreateQuote", "stage")}


@pytest.fixture
def asked(cast, db):
    caller = caller_for(cast.stella)
    set_option(API_RATE, 100_000, actor_of(cast.stella))
    return Table(caller)


def tried(asked, name, sent) -> dict:
    """The answer; what it did is undone."""
    with transaction.atomic():
        answer = asked.call(name, _flat(sent))
        transaction.set_rollback(True)
    return answer


def _flat(sent: dict, prefix: str = "") -> dict:
    """As PHP writes arrays."""
    found = {}
    for key, value in sent.items():
        name = f"{prefix}[{key}]" if prefix else str(key)
        found |= _flat(value, name) if isinstance(value, dict) else {name: str(value)}
    return found


def test_every_action_is_in_the_table():
    needed = {entry.name for entry in HERE if entry.required}
    assert needed <= set(HONEST) <= {entry.name for entry in HERE}


@pytest.mark.parametrize("area", AREAS)
def test_honest_calls_succeed_and_wrong_ones_are_refused_in_words(area, asked, cast, request, drain):
    sandbox = request.getfixturevalue("sandbox") if area in ("Service", "Servers") else None
    world, wrong = World(cast, sandbox, drain), []
    for entry in (entry for entry in HERE if entry.area == area):
        sent = honest(entry.name, world)
        assert set(entry.required) <= set(sent), f"{entry.name}: an honest program sends {entry.required}"
        wrong += [f"{entry.name} {fault}" for fault in _faults(entry, sent, asked)]
    assert not wrong, "\n".join(wrong)


def _faults(entry, sent: dict, asked):
    answer = tried(asked, entry.name, sent)
    yield from [answer["message"]] if answer["result"] != "success" else faults(entry.name, answer)
    for name in entry.required:
        left = tried(asked, entry.name, {key: value for key, value in sent.items() if key != name})
        if name in ACTIONS[entry.name.lower()].required or (entry.name, name) not in LENIENT:
            yield from () if left["result"] == "error" else [f"without {name} is done"]
    for name in (*entry.required, *ASKED.get(entry.name, ())):
        words = NOBODY.get(name)
        for value in (("7777777", "nonsense") if words else ()):
            found = tried(asked, entry.name, sent | {name: value})
            said = found.get("message", "")
            if found["result"] != "error" or value == "7777777" and not re.search(words, said):
                yield f"of {name}={value}: {found['result']} {said}"
