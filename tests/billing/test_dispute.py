"""Chargebacks: the invoice opens again, the fee is a cost, a won dispute restores; in any order, once."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.collection import collectable, default_method
from billing.actions.dispute import settle_dispute
from billing.actions.invoice import NewLine, cancel_invoice, write_invoice
from billing.actions.payment import record_payment
from billing.actions.refund import refund_payment
from billing.gateways.base import DisputeResult
from billing.jobs import charge_due_invoices, fetch_missed_events
from billing.models import Dispute, Payment, Posting
from billing.options import SPARE_DISPUTED_CARDS
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Message, ModuleConfig
from hostbill.core.money import Money
from hostbill.core.options import set_option
from tests.billing.factories import pay
from tests.billing.shop import Shop, run, work

pytestmark = pytest.mark.django_db


def eur(amount):
    return Money(D(amount), "EUR")


def bill(account, amount="100.00"):
    return write_invoice(account, [NewLine("hosting", D(amount))], due_on=clock.today(), actor=SYSTEM)


def in_books(family):
    return sum(p.amount for p in Posting.objects.filter(ledger_account__code__startswith=family))


@pytest.fixture
def account(cast):
    return open_account(cast.charlie_client)


@pytest.fixture
def paid(account):
    """An invoice of 100 paid by card."""
    gateway = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")
    invoice = bill(account)
    return record_payment(
        account, gateway=gateway, remote_id="pi_0", money=invoice.total, actor=SYSTEM, invoices=[invoice]
    )


def tell(payment, state, *, fee="15.00", amount=None, remote_id="du_1"):
    money = eur(amount) if amount else payment.money
    result = DisputeResult(state, remote_id, payment.remote_id, money, eur(fee), "fraudulent")
    return settle_dispute(payment, result)


def test_a_chargeback_reopens_the_invoice_and_costs_its_fee(paid):
    for _time in range(3):
        dispute = tell(paid, "open")
    invoice = dispute.invoice
    assert (invoice.state, invoice.open_amount) == ("issued", D(100))
    moves = Posting.objects.filter(entry__key__startswith="dispute:")
    found = {
        code: sum(p.amount for p in moves if p.ledger_account.code.startswith(code))
        for code in ("receivable", "cash", "fees")
    }
    assert found == {"receivable": D(100), "cash": D(-115), "fees": D(15)}
    assert verify() == []


def test_a_won_dispute_restores_and_a_lost_one_stays(paid):
    tell(paid, "open")
    tell(paid, "won")
    paid.allocations.get().invoice.refresh_from_db()
    assert paid.allocations.get().invoice.state == "paid"
    assert (in_books("receivable"), in_books("fees")) == (0, D(15))
    tell(paid, "lost")
    assert paid.allocations.get().invoice.open_amount == D(100)
    assert verify() == []
    tell(paid, "won", fee="0")
    assert (in_books("receivable"), in_books("fees")) == (0, 0)
    assert verify() == []


def test_what_never_took_money_is_not_booked(paid):
    assert tell(paid, "won") is None
    assert not Dispute.objects.exists()


def test_money_back_after_the_invoice_was_paid_otherwise_is_credit(paid, account):
    invoice = tell(paid, "open").invoice
    pay(invoice)
    tell(paid, "won")
    account.refresh_from_db()
    assert (account.balance_amount, account.credit_amount) == (D(0), D(100))
    assert verify() == []


def test_money_back_after_the_invoice_was_cancelled_is_credit(paid, account):
    cancel_invoice(tell(paid, "open").invoice, actor=SYSTEM, reason="fraud")
    assert verify() == []
    tell(paid, "won")
    account.refresh_from_db()
    assert (account.balance_amount, account.credit_amount) == (D(0), D(100))
    assert verify() == []


def test_a_chargeback_of_what_became_credit_takes_what_is_left_of_it(paid, account):
    cancel_invoice(paid.allocations.get().invoice, actor=SYSTEM, reason="wrong")
    bill(account, "60.00")
    tell(paid, "open")
    account.refresh_from_db()
    assert (account.credit_amount, in_books("chargebacks")) == (D(0), D(60))
    assert verify() == []
    tell(paid, "won")
    account.refresh_from_db()
    assert (account.credit_amount, in_books("chargebacks")) == (D(40), D(0))
    assert verify() == []


def test_refunds_and_chargebacks_together_never_exceed_the_payment(paid):
    tell(paid, "open", amount="70.00")
    for source, amount in (("invoice", "40.00"), ("invoice", "31.00")):
        with pytest.raises(AppError):
            refund_payment(paid, money=eur(amount), source=source, reason="asked", actor=SYSTEM)
    refund_payment(paid, money=eur("30.00"), source="invoice", reason="asked", actor=SYSTEM)
    assert paid.allocations.get().invoice.open_amount == D(100)
    assert verify() == []


def test_a_chargeback_after_a_refund_reopens_only_the_rest(paid):
    refund_payment(paid, money=eur("30.00"), source="invoice", reason="asked", actor=SYSTEM)
    dispute = tell(paid, "open")
    assert (dispute.invoice.open_amount, in_books("chargebacks")) == (D(100), D(30))
    assert verify() == []


def test_the_gateway_tells_and_nothing_is_charged_again_by_itself(shop, drain):
    shop.save_card("pm_card_visa")
    invoice = shop.bill()
    run(charge_due_invoices)
    payment = Payment.objects.get()
    opened = shop.control("dispute", {"payment_intent": payment.remote_id})
    run(fetch_missed_events)
    work()
    invoice.refresh_from_db()
    dispute = Dispute.objects.get()
    assert (dispute.state, invoice.state, invoice.open_amount) == ("open", "issued", D("20.00"))
    assert not collectable(clock.today()).exists()
    assert run(charge_due_invoices) == {}
    shop.control("decide", {"dispute": opened["id"], "outcome": "won"})
    clock.move_to(clock.now() + timedelta(hours=1))
    run(fetch_missed_events)
    work()
    invoice.refresh_from_db()
    dispute.refresh_from_db()
    assert (dispute.state, invoice.state) == ("won", "paid")
    assert verify() == []
    drain()
    assert not Message.objects.filter(kind="billing.charge_failed").exists()


def test_a_card_whose_owner_disputes_a_payment_is_not_charged_by_itself(sandbox, cast):
    """Not for the next renewal either, until the dispute is over; another card is."""
    sandbox.control("stripe", "reset", {})
    shop = Shop(sandbox, cast.alice_client)
    shop.save_card("pm_card_visa")
    first = shop.bill()
    run(charge_due_invoices)
    tell(Payment.objects.get(allocations__invoice=first), "open")
    second = shop.bill()
    run(charge_due_invoices)
    assert not second.charges.exists() and default_method(shop.client) is None
    tell(Payment.objects.get(), "lost")
    run(charge_due_invoices)
    second.refresh_from_db()
    assert second.state == "paid" and verify() == []


@pytest.mark.parametrize("spare", [True, False])
def test_a_card_kept_at_a_disputed_checkout_is_spared_by_option(sandbox, cast, spare):
    set_option(SPARE_DISPUTED_CARDS, spare, SYSTEM)
    sandbox.control("stripe", "reset", {})
    shop = Shop(sandbox, cast.alice_client)
    charge = shop.open_form(shop.bill())
    shop.confirm(charge, "tok_visa")
    shop.ask(charge)
    old = default_method(shop.client)
    tell(Payment.objects.get(), "open")
    assert default_method(shop.client) == (None if spare else old)
    new = shop.save_card("pm_card_mastercard")
    assert new.is_default and default_method(shop.client) == new


def test_one_payment_for_several_invoices_opens_all_of_them_and_closes_them_again(account):
    """Part of it first, then won: nothing is lost, nothing is left over."""
    gateway = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")
    first, second = bill(account, "10.00"), bill(account, "20.00")
    payment = record_payment(
        account, gateway=gateway, remote_id="pi_both", money=eur("30"), actor=SYSTEM, invoices=[first, second]
    )
    tell(payment, "open", amount="25.00", fee="0.00")
    for invoice in (first, second):
        invoice.refresh_from_db()
    assert (first.open_amount, second.open_amount, in_books("chargebacks")) == (D(5), D(20), D(0)) and verify() == []
    pay(second)  # meanwhile the client pays one of them in another way
    tell(payment, "won", amount="25.00", fee="0.00")
    account.refresh_from_db()
    first.refresh_from_db()
    assert (first.state, account.credit_amount) == ("paid", D(20)) and verify() == []
    tell(payment, "lost", amount="25.00", fee="0.00")
    account.refresh_from_db()
    owed = account.balance_amount - account.credit_amount
    assert (owed, in_books("chargebacks")) == (D(5), D(0)) and verify() == []
