"""Refunds made in the gateway's own dashboard are booked once, whatever they were for; and what gateways cannot return."""

from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.gateway_event import receive_event
from billing.actions.payment import record_payment
from billing.actions.refund import refund_payment, settle_foreign_refund
from billing.gateways.base import RefundResult
from billing.jobs import charge_due_invoices, fetch_missed_events
from billing.models import GatewayEvent, Invoice, Payment, Posting, Refund
from billing.queries.books import verify
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Change, Message
from hostbill.core.money import Money
from tests.billing.shop import Shop, run, work
from tests.factories import ClientFactory, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(sandbox, cast):
    """A shop with a saved card."""
    sandbox.control("stripe", "reset", {})
    shop = Shop(sandbox, cast.alice_client)
    shop.save_card("pm_card_visa")
    return shop


def eur(amount):
    return Money(D(amount), "EUR")


def paid(shop, amount="20.00") -> Payment:
    invoice = shop.bill(amount)
    run(charge_due_invoices)
    return Payment.objects.get(allocations__invoice=invoice)


def in_dashboard(shop, payment, amount=None) -> str:
    """Somebody at Stripe returns money; nothing reached us yet."""
    params = {"payment_intent": payment.remote_id} | ({"amount": int(D(amount) * 100)} if amount else {})
    return shop.driver.api.refunds.create(params).id


def hear(shop, *, only=""):
    """The messages of Stripe arrive, in the order it lists them (newest first) and twice."""
    for _time in range(2):
        for event in shop.driver.recent_events():
            if not only or event.type == only:
                receive_event(shop.gateway, event)
        work()


def invoice_of(payment) -> Invoice:
    return payment.allocations.get().invoice


@pytest.mark.parametrize("only", ["", "charge.refunded", "refund.created"])
def test_it_is_booked_once_whichever_message_tells_of_it(shop, drain, only):
    make_staff("owner", email="stella@hostbill.example", name="Stella Solberg")
    payment = paid(shop)
    remote_id = in_dashboard(shop, payment, "5.00")
    hear(shop, only=only)
    refund = Refund.objects.get()
    assert (refund.state, refund.remote_id, refund.amount) == ("succeeded", remote_id, D("5.00"))
    invoice = invoice_of(payment)
    assert (invoice.state, invoice.open_amount) == ("issued", D("5.00"))
    cash = sum(p.amount for p in Posting.objects.filter(entry__refund=refund, ledger_account__code__startswith="cash:"))
    assert cash == D("-5.00") and verify() == []
    assert Change.objects.filter(action="billing.refund_made_elsewhere").count() == 1
    drain()
    (letter,) = Message.objects.filter(kind="billing.refund_made_elsewhere")
    assert invoice.number in letter.text and Message.objects.filter(kind="billing.refund_made").count() == 1


def test_it_is_found_although_no_message_reached_us(shop):
    payment = paid(shop)
    in_dashboard(shop, payment)
    run(fetch_missed_events)
    work()
    work()
    assert invoice_of(payment).open_amount == D("20.00") and Refund.objects.count() == 1
    run(charge_due_invoices)
    assert invoice_of(payment).state == "issued", "what went back is never charged again by itself"
    assert verify() == []


def test_two_refunds_of_one_payment_are_two(shop):
    payment = paid(shop)
    in_dashboard(shop, payment, "5.00")
    in_dashboard(shop, payment, "5.00")
    hear(shop)
    payment.refresh_from_db()
    assert (Refund.objects.count(), payment.refunded_amount, invoice_of(payment).open_amount) == (2, D(10), D(10))
    assert verify() == []


def test_ours_is_not_booked_a_second_time(shop):
    payment = paid(shop)
    refund_payment(payment, money=eur("5.00"), source="invoice", reason="asked", actor=SYSTEM)
    work()
    hear(shop)
    assert Refund.objects.get().requested_by == SYSTEM.label and invoice_of(payment).open_amount == D("5.00")
    assert not Message.objects.filter(kind="billing.refund_made_elsewhere").exists()
    assert verify() == []


def test_the_message_comes_before_the_payment_is_booked(shop):
    invoice = shop.bill("20.00")
    charge = shop.open_form(invoice)
    shop.confirm(charge, "tok_visa")
    payment = type("Intent", (), {"remote_id": charge.remote_id})
    in_dashboard(shop, payment)
    hear(shop, only="refund.created")
    assert Payment.objects.get().refunded_amount == D("20.00")
    invoice.refresh_from_db()
    assert (invoice.state, invoice.open_amount) == ("issued", D("20.00")) and verify() == []


def tell(payment, amount, remote_id="re_1", state="succeeded"):
    return settle_foreign_refund(payment, RefundResult(state, remote_id, eur(amount), "", payment.remote_id))


def test_what_was_paid_too_much_goes_back_from_the_credit_first(shop):
    payment = paid(shop)
    Payment.objects.get()  # one payment of 20 for 20; now one of 30 for 20
    second = shop.bill("20.00")
    over = record_payment(
        second.account, gateway=shop.gateway, remote_id="pi_over", money=eur("30"), actor=SYSTEM, invoices=[second]
    )
    tell(over, "10.00")
    second.refresh_from_db()
    assert second.state == "paid" and Refund.objects.get().source == "credit"
    tell(over, "15.00", "re_2")
    second.refresh_from_db()
    assert second.open_amount == D("15.00") and payment.remaining == eur("20.00")
    assert verify() == []


def test_what_the_client_has_used_up_is_our_gift(shop):
    """Paid 20 in advance, used for an invoice, then returned in the dashboard all the same."""

    account = open_account(shop.client)
    payment = record_payment(account, gateway=shop.gateway, remote_id="pi_1", money=eur("20"), actor=SYSTEM)
    invoice = shop.bill("12.00")
    assert invoice.state == "paid"
    tell(payment, "20.00")
    gift = sum(p.amount for p in Posting.objects.filter(ledger_account__code="goodwill"))
    account.refresh_from_db()
    assert (gift, account.credit_amount) == (D("12.00"), D(0)) and verify() == []


def test_one_payment_for_several_invoices_opens_the_newest_first(shop):
    first, second = shop.bill("10.00"), shop.bill("10.00")
    payment = record_payment(
        first.account, gateway=shop.gateway, remote_id="pi_2", money=eur("20"), actor=SYSTEM, invoices=[first, second]
    )
    parts = tell(payment, "15.00", state="processing")
    assert {part.state for part in parts} == {"processing"}
    tell(payment, "15.00")
    for invoice in (first, second):
        invoice.refresh_from_db()
    assert (first.open_amount, second.open_amount) == (D("5.00"), D("10.00")) and verify() == []
    tell(payment, "15.00", state="failed")
    first.account.refresh_from_db()
    assert first.account.credit_amount == D("15.00") and verify() == []


def test_more_than_is_left_waits_for_what_is_under_way(shop):
    payment = paid(shop)
    refund_payment(payment, money=eur("20.00"), source="invoice", reason="asked", actor=SYSTEM)
    with pytest.raises(AppError) as refusal:
        tell(payment, "5.00")
    assert refusal.value.code == "too_much" and verify() == []


def test_a_refund_of_nobodys_payment_is_ignored(shop):
    intent = shop.driver.api.payment_intents.create(
        {"amount": 500, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True,
         "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    )  # fmt: skip
    shop.driver.api.refunds.create({"payment_intent": intent.id})
    hear(shop)
    assert not Refund.objects.exists() and not GatewayEvent.objects.filter(state="failed").exists()


def test_dinars_are_charged_in_steps_that_the_gateway_takes(sandbox):
    """11.055 is charged as 11.060; the 0.005 are credit, and the next invoice uses them."""
    sandbox.control("stripe", "reset", {})
    shop = Shop(sandbox, ClientFactory(currency="KWD"))
    shop.save_card("pm_card_visa")
    payment = paid(shop, "11.055")
    invoice = invoice_of(payment)
    assert (payment.money, invoice.state) == (Money(D("11.060"), "KWD"), "paid")
    invoice.account.refresh_from_db()
    assert invoice.account.credit_amount == D("0.005") and verify() == []
    with pytest.raises(AppError) as refusal:
        refund_payment(payment, money=Money(D("11.055"), "KWD"), source="invoice", reason="x", actor=SYSTEM)
    assert refusal.value.code == "not_returnable" and "11.06" in str(refusal.value)
    refund_payment(payment, money=Money(D("11.050"), "KWD"), source="invoice", reason="x", actor=SYSTEM)
    work()
    assert Refund.objects.get().state == "succeeded" and verify() == []
