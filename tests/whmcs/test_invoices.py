"""Invoices by WHMCS's actions: what is written, what stays, what programs read."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied

from billing.actions.account import open_account
from billing.models import Invoice
from billing.queries.books import verify
from clients.models import EInvoiceWish
from hostbill.core import clock, counting
from hostbill.core.models import Message
from tests.billing.factories import active_subscription, make_order, make_tax_rate, pay
from tests.factories import ClientFactory
from tests.whmcs.direct import api, cost

pytestmark = pytest.mark.django_db
RECORD = (
    "id userid firstname lastname companyname invoicenum date duedate datepaid last_capture_attempt date_refunded date_cancelled "
    "subtotal credit tax tax2 total taxrate taxrate2 status paymentmethod paymethodid notes created_at updated_at currencycode "
    "currencyprefix currencysuffix"
)
DETAIL = (
    "invoiceid invoicenum userid date duedate datepaid lastcaptureattempt subtotal credit tax tax2 total balance taxrate taxrate2 "
    "status paymentmethod notes ccgateway items transactions"
)
ONE = {"itemdescription1": "Consulting", "itemamount1": "100.00", "itemtaxed1": "1"}


@pytest.fixture
def client(db):
    make_tax_rate()
    return ClientFactory(country="DE", company="Brandt Keramik")


@pytest.fixture
def whmcs():
    return api()


def fresh(answer) -> Invoice:
    return Invoice.objects.get(pk=answer["invoiceid"])


def day(days=0) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def test_an_invoice_is_issued_quietly(client, whmcs, drain):
    answer = whmcs.done(
        "CreateInvoice", userid=client.pk, date=day(), duedate=day(7), notes="Thanks", taxrate="19.00", paymentmethod="banktransfer",
        **ONE, itemdescription2="Book", itemamount2="5.5", itemtaxed2="0",
    )  # fmt: skip
    invoice = fresh(answer)
    assert answer == {"invoiceid": invoice.pk, "status": "Unpaid"}
    assert (invoice.number, invoice.net_amount, invoice.tax_amount) != (None, 0, 0)
    assert (invoice.net_amount, invoice.tax_amount, invoice.notes) == (D("105.50"), D("19.00"), "Thanks")
    assert invoice.due_on == clock.today() + timedelta(days=7)
    assert open_account(client).balance_amount == D("124.50")
    drain()
    assert not Message.objects.exists()
    assert verify() == []


def test_sendinvoice_sends_it(client, whmcs, drain):
    whmcs.done("CreateInvoice", userid=client.pk, sendinvoice="1", **ONE)
    drain()
    assert [mail.kind for mail in Message.objects.all()] == ["billing.invoice_issued"]


def test_a_quiet_invoice_has_its_e_invoice(client, whmcs, drain):
    client.einvoice = EInvoiceWish.values[-1]
    client.save()
    invoice = fresh(whmcs.done("CreateInvoice", userid=client.pk, **ONE))
    assert [row.with_mail for row in invoice.einvoices.all()] == [False]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"draft": "1", "sendinvoice": "1", **ONE}, "Cannot create and send a draft invoice in a single API request"),
        ({"status": "Paid", **ONE}, "becomes Paid by what happens to it"),
        ({"status": "Nonsense", **ONE}, "Invalid status Nonsense"),
        ({"taxrate": "7", **ONE}, "taxrate: the tax of this client is 19 %"),
        ({"date": "2016-01-01", **ONE}, "an invoice bears the day on which it is issued"),
        ({"duedate": "2016-01-08", **ONE}, "duedate: This day has passed."),
        ({"paymentmethod": "paypal", **ONE}, "Invalid Payment Method"),
        ({}, "at least one item"),
        ({"itemdescription1": "x"}, "item 1 needs a description and an amount"),
        ({**ONE, "itemamount1": "-5"}, "The total of an invoice cannot be negative."),
        ({**ONE, "itemamount1": "1e3"}, "itemamount1 must be an amount"),
    ],
)
def test_what_cannot_be_is_refused(client, whmcs, sent, words):
    assert words in whmcs.refused("CreateInvoice", userid=client.pk, **sent)
    assert not Invoice.objects.exists()


def test_a_foreign_client_is_not_found(client, whmcs):
    assert whmcs.refused("CreateInvoice", userid=client.pk + 999, **ONE) == "Client ID Not Found"
    blind = api("billing.invoice.create")
    assert blind.refused("CreateInvoice", userid=client.pk, **ONE) == "Client ID Not Found"


def test_a_draft_changes_and_is_published(client, whmcs, drain):
    answer = whmcs.done("CreateInvoice", userid=client.pk, draft="true", **ONE, itemdescription2="Out", itemamount2="9")
    assert answer["status"] == "Draft"
    first, second = fresh(answer).lines.all()
    whmcs.done(
        "UpdateInvoice",
        invoiceid=answer["invoiceid"],
        itemdescription={first.pk: "Consulting, two days"},
        itemamount={first.pk: "150"},
        itemtaxed={first.pk: "1"},
        deletelineids=[second.pk],
        newitemdescription=["Travel"],
        newitemamount=["20"],
        newitemtaxed=["0"],
        duedate=day(20),
        notes="Ours",
    )
    invoice = fresh(answer)
    assert [(line.description, line.net_amount) for line in invoice.lines.all()] == [
        ("Consulting, two days", 150), ("Travel", 20),
    ]  # fmt: skip
    assert (invoice.state, invoice.tax_amount, invoice.notes) == ("draft", D("28.50"), "Ours")
    whmcs.done("UpdateInvoice", invoiceid=invoice.pk, publish="1")
    drain()
    assert fresh(answer).state == "issued" and not Message.objects.exists()
    assert whmcs.refused("UpdateInvoice", invoiceid=invoice.pk, publish="1") == "Invoice must be in Draft status to be published"


def test_publishing_can_send_the_mail(client, whmcs, drain):
    answer = whmcs.done("CreateInvoice", userid=client.pk, status="Draft", **ONE)
    whmcs.done("UpdateInvoice", invoiceid=answer["invoiceid"], publishandsendemail="true")
    drain()
    assert [mail.kind for mail in Message.objects.all()] == ["billing.invoice_issued"]


def test_the_item_of_a_service_names_it(client, whmcs):
    invoice = make_order(client).invoice
    copy = whmcs.done("GetInvoice", invoiceid=invoice.pk)
    item = copy["items"]["item"][0]
    line = invoice.lines.get()
    assert (item["type"], item["relid"], item["id"], item["taxed"]) == ("Hosting", line.subscription_id, line.pk, 1)


def test_what_is_issued_stays(client, whmcs):
    invoice = fresh(whmcs.done("CreateInvoice", userid=client.pk, **ONE))
    line = invoice.lines.get()
    frozen = [
        {"newitemdescription": ["More"], "newitemamount": ["5"], "newitemtaxed": ["0"]},
        {"itemdescription": {line.pk: "x"}, "itemamount": {line.pk: "1"}, "itemtaxed": {line.pk: "1"}},
        {"deletelineids": [line.pk]},
        {"notes": "other"},
        {"duedate": day(99)},
    ]
    for sent in frozen:
        assert "This invoice is issued" in whmcs.refused("UpdateInvoice", invoiceid=invoice.pk, **sent)
    for sent in ({"status": "Paid"}, {"status": "Refunded"}, {"credit": "5"}, {"datepaid": day()}, {"taxrate": "0"}):
        whmcs.refused("UpdateInvoice", invoiceid=invoice.pk, **sent)
    same = {"notes": "", "duedate": invoice.due_on.isoformat(), "taxrate": "19", "credit": "0.00", "status": "Unpaid", "date": day()}
    assert whmcs.done("UpdateInvoice", invoiceid=invoice.pk, **same) == {"invoiceid": invoice.pk}
    assert fresh({"invoiceid": invoice.pk}).total_amount == D("119.00")


def test_cancelled_by_the_product_s_own_way(client, whmcs):
    invoice = fresh(whmcs.done("CreateInvoice", userid=client.pk, **ONE))
    writer = api("billing.invoice.create", "billing.invoice.view", "clients.client.view")
    with pytest.raises(PermissionDenied):
        writer.done("UpdateInvoice", invoiceid=invoice.pk, status="Cancelled")
    whmcs.done("UpdateInvoice", invoiceid=invoice.pk, status="cancelled")
    invoice.refresh_from_db()
    assert invoice.state == "cancelled" and invoice.credit_notes.count() == 1
    assert whmcs.done("GetInvoice", invoiceid=invoice.pk)["status"] == "Cancelled"
    assert open_account(client).balance_amount == 0 and verify() == []


def test_collections_and_back(client, whmcs, move_clock):
    invoice = fresh(whmcs.done("CreateInvoice", userid=client.pk, **ONE))
    assert "Only an overdue invoice" in whmcs.refused("UpdateInvoice", invoiceid=invoice.pk, status="Collections")
    move_clock(20)
    whmcs.done("UpdateInvoice", invoiceid=invoice.pk, status="Collections")
    assert whmcs.done("GetInvoice", invoiceid=invoice.pk)["status"] == "Collections"
    assert whmcs.done("GetInvoices", status="collections")["totalresults"] == 1
    whmcs.done("UpdateInvoice", invoiceid=invoice.pk, status="Unpaid")
    assert whmcs.done("GetInvoices", status="Overdue")["invoices"]["invoice"][0]["status"] == "Unpaid"


def test_the_records_have_every_documented_key(client, whmcs):
    active_subscription(client)
    answer = whmcs.done("GetInvoices")
    record = answer["invoices"]["invoice"][0]
    assert list(record) == RECORD.split()
    assert (answer["totalresults"], answer["startnumber"], answer["numreturned"]) == (1, 0, 1)
    assert (record["status"], record["subtotal"], record["tax"], record["total"]) == ("Paid", "10.00", "1.90", "11.90")
    assert (record["currencycode"], record["currencyprefix"], record["taxrate"]) == ("EUR", "€", "19.00")
    detail = whmcs.done("GetInvoice", invoiceid=record["id"])
    assert list(detail) == DETAIL.split()
    (paid,) = detail["transactions"]["transaction"]
    assert (paid["amountin"], paid["gateway"], paid["invoiceid"], detail["balance"]) == ("11.90", "banktransfer", record["id"], "0.00")
    unpaid = whmcs.done("CreateInvoice", userid=client.pk, **ONE)
    assert whmcs.done("GetInvoice", invoiceid=unpaid["invoiceid"])["transactions"] == ""
    assert whmcs.refused("GetInvoice", invoiceid=99999) == "Invoice ID Not Found"


def test_credit_is_off_the_total_as_in_whmcs(client, whmcs):
    whmcs.done("AddCredit", clientid=client.pk, description="Sorry", amount="19.00")
    answer = whmcs.done("CreateInvoice", userid=client.pk, **ONE)
    found = whmcs.done("GetInvoice", invoiceid=answer["invoiceid"])
    assert (found["subtotal"], found["tax"], found["credit"], found["total"], found["balance"]) == (
        "100.00", "19.00", "19.00", "100.00", "100.00",
    )  # fmt: skip


def test_lists_are_filtered_sorted_and_paged(client, whmcs):
    other = ClientFactory(country="DE")
    ids = [whmcs.done("CreateInvoice", userid=client.pk, **ONE | {"itemamount1": f"{n}"})["invoiceid"] for n in (3, 1, 2)]
    whmcs.done("CreateInvoice", userid=other.pk, draft="1", **ONE)
    pay(Invoice.objects.get(pk=ids[1]))

    def found(**asked):
        return [row["id"] for row in whmcs.done("GetInvoices", **asked)["invoices"]["invoice"]]

    assert found(userid=client.pk) == ids[::-1]
    assert found(userid=client.pk, orderby="total", order="asc") == [ids[1], ids[2], ids[0]]
    assert found(userid=client.pk, orderby="invoicenumber", order="asc", limitstart=1, limitnum=1) == [ids[1]]
    assert found(status="Unpaid") == [ids[2], ids[0]] and found(status="Paid") == [ids[1]]
    assert len(found(status="Draft")) == 1 and found(status="Overdue") == found(status="Payment Pending") == []
    assert found(limitnum=0) == []
    assert "orderby is one of" in whmcs.refused("GetInvoices", orderby="notes")


def test_a_list_costs_the_same_for_one_and_for_many(client, whmcs):
    active_subscription(client)
    one = cost(lambda: whmcs.done("GetInvoices"))
    for _each in range(3):
        active_subscription(ClientFactory(country="DE"))
    assert cost(lambda: whmcs.done("GetInvoices")) == one <= 12


def test_what_takes_long_to_count_is_counted_once(client, whmcs, monkeypatch):
    """The total may be half a minute old in a large house; the rows never are."""
    monkeypatch.setattr(counting, "QUICK", -1)
    whmcs.done("CreateInvoice", userid=client.pk, **ONE)
    assert whmcs.done("GetInvoices")["totalresults"] == 1
    whmcs.done("CreateInvoice", userid=client.pk, **ONE)
    later = whmcs.done("GetInvoices")
    assert (later["totalresults"], later["numreturned"]) == (1, 2)
    assert whmcs.done("GetInvoices", userid=client.pk)["totalresults"] == 2
    cache.clear()
    assert whmcs.done("GetInvoices")["totalresults"] == 2
