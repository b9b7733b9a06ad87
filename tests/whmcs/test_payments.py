"""Payments, credit and saved cards by WHMCS's actions: each number once, whatever is asked at the same moment."""

from datetime import timedelta
from decimal import Decimal as D
from threading import Barrier, Thread

import pytest
from django.db import connection

from billing.actions.account import open_account
from billing.actions.charge import settle_charge
from billing.actions.credit import grant_credit
from billing.actions.invoice import NewLine, write_invoice
from billing.actions.payment_method import save_payment_method
from billing.actions.refund import refund_payment
from billing.gateways.base import ChargeResult, SavedMethod
from billing.models import Account, Charge, Invoice, Payment
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import Message, ModuleConfig
from hostbill.core.money import Money
from tests.factories import ClientFactory
from tests.whmcs.direct import api, cost

pytestmark = pytest.mark.django_db
TRANSACTION = "id userid currency gateway date description amountin fees amountout rate transid invoiceid refundid"
PAY_METHOD = (
    "id type description gateway_name contact_type contact_id card_last_four expiry_date start_date issue_number card_type "
    "remote_token last_updated"
)


@pytest.fixture
def client(db):
    return ClientFactory()


@pytest.fixture
def whmcs():
    return api()


@pytest.fixture
def card(client):
    """A card kept at the gateway."""
    gateway = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")
    method = SavedMethod("pm_1", "cus_1", brand="visa", last4="4242", expires_month=4, expires_year=2031)
    return save_payment_method(client, gateway=gateway, method=method, actor=SYSTEM, consent_text="yes")


def bill(client, amount="30.00") -> Invoice:
    lines = [NewLine("hosting", D(amount))]
    return write_invoice(open_account(client), lines, due_on=clock.today() + timedelta(days=14), actor=SYSTEM)


def paid(invoice, transid="TX-1", **more) -> dict:
    sent = {"invoiceid": invoice.pk, "transid": transid, "gateway": "banktransfer", "date": f"{clock.today()} 10:00:00"}
    return sent | more


def credit_of(client) -> D:
    return Account.objects.get(client=client).credit_amount


def test_a_payment_settles_the_invoice(client, whmcs, drain):
    invoice = bill(client)
    assert whmcs.done("AddInvoicePayment", **paid(invoice, fees="0.50")) == {}
    invoice.refresh_from_db()
    payment = Payment.objects.get()
    assert (invoice.state, payment.amount, payment.fee_amount, payment.remote_id) == ("paid", 30, D("0.50"), "TX-1")
    assert verify() == []
    drain()
    assert "billing.payment_received" in set(Message.objects.values_list("kind", flat=True))


def test_noemail_leaves_the_mail_out_and_nothing_else(client, whmcs, drain):
    invoice = bill(client)
    drain()
    Message.objects.all().delete()
    whmcs.done("AddInvoicePayment", **paid(invoice, noemail="true"))
    drain()
    assert not Message.objects.exists() and Invoice.objects.get(pk=invoice.pk).state == "paid"


def test_what_is_above_the_balance_becomes_credit(client, whmcs):
    invoice = bill(client)
    whmcs.done("AddInvoicePayment", **paid(invoice, amount="50"))
    assert (Invoice.objects.get(pk=invoice.pk).state, credit_of(client)) == ("paid", 20)
    assert "has no balance" in whmcs.refused("AddInvoicePayment", **paid(invoice, "TX-2"))
    whmcs.done("AddInvoicePayment", **paid(invoice, "TX-2", amount="5"))
    assert credit_of(client) == 25 and verify() == []


def test_a_part_leaves_the_rest_open(client, whmcs):
    invoice = bill(client)
    whmcs.done("AddInvoicePayment", **paid(invoice, amount="10.00"))
    found = whmcs.done("GetInvoice", invoiceid=invoice.pk)
    assert (found["status"], found["total"], found["balance"]) == ("Unpaid", "30.00", "20.00")


def test_a_transaction_number_is_used_once(client, whmcs):
    first, second = bill(client), bill(ClientFactory())
    whmcs.done("AddInvoicePayment", **paid(first))
    for again in (first, second):
        assert whmcs.refused("AddInvoicePayment", **paid(again, amount="30")) == "Transaction ID must be Unique"
    add = {"userid": client.pk, "paymentmethod": "banktransfer", "transid": "TX-1", "amountin": "1", "allowduplicatetransid": "1"}
    assert whmcs.refused("AddTransaction", **add) == "Transaction ID must be Unique"
    assert Payment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_client", [True, False])
def test_two_at_the_same_moment_book_it_once(same_client):
    first = bill(ClientFactory())
    second = bill(first.client if same_client else ClientFactory())
    said, gate = [], Barrier(2)

    def book(invoice):
        gate.wait()
        try:
            api().done("AddInvoicePayment", **paid(invoice))
            said.append("booked")
        except Exception as error:
            said.append(str(getattr(error, "message", error)))
        finally:
            connection.close()

    threads = [Thread(target=book, args=[invoice]) for invoice in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(said) == ["Transaction ID must be Unique", "booked"]
    assert Payment.objects.count() == 1 and verify() == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"invoiceid": 99999}, "Invoice ID Not Found"),
        ({"gateway": "paypal"}, "Invalid Payment Method"),
        ({"date": "2999-01-01"}, "lies in the future"),
        ({"date": "soon"}, "date must be a date"),
        ({"amount": "0"}, "amount must be above zero"),
        ({"amount": "-3"}, "amount must be above zero"),
        ({"amount": "1.234"}, "amount has more decimals than EUR has"),
        ({"amount": "10", "fees": "11"}, "fees lie between zero and the amount"),
    ],
)
def test_a_wrong_payment_is_refused(client, whmcs, more, words):
    assert words in whmcs.refused("AddInvoicePayment", **paid(bill(client)) | more)
    assert not Payment.objects.exists()


def test_drafts_and_cancelled_invoices_take_no_money(client, whmcs):
    draft = whmcs.done("CreateInvoice", userid=client.pk, draft="1", itemdescription1="x", itemamount1="5")
    words = "It is not possible to add a payment to an invoice that is Draft"
    assert whmcs.refused("AddInvoicePayment", **paid(Invoice.objects.get(pk=draft["invoiceid"]))) == words


def test_a_transaction_without_invoice_is_credit(client, whmcs):
    sent = {"paymentmethod": "mailin", "userid": client.pk, "amountin": "12.50", "date": clock.today().strftime("%d/%m/%Y")}
    whmcs.done("AddTransaction", **sent, credit="1", description="Cheque 77")
    assert credit_of(client) == D("12.50")
    (found,) = whmcs.done("GetTransactions", clientid=client.pk)["transactions"]["transaction"]
    assert sorted(found) == sorted(TRANSACTION.split())
    assert (found["description"], found["amountin"], found["invoiceid"]) == ("Cheque 77", "12.50", 0)
    assert "not both" in whmcs.refused("AddTransaction", **sent, credit="1", invoiceid=bill(client).pk)
    assert whmcs.refused("AddTransaction", paymentmethod="mailin", amountin="3") == "Client ID Not Found"


def test_money_that_went_back_by_hand(client, whmcs, card):
    invoice = bill(client)
    whmcs.done("AddInvoicePayment", **paid(invoice, amount="45"))
    back = {"paymentmethod": "banktransfer", "description": "Sent back"}
    whmcs.done("AddTransaction", **back, invoiceid=invoice.pk, amountout="10", transid="OUT-1")
    assert whmcs.done("GetInvoice", invoiceid=invoice.pk)["balance"] == "10.00"
    went = whmcs.done("GetTransactions", transid="OUT-1")["transactions"]["transaction"][0]
    assert (went["amountout"], went["description"], went["invoiceid"]) == ("10.00", "Sent back", invoice.pk)
    again = back | {"userid": client.pk, "amountout": "15"}
    assert whmcs.refused("AddTransaction", **again, transid="OUT-1") == "Transaction ID must be Unique"
    whmcs.done("AddTransaction", **again, transid="OUT-2")
    assert credit_of(client) == 0 and verify() == []
    assert "no payment by hand" in whmcs.refused("AddTransaction", **again | {"amountout": "900"})
    assert "not both" in whmcs.refused("AddTransaction", **again, amountin="3")
    other = bill(client)
    whmcs.done("CapturePayment", invoiceid=other.pk)
    settle_charge(Charge.objects.get(), ChargeResult("succeeded", "pi_1", Money(D("30.00"), "EUR")))
    assert "no payment by hand" in whmcs.refused("AddTransaction", **back, invoiceid=other.pk, amountout="3")


def test_transactions_are_found_and_refunds_are_among_them(client, whmcs):
    invoice = bill(client)
    whmcs.done("AddInvoicePayment", **paid(invoice))
    payment = Payment.objects.get()
    refund_payment(payment, money=Money(D("4.00"), "EUR"), source="invoice", reason="Too much", actor=SYSTEM)
    answer = whmcs.done("GetTransactions", invoiceid=invoice.pk)
    came, went = answer["transactions"]["transaction"]
    assert (answer["totalresults"], answer["numreturned"]) == (2, 2)
    assert (came["id"], came["amountin"], came["transid"]) == (payment.pk, "30.00", "TX-1")
    assert (went["amountout"], went["refundid"], went["invoiceid"]) == ("4.00", payment.pk, invoice.pk)
    assert whmcs.done("GetTransactions", transid="TX-1")["totalresults"] == 1
    assert whmcs.done("GetTransactions", limitstart=1)["transactions"]["transaction"] == [went]
    assert whmcs.done("GetTransactions", transid="nothing")["transactions"] == {"transaction": []}
    assert len(whmcs.done("GetInvoice", invoiceid=invoice.pk)["transactions"]["transaction"]) == 2


def test_many_transactions_cost_as_much_as_one(client, whmcs):
    costs = []
    for count in (1, 3):
        for number in range(count):
            whmcs.done("AddInvoicePayment", **paid(bill(client), f"TX-{count}-{number}"))
        costs.append(cost(lambda: whmcs.done("GetTransactions", clientid=client.pk)))
    assert costs[0] == costs[1] <= 8, costs


def test_only_the_description_of_a_transaction_changes(client, whmcs):
    whmcs.done("AddInvoicePayment", **paid(bill(client)))
    payment = Payment.objects.get()
    same = {"amountin": "30", "transid": "TX-1", "date": f"{clock.today()}", "userid": client.pk, "rate": "1.00000"}
    answer = whmcs.done("UpdateTransaction", transactionid=payment.pk, description="Corrected", **same)
    assert answer == {"transactionid": payment.pk} and Payment.objects.get().note == "Corrected"
    others = {"amountin": "31", "transid": "TX-9", "fees": "1", "userid": "77", "gateway": "stripe", "date": "2020-01-01"}
    for name, value in others.items():
        assert f"{name} stays" in whmcs.refused("UpdateTransaction", transactionid=payment.pk, **{name: value})
    assert whmcs.refused("UpdateTransaction", transactionid=99999, description="x") == "Transaction ID Not Found"


def test_credit_is_given_and_used(client, whmcs):
    given = whmcs.done("AddCredit", clientid=client.pk, description="Sorry", amount="40.00")
    assert given == {"newbalance": "40.00"}
    invoice = bill(client, "10.00")
    assert Invoice.objects.get(pk=invoice.pk).state == "paid"
    rows = whmcs.done("GetCredits", clientid=client.pk)
    assert [(row["amount"], row["relid"]) for row in rows["credits"]["credit"]] == [("40.00", 0), ("-10.00", invoice.pk)]
    assert (rows["totalresults"], rows["clientid"]) == (2, client.pk) and verify() == []
    assert whmcs.refused("AddCredit", clientid=client.pk, description="x", amount="0") == "No Amount Provided"
    assert "not removed" in whmcs.refused("AddCredit", clientid=client.pk, description="x", amount="1", type="remove")
    assert whmcs.refused("GetCredits", clientid=99999) == "Client ID Not Found"


def test_credit_is_applied_as_far_as_is_asked(client, whmcs):
    invoice = bill(client)
    grant_credit(open_account(client), money=Money(D("50.00"), "EUR"), note="x", actor=SYSTEM)
    assert whmcs.refused("ApplyCredit", invoiceid=invoice.pk, amount="60") == "Amount exceeds customer credit balance"
    assert whmcs.refused("ApplyCredit", invoiceid=invoice.pk, amount="31") == "Amount Exceeds Invoice Balance"
    assert whmcs.refused("ApplyCredit", invoiceid=invoice.pk, amount="0") == "Credit Amount to apply must be greater than zero"
    part = whmcs.done("ApplyCredit", invoiceid=invoice.pk, amount="10.00")
    assert part == {"invoiceid": invoice.pk, "amount": "10.00", "invoicepaid": "false"} and credit_of(client) == 40
    rest = whmcs.done("ApplyCredit", invoiceid=invoice.pk, amount="full", noemail="1")
    assert (rest["amount"], rest["invoicepaid"]) == ("20.00", "true") and credit_of(client) == 20 and verify() == []
    assert whmcs.refused("ApplyCredit", invoiceid=invoice.pk) == "Invoice Not in Unpaid Status"


def test_a_capture_charges_the_saved_card(client, whmcs, card):
    invoice = bill(client)
    whmcs.done("CapturePayment", invoiceid=invoice.pk)
    charge = Charge.objects.get()
    assert (charge.payment_method, charge.amount, charge.state) == (card, 30, "queued")
    assert whmcs.done("GetInvoice", invoiceid=invoice.pk)["status"] == "Payment Pending"
    assert [row["id"] for row in whmcs.done("GetInvoices", status="Payment Pending")["invoices"]["invoice"]] == [invoice.pk]
    settle_charge(charge, ChargeResult("succeeded", "pi_1", Money(D("30.00"), "EUR")))
    found = whmcs.done("GetInvoice", invoiceid=invoice.pk)
    assert (found["status"], found["paymentmethod"], found["ccgateway"]) == ("Paid", "stripe", True)
    assert whmcs.refused("CapturePayment", invoiceid=invoice.pk) == "Invoice Not Found or Not Unpaid"


def test_the_number_of_a_charge_belongs_to_its_money(client, whmcs, card):
    """Neither while it is open nor when it failed; and money that came is booked though somebody took its number before."""
    invoice = bill(client)
    whmcs.done("CapturePayment", invoiceid=invoice.pk)
    charge = Charge.objects.get()
    settle_charge(charge, ChargeResult("processing", "pi_1", Money(D("30.00"), "EUR")))
    add = {"userid": client.pk, "paymentmethod": "stripe", "transid": "pi_1", "amountin": "30"}
    for name, sent in (("AddInvoicePayment", paid(invoice, "pi_1", gateway="stripe")), ("AddTransaction", add)):
        assert "charge of ours" in whmcs.refused(name, **sent)
    Charge.objects.update(remote_id="")
    other = bill(ClientFactory(), "7.00")
    whmcs.done("AddInvoicePayment", **paid(other, "pi_1", gateway="stripe"))
    settle_charge(charge, ChargeResult("succeeded", "pi_1", Money(D("30.00"), "EUR")))
    assert Invoice.objects.get(pk=invoice.pk).state == "paid"
    assert Payment.objects.get(charge=charge).remote_id == "pi_1" and Payment.objects.count() == 2 and verify() == []


def test_nothing_is_captured_without_a_card(client, whmcs):
    assert "no saved payment method" in whmcs.refused("CapturePayment", invoiceid=bill(client).pk)


def test_saved_cards_are_told_and_forgotten(client, whmcs, card):
    found = whmcs.done("GetPayMethods", clientid=client.pk, type="CreditCard")
    (row,) = found["paymethods"]
    assert list(row) == PAY_METHOD.split() and found["clientid"] == client.pk
    assert (row["type"], row["card_last_four"], row["expiry_date"], row["gateway_name"]) == ("RemoteCreditCard", "4242", "04/31", "stripe")
    assert whmcs.done("GetPayMethods", clientid=client.pk, type="BankAccount")["paymethods"] == []
    both = {"clientid": client.pk, "paymethodid": card.pk}
    assert whmcs.done("UpdatePayMethod", **both, set_as_default="1") == both
    assert whmcs.refused("UpdatePayMethod", **both) == "No Details Provided for Update"
    foreign = both | {"clientid": ClientFactory().pk}
    assert whmcs.refused("DeletePayMethod", **foreign) == "Pay Method does not belong to passed Client ID"
    assert whmcs.done("DeletePayMethod", **both) == both
    assert whmcs.done("GetPayMethods", clientid=client.pk)["paymethods"] == []
    assert whmcs.refused("DeletePayMethod", **both) == "Invalid Pay Method ID"


def test_card_numbers_are_not_taken(client, whmcs, card):
    number = {"card_number": "4242424242424242", "card_expiry": "0131"}
    assert "never reach this server" in whmcs.refused("UpdatePayMethod", clientid=client.pk, paymethodid=card.pk, **number)
