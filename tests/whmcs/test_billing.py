"""Billable items and the renewal run on request."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from billing.models import BillableItem, Invoice
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.models import Message
from tests.billing.factories import active_subscription
from tests.factories import ClientFactory
from tests.whmcs.direct import api

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db):
    return ClientFactory()


@pytest.fixture
def whmcs():
    return api()


def item(client, **more) -> dict:
    return {"clientid": client.pk, "description": "Support", "amount": "90.00", "unit": "hours"} | more


def test_an_item_is_written_down(client, whmcs):
    answer = whmcs.done("AddBillableItem", **item(client, quantity="1.5", invoiceaction="nextinvoice"))
    found = BillableItem.objects.get(pk=answer["billableid"])
    assert (answer["status"], found.unit_amount, found.quantity, found.action) == ("success", 60, D("1.5"), "next_invoice")


def test_an_amount_that_does_not_divide_is_one_piece(client, whmcs):
    answer = whmcs.done("AddBillableItem", **item(client, amount="1000000.00", quantity="700", unit="quantity"))
    found = BillableItem.objects.get(pk=answer["billableid"])
    assert (found.unit_amount, found.quantity, found.action) == (1000000, 1, "not_yet")
    assert found.description == "Support (700 × quantity)"


def test_an_item_recurs(client, whmcs):
    day = clock.today() + timedelta(days=3)
    sent = {"invoiceaction": "recur", "recur": "2", "recurcycle": "Months", "recurfor": "6", "duedate": day.isoformat()}
    found = BillableItem.objects.get(pk=whmcs.done("AddBillableItem", **item(client, **sent))["billableid"])
    assert (found.every, found.every_unit, found.times, found.next_on) == (2, "months", 6, day)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"clientid": 99999}, "Client ID Not Found"),
        ({"unit": "days"}, "unit is one of hours, quantity"),
        ({"invoiceaction": "later"}, "invoiceaction is one of"),
        ({"invoiceaction": "duedate"}, "duedate is required"),
        ({"invoiceaction": "recur", "duedate": "2027-01-01", "recurcycle": "Moons"}, "recurcycle is one of"),
        ({"amount": "-1"}, "amount: "),
        ({"quantity": "-1"}, "quantity must be above zero"),
    ],
)
def test_a_wrong_item_is_refused(client, whmcs, more, words):
    assert words in whmcs.refused("AddBillableItem", **item(client) | more)
    assert not BillableItem.objects.exists()


def test_what_is_due_is_invoiced_once(client, whmcs, set_clock, drain):
    active_subscription(client)
    active_subscription(ClientFactory())
    whmcs.done("AddBillableItem", **item(client, invoiceaction="nextcron"))
    drain()
    Message.objects.all().delete()
    set_clock(25)
    one = whmcs.done("GenInvoices", clientid=client.pk, noemails="1")
    assert one["numcreated"] == 2 and Invoice.objects.filter(pk=one["latestinvoiceid"], client=client).exists()
    drain()
    assert not Message.objects.filter(kind="billing.invoice_issued").exists()
    assert whmcs.done("GenInvoices")["numcreated"] == 1
    assert whmcs.done("GenInvoices") == {"numcreated": 0}
    assert verify() == []


def test_named_services_and_foreign_clients(client, whmcs, set_clock):
    service = active_subscription(client)
    active_subscription(ClientFactory())
    set_clock(25)
    assert whmcs.done("GenInvoices", serviceids=[service.pk])["numcreated"] == 1
    assert whmcs.refused("GenInvoices", clientid=99999) == "Client ID Not Found"
    assert "domain names" in whmcs.refused("GenInvoices", domainids=[1])


@pytest.fixture
def set_clock(monkeypatch):
    """So many days later, without any nightly run."""
    began = clock.now()
    return lambda days: monkeypatch.setattr(clock, "now", lambda: began + timedelta(days=days))
