"""Money in, money back: once, exactly, and the rest is credit."""

from datetime import timedelta
from decimal import Decimal as D
from threading import Thread

import pytest
from django.db import connection

from billing.actions.account import open_account
from billing.actions.credit import apply_credit, grant_credit
from billing.actions.invoice import NewLine, cancel_invoice, write_invoice
from billing.actions.payment import book_bank_payment, record_payment
from billing.actions.refund import refund_payment
from billing.models import CreditMovement, Payment, Posting
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.money import Money
from tests.billing.factories import make_order, pay, subscription_of
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


def eur(amount):
    return Money(D(amount), "EUR")


@pytest.fixture
def account(cast):
    return open_account(cast.charlie_client)


def bill(account, amount="249.95", days=14):
    lines = [NewLine("hosting", D(amount))]
    return write_invoice(account, lines, due_on=clock.today() + timedelta(days=days), actor=SYSTEM)


def test_the_same_payment_twice_is_one(account):
    invoice = bill(account, "50.00")
    first = pay(invoice, eur("50.00"), remote_id="pi_1")
    again = record_payment(
        account, gateway=None, remote_id="pi_1", money=eur("50.00"), actor=SYSTEM, invoices=[invoice]
    )
    account.refresh_from_db()
    assert first == again and Payment.objects.count() == 1
    assert (account.balance_amount, account.credit_amount) == (D(0), D(0))
    assert verify() == []


def test_one_reference_for_two_amounts_is_refused(account):
    pay(bill(account), eur("10"), remote_id="X")
    with pytest.raises(AppError) as refusal:
        pay(bill(account), eur("11"), remote_id="X")
    assert refusal.value.code == "reference_used"


@pytest.mark.django_db(transaction=True)
def test_one_payment_told_by_many_at_once():
    account = open_account(ClientFactory())
    invoice = bill(account, "10.00")

    def tell():
        try:
            record_payment(account, gateway=None, remote_id="pi", money=eur("10"), actor=SYSTEM, invoices=[invoice])
        finally:
            connection.close()

    threads = [Thread(target=tell) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Payment.objects.count() == 1
    assert verify() == []


def test_a_part_payment_keeps_the_invoice_open_and_the_service_waiting(cast):
    order = make_order(cast.charlie_client)
    pay(order.invoice, eur("4.00"))
    assert (order.invoice.state, order.invoice.open_amount) == ("issued", D("6.00"))
    assert subscription_of(order).state == "pending"
    pay(order.invoice)
    assert subscription_of(order).state == "active"
    assert verify() == []


def test_an_overpayment_becomes_credit_and_the_next_invoice_uses_it(account):
    pay(bill(account, "249.95"), eur("300.00"))
    account.refresh_from_db()
    assert account.credit_amount == D("50.05")
    following = bill(account, "249.95")
    account.refresh_from_db()
    assert (following.open_amount, account.credit_amount) == (D("199.90"), D("0.00"))
    assert account.balance_amount == D("199.90")
    assert verify() == []


def test_credit_given_before_covers_two_invoices(account):
    grant_credit(account, money=eur("300"), note="sorry", actor=SYSTEM)
    assert bill(account).state == "paid"
    following = bill(account)
    assert following.open_amount == D("199.90")
    assert verify() == []


def test_credit_can_be_used_for_an_older_invoice(account):
    invoice = bill(account, "20")
    with pytest.raises(AppError):
        apply_credit(invoice, actor=SYSTEM)
    grant_credit(account, money=eur("30"), note="sorry", actor=SYSTEM)
    assert apply_credit(invoice, actor=SYSTEM).state == "paid"
    account.refresh_from_db()
    assert account.credit_amount == D("10")
    assert verify() == []


def test_a_transfer_settles_the_oldest_first(account):
    later, sooner = bill(account, "30", days=20), bill(account, "20", days=3)
    payment = book_bank_payment(account, reference="ST-1", money=eur("25"), received_on=clock.today(), actor=SYSTEM)
    assert [(row.invoice, row.amount) for row in payment.allocations.all()] == [(sooner, D("20")), (later, D("5"))]
    with pytest.raises(AppError) as refusal:
        book_bank_payment(
            account, reference="ST-2", money=eur("5"), received_on=clock.today() + timedelta(days=1), actor=SYSTEM
        )
    assert refusal.value.field == "received_on"


def test_cancelling_a_part_paid_invoice_gives_the_money_back_as_credit(account):
    invoice = bill(account, "20")
    pay(invoice, eur("5"))
    cancelled = cancel_invoice(invoice, actor=SYSTEM, reason="wrong")
    account.refresh_from_db()
    assert (cancelled.state, cancelled.open_amount) == ("cancelled", D(0))
    assert (account.balance_amount, account.credit_amount) == (D(0), D(5))
    assert verify() == []


def test_a_refund_without_credit_note_reopens_the_balance(account):
    invoice = bill(account, "233.82")
    payment = pay(invoice)
    refund = refund_payment(payment, money=eur("233.82"), source="invoice", reason="asked", actor=SYSTEM)
    invoice.refresh_from_db()
    assert refund.state == "succeeded"
    assert (invoice.state, invoice.open_amount) == ("issued", D("233.82"))
    assert verify() == []


def test_a_refund_after_cancellation_leaves_nothing(account):
    invoice = bill(account, "233.82")
    payment = pay(invoice)
    cancel_invoice(invoice, actor=SYSTEM, reason="asked")
    refund_payment(payment, money=eur("233.82"), source="credit", reason="asked", actor=SYSTEM)
    account.refresh_from_db()
    assert (account.balance_amount, account.credit_amount) == (D(0), D(0))
    cash = sum(p.amount for p in Posting.objects.filter(ledger_account__code="cash:manual"))
    assert cash == 0
    assert verify() == []


def test_more_than_came_in_cannot_go_back(account):
    payment = pay(bill(account, "20"), eur("25"))
    refund_payment(payment, money=eur("5"), source="credit", reason="too much", actor=SYSTEM)
    refund_payment(payment, money=eur("15"), source="invoice", reason="asked", actor=SYSTEM)
    for money, source in (("6", "invoice"), ("1", "credit")):
        with pytest.raises(AppError):
            refund_payment(payment, money=eur(money), source=source, reason="again", actor=SYSTEM)
    assert verify() == []


def test_credit_rows_cannot_be_changed(account):
    grant_credit(account, money=eur("5"), note="x", actor=SYSTEM)
    with pytest.raises(Exception, match="append-only"):
        CreditMovement.objects.update(amount=50)


@pytest.mark.parametrize("amount", ["0", "-5"])
def test_senseless_amounts_are_refused(account, amount):
    with pytest.raises(AppError) as refusal:
        grant_credit(account, money=eur(amount), note="x", actor=SYSTEM)
    assert refusal.value.field == "amount"
