"""Money that came in, charges of saved cards, transactions."""

from decimal import Decimal
from uuid import uuid4

from django.db import IntegrityError, transaction

from billing.actions.account import lock_account, open_account
from billing.actions.charge import request_charge
from billing.actions.payment import note_payment, record_payment
from billing.models import Account, Charge, Invoice, Payment, PaymentMethod
from hostbill.core import clock
from hostbill.core.events import without
from hostbill.core.money import Money
from hostbill.whmcs import find
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.actions.money_back import add_money_back, money_sent
from hostbill.whmcs.answers import listed, typed
from hostbill.whmcs.billing_words import gateway_of
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.found import client_of
from hostbill.whmcs.records.payment import REFUNDS_FROM, payment_record, transaction_records, transactions
from hostbill.whmcs.values import Values

VIEW, BOOK, CHARGE = "billing.payment.view", "billing.payment.book", "billing.charge.create"
MAIL_OF_PAYMENT = "billing.mail_on_payment_received"
#: WHMCS knows no pages of transactions: as many as this come at once.
MOST_AT_ONCE = 1000
OF_A_CHARGE = "This transaction is a charge of ours: its money is booked when the gateway says that it came"
FROZEN = "The books do not change: {name} stays {value}. Refund or cancel instead"


@action(
    "AddInvoicePayment", "Billing", needs=BOOK, required="invoiceid transid gateway date", optional="amount fees noemail",
    missing="gateway is one that is set up here, banktransfer or mailin",
)  # fmt: skip
def add_invoice_payment(call: Call) -> dict:
    """Money for one invoice; what is above its balance becomes the client's credit."""
    invoice = find.invoice(call)
    if invoice.state in (Invoice.State.DRAFT, Invoice.State.CANCELLED):
        raise Refused(f"It is not possible to add a payment to an invoice that is {invoice.state.title()}")
    sent = money_sent(call.values, "amount", invoice.currency)
    money = invoice.open if sent is None else sent
    if not money.is_positive:
        raise Refused("This invoice has no balance: send the amount that was paid" if sent is None else "amount must be above zero")
    bookmoney_sent(call, invoice.account, [invoice], money, "gateway")
    return {}


@action(
    "AddTransaction", "Billing", needs=BOOK, required="paymentmethod",
    optional="userid invoiceid transid date currencyid description amountin fees amountout rate credit allowduplicatetransid",
    missing="Money in the client's currency, so rate is not used; amountout is money that went back by hand, of an invoice or of the "
    "client's credit: what came by a gateway goes back by its refund; a transaction number is never used twice, whatever "
    "allowduplicatetransid says; what belongs to no invoice becomes credit",
)  # fmt: skip
def add_transaction(call: Call) -> dict:
    """Money for an invoice, or for the client's credit; with ``amountout`` money that went back."""
    values = call.values
    invoice = find.invoice(call) if values.whole("invoiceid") else None
    if invoice and values.flag("credit"):
        raise Refused("Send invoiceid or credit, not both")
    if invoice and invoice.state in (Invoice.State.DRAFT, Invoice.State.CANCELLED):
        raise Refused(f"It is not possible to add a payment to an invoice that is {invoice.state.title()}")
    account = invoice.account if invoice else open_account(client_of(call, "userid"))
    if values.whole("userid") not in (None, 0, account.client_id):
        raise Refused("This invoice belongs to another client")
    if values.amount("amountout"):
        return add_money_back(call, account, invoice)
    money = money_sent(values, "amountin", account.currency)
    if money is None or not money.is_positive:
        raise Refused("amountin must be above zero")
    bookmoney_sent(call, account, [invoice] if invoice else [], money, "paymentmethod")
    return {}


def bookmoney_sent(call: Call, account: Account, invoices: list, money: Money, method: str) -> Payment:
    """Book it once. Refused for a transaction number that was used before, also by somebody who asks at the same moment."""
    values = call.values
    gateway, words = gateway_of(values.text(method))
    transid = values.text("transid")[:255] or f"api-{uuid4()}"
    details = {
        "method": words,
        "fee": _fee(values, money),
        "received_at": _received_at(values),
        "note": values.text("description"),
    }
    left_out = [MAIL_OF_PAYMENT] if values.flag("noemail") else []
    with transaction.atomic(), without(*left_out):
        account = lock_account(account)
        if Payment.objects.filter(gateway=gateway, remote_id=transid).exists():
            raise Refused("Transaction ID must be Unique")
        if gateway and Charge.objects.filter(gateway=gateway, remote_id=transid).exists():
            raise Refused(OF_A_CHARGE)
        try:
            with transaction.atomic():
                return record_payment(
                    account, gateway=gateway, remote_id=transid, money=money, actor=call.actor, invoices=invoices, **details
                )
        except IntegrityError:
            raise Refused("Transaction ID must be Unique") from None


def _fee(values: Values, money: Money) -> Money | None:
    fee = money_sent(values, "fees", money.currency)
    if fee is not None and (fee.amount < 0 or fee > money):
        raise Refused("fees lie between zero and the amount")
    return fee


def _received_at(values: Values):
    """The moment at which the day began in the seller's zone; now for today. Refused for a day to come."""
    day = values.day("date") or clock.today()
    if day > clock.today():
        raise Refused("date: the day of receipt lies in the future")
    return clock.now() if day == clock.today() else clock.start_of(day)


@action("GetTransactions", "Billing", needs=VIEW, optional="invoiceid clientid transid")
def get_transactions(call: Call) -> dict:
    """Payments and refunds, oldest first; ``limitstart`` goes on where there are many."""
    values = call.values
    asked = {"invoice": values.whole("invoiceid"), "client": values.whole("clientid"), "transid": values.text("transid")}
    keys = transactions(call.actor, **asked)
    start = max(0, values.whole("limitstart", 0))
    most = min(MOST_AT_ONCE, max(0, values.whole("limitnum", MOST_AT_ONCE)))
    found = [typed(call, row, "amountin", "fees", "amountout") for row in transaction_records(keys[start : start + most])]
    counts = {"totalresults": keys.count(), "startnumber": start, "numreturned": len(found)}
    return counts | listed("transactions", "transaction", found)


@action(
    "UpdateTransaction", "Billing", needs=BOOK, required="transactionid",
    optional="refundid userid invoiceid transid date gateway currency description amountin fees amountout rate credit",
    missing="Only description changes: what is booked stays booked, and anything that differs from it is refused",
)  # fmt: skip
def update_transaction(call: Call) -> dict:
    """Another description of a payment."""
    values, number = call.values, call.values.whole("transactionid")
    if number and number > REFUNDS_FROM:
        raise Refused("A refund stays as it was booked")
    rows = Payment.objects.visible_to(call.actor).select_related("gateway", "account")
    payment = find.one(rows, number, "Transaction ID Not Found")
    _refuse_other_facts(values, payment_record(payment))
    if values.has("description"):
        note_payment(payment, note=values.text("description"), actor=call.actor)
    return {"transactionid": payment.pk}


def _refuse_other_facts(values: Values, booked: dict) -> None:
    """The same again is no change."""
    for name in ("userid", "invoiceid", "currency", "refundid"):
        if values.text(name) and values.whole(name) != booked[name]:
            raise Refused(FROZEN.format(name=name, value=booked[name]))
    for name in ("amountin", "fees", "amountout", "rate"):
        if values.text(name) and values.amount(name) != Decimal(booked[name]):
            raise Refused(FROZEN.format(name=name, value=booked[name]))
    for name in ("transid", "gateway"):
        if values.text(name) and values.text(name).lower() != booked[name].lower():
            raise Refused(FROZEN.format(name=name, value=booked[name]))
    if values.text("date") and f"{values.day('date')}" != booked["date"][:10]:
        raise Refused(FROZEN.format(name="date", value=booked["date"][:10]))
    if values.flag("credit"):
        raise Refused("credit: what a payment leaves over is credit already")


@action(
    "CapturePayment", "Billing", needs=CHARGE, required="invoiceid", optional="cvv",
    missing="The answer does not wait for the bank: success means that the charge is on its way, and GetInvoice says Payment "
    "Pending until its outcome is known; cvv is not used, since cards are stored at the gateway",
)  # fmt: skip
def capture_payment(call: Call) -> dict:
    """Charge the client's saved card for all that is open."""
    invoice = find.invoice(call, "Invoice Not Found or Not Unpaid")
    if invoice.state != Invoice.State.ISSUED:
        raise Refused("Invoice Not Found or Not Unpaid")
    method = PaymentMethod.objects.usable().filter(client=invoice.client_id).order_by("-is_default", "-pk").first()
    if method is None:
        raise Refused("Payment Attempt Failed: the client has no saved payment method")
    charge = request_charge(invoice, method, actor=call.actor)
    return {"invoiceid": invoice.pk, "status": str(charge.get_state_display())}
