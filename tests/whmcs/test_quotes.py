"""Quotes by WHMCS's actions."""

import base64
from datetime import timedelta
from decimal import Decimal as D

import pytest

from billing.models import Invoice, Quote
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.models import Message
from tests.billing.factories import make_tax_rate
from tests.factories import ClientFactory
from tests.whmcs.direct import api, cost

pytestmark = pytest.mark.django_db
QUOTE = (
    "id subject stage validuntil userid firstname lastname companyname email address1 address2 city state postcode country "
    "phonenumber tax_id currency subtotal tax1 tax2 total proposal customernotes adminnotes datecreated lastmodified datesent "
    "dateaccepted items"
)
LINES = {0: {"desc": "Shop", "qty": "2", "up": "50.00", "discount": "10", "taxable": "1"}, 1: {"desc": "Book", "up": "5", "taxable": "0"}}


@pytest.fixture
def client(db):
    make_tax_rate()
    return ClientFactory(country="DE")


@pytest.fixture
def whmcs():
    return api()


def offer(**more) -> dict:
    until = (clock.today() + timedelta(days=30)).strftime("%d/%m/%Y")
    return {"subject": "A shop", "stage": "Draft", "validuntil": until, "lineitems": LINES} | more


def made(whmcs, **more) -> Quote:
    return Quote.objects.get(pk=whmcs.done("CreateQuote", **offer(**more))["quoteid"])


def test_a_quote_is_written_and_read(client, whmcs):
    quote = made(whmcs, userid=client.pk, proposal="Dear", customernotes="Below", adminnotes="Ours")
    assert (quote.state, quote.net_amount, quote.tax_amount) == ("draft", D("95.00"), D("17.10"))
    answer = whmcs.done("GetQuotes", userid=client.pk, stage="draft", subject="shop")
    (record,) = answer["quotes"]["quote"]
    assert list(record) == QUOTE.split() and answer["totalresults"] == 1
    assert (record["subtotal"], record["tax1"], record["total"], record["stage"]) == ("95.00", "17.10", "112.10", "Draft")
    assert (record["proposal"], record["customernotes"], record["adminnotes"]) == ("Dear", "Below", "Ours")
    first = record["items"]["item"][0]
    assert (first["quantity"], first["unitprice"], first["discount"], first["taxable"]) == ("2", "50.00", "10.00", 1)


def test_many_quotes_cost_as_much_as_one(client, whmcs):
    costs = []
    for count in (1, 3):
        for _each in range(count):
            made(whmcs, userid=client.pk)
        costs.append(cost(lambda: whmcs.done("GetQuotes")))
    assert costs[0] == costs[1] <= 8, costs


def test_lines_come_serialised_too(client, whmcs):
    raw = 'a:1:{i:0;a:5:{s:4:"desc";s:4:"Shop";s:3:"qty";i:4;s:2:"up";s:5:"15.00";s:8:"discount";s:4:"0.00";s:7:"taxable";b:0;}}'
    sent = base64.b64encode(raw.encode()).decode()
    assert made(whmcs, userid=client.pk, lineitems=sent).total_amount == 60


def test_for_somebody_who_is_no_client(client, whmcs):
    person = {"firstname": "Ada", "lastname": "Ode", "email": "ada@people.example", "country": "DE", "currency": "1"}
    quote = made(whmcs, **person)
    assert (quote.client, quote.email, quote.addressee_name) == (None, "ada@people.example", "Ada Ode")
    assert whmcs.refused("CreateQuote", **offer(firstname="Ada")).startswith("email: ")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"stage": "Perhaps"}, "Invalid Stage"),
        ({"validuntil": "01/01/2016"}, "validuntil: This day has passed."),
        ({"lineitems": {0: {"desc": "x"}}}, "Enter a price."),
        ({"lineitems": {0: "x"}}, "lineitems is an array of arrays"),
        ({"userid": 99999}, "Client ID Not Found"),
    ],
)
def test_a_wrong_quote_is_refused(client, whmcs, more, words):
    assert words in whmcs.refused("CreateQuote", **offer(userid=client.pk) | more)
    assert not Quote.objects.exists()


def test_a_draft_changes_by_line(client, whmcs):
    quote = made(whmcs, userid=client.pk)
    line = quote.lines.first()
    whmcs.done(
        "UpdateQuote", quoteid=quote.pk, subject="A bigger shop",
        lineitems=[{"id": line.pk, "desc": "Shop, large", "up": "80"}, {"desc": "Training", "qty": "1", "up": "10"}],
    )  # fmt: skip
    quote.refresh_from_db()
    rows = [(row.description, row.quantity, row.unit_amount, row.discount_percent) for row in quote.lines.all()]
    assert rows == [("Shop, large", 2, 80, 10), ("Book", 1, 5, 0), ("Training", 1, 10, 0)]
    assert quote.subject == "A bigger shop"
    assert "is not on this quote" in whmcs.refused("UpdateQuote", quoteid=quote.pk, lineitems=[{"id": 99999, "desc": "x", "up": "1"}])


def test_stages_are_acts(client, whmcs, drain):
    quote = made(whmcs, userid=client.pk, stage="Delivered")
    assert quote.state == "delivered" and quote.number
    drain()
    assert not Message.objects.exists()
    whmcs.done("UpdateQuote", quoteid=quote.pk, stage="On Hold")
    whmcs.done("UpdateQuote", quoteid=quote.pk, stage="Delivered")
    assert "does not become a draft again" in whmcs.refused("UpdateQuote", quoteid=quote.pk, stage="Draft")
    assert "words and lines stay" in whmcs.refused("UpdateQuote", quoteid=quote.pk, subject="Other")
    whmcs.done("UpdateQuote", quoteid=quote.pk, stage="Lost")
    whmcs.done("UpdateQuote", quoteid=quote.pk, stage="Dead")
    assert Quote.objects.get(pk=quote.pk).state == "dead"
    assert "Only a draft can be deleted" in whmcs.refused("DeleteQuote", quoteid=quote.pk)


def test_sent_by_mail_and_sent_again(client, whmcs, drain):
    quote = made(whmcs, userid=client.pk)
    for count in (1, 2):
        whmcs.done("SendQuote", quoteid=quote.pk)
        drain()
        assert Message.objects.filter(kind="billing.quote_delivered").count() == count


def test_a_yes_becomes_an_invoice(client, whmcs):
    quote = made(whmcs, userid=client.pk)
    invoice = Invoice.objects.get(pk=whmcs.done("AcceptQuote", quoteid=quote.pk)["invoiceid"])
    assert (invoice.state, invoice.total_amount, invoice.client) == ("issued", D("112.10"), client)
    quote.refresh_from_db()
    assert quote.state == "accepted" and "Accepted by API" in quote.signature.agreed_text
    assert whmcs.done("AcceptQuote", quoteid=quote.pk)["invoiceid"] == invoice.pk
    assert Invoice.objects.count() == 1 and verify() == []
    assert whmcs.refused("AcceptQuote", quoteid=99999) == "Quote ID Not Found"


def test_a_draft_is_thrown_away(client, whmcs):
    quote = made(whmcs, userid=client.pk)
    assert whmcs.done("DeleteQuote", quoteid=quote.pk) == {}
    assert not Quote.objects.exists()
