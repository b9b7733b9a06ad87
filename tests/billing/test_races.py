"""Two or more at once, on real connections: nothing is counted twice, nothing waits in a circle."""

from datetime import timedelta
from decimal import Decimal as D
from threading import Barrier, Thread

import pytest
from django.db import connection

from billing.actions.account import open_account
from billing.actions.cancellation import cancel_subscription, keep_subscription
from billing.actions.charge import settle_charge, start_checkout
from billing.actions.collection import collect
from billing.actions.credit import grant_credit
from billing.actions.dispute import settle_dispute
from billing.actions.dunning import suspend_for
from billing.actions.invoice import NewLine, cancel_invoice, write_invoice
from billing.actions.order import cancel_order, place_order
from billing.actions.payment import record_payment
from billing.actions.payment_method import save_payment_method
from billing.actions.refund import refund_payment, settle_foreign_refund, settle_refund
from billing.actions.renewal import raise_renewals
from billing.actions.suspension import in_force, suspend_subscription
from billing.gateways.base import ChargeResult, DisputeResult, RefundResult, SavedMethod
from billing.models import Charge, Invoice, Order, Payment, Product, Subscription
from billing.queries.books import verify
from billing.queries.quote import quote
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError, IllegalTransition
from hostbill.core.models import ModuleConfig
from hostbill.core.money import Money
from tests.billing.factories import active_subscription, make_cart, make_order, make_product, pay
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db(transaction=True)


def eur(amount):
    return Money(D(amount), "EUR")


def at_once(*acts):
    """Run all together; returns what each gave or raised."""
    results, gate = [None] * len(acts), Barrier(len(acts))

    def run(number, act):
        try:
            gate.wait()
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def bugs(results):
    """Refusals are answers; anything else raised is a fault."""
    return [r for r in results if isinstance(r, Exception) and not isinstance(r, AppError | IllegalTransition)]


@pytest.fixture
def client():
    return ClientFactory(first_name="Charlie", last_name="Brandt")


@pytest.fixture
def gateway():
    return ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")


def bill(client, amount="20.00"):
    return write_invoice(open_account(client), [NewLine("hosting", D(amount))], due_on=clock.today(), actor=SYSTEM)


def save_card(client, gateway):
    card = SavedMethod("pm_1", "cus_1", brand="visa", last4="4242")
    return save_payment_method(client, gateway=gateway, method=card, actor=SYSTEM, consent_text="keep it")


def test_two_refunds_at_once_never_exceed_the_payment(client):
    payment = pay(bill(client))
    refund = lambda: refund_payment(payment, money=eur("15"), source="invoice", reason="asked", actor=SYSTEM)  # noqa: E731
    results = at_once(*[refund] * 6)
    assert bugs(results) == []
    assert sum(not isinstance(r, Exception) for r in results) == 1
    assert verify() == []


def test_webhook_return_and_poll_at_once_count_once(client, gateway):
    invoice = bill(client)
    charge = start_checkout(invoice, gateway, actor=SYSTEM)
    result = ChargeResult("succeeded", "pi_1", charge.money, key=charge.key)
    assert bugs(at_once(*[lambda: settle_charge(charge, result)] * 8)) == []
    assert Payment.objects.count() == 1
    assert verify() == []


def test_overlapping_renewal_runs_bill_each_period_once(client):
    subscription = active_subscription(client)
    until = subscription.next_due_on + timedelta(days=70)
    run = lambda: raise_renewals(subscription.account, until=until, actor=SYSTEM)  # noqa: E731
    assert bugs(at_once(*[run] * 6)) == []
    starts = list(subscription.invoice_lines.values_list("period_start", flat=True))
    assert len(starts) == len(set(starts)) == 4
    assert verify() == []


def test_a_renewal_charge_and_a_pay_form_at_once_are_one_attempt(client, gateway):
    save_card(client, gateway)
    invoice = bill(client)
    acts = [lambda: collect(invoice, actor=SYSTEM), lambda: start_checkout(invoice, gateway, actor=SYSTEM)] * 4
    assert bugs(at_once(*acts)) == []
    assert Charge.objects.filter(invoice=invoice).live().count() == 1
    assert Charge.objects.filter(invoice=invoice, is_off_session=True).count() <= 1
    assert verify() == []


def test_the_last_piece_is_sold_once():
    product = make_product(stock=1)
    carts = [make_cart(product) for _number in range(5)]
    clients = [ClientFactory() for _cart in carts]

    def order(cart, buyer):
        total = quote(cart, country=str(buyer.country)).total.amount
        return lambda: place_order(
            cart, client=buyer, actor=SYSTEM, idempotency_key=f"k{cart.pk}", expected_total=total
        )

    results = at_once(*[order(*pair) for pair in zip(carts, clients, strict=True)])
    assert bugs(results) == []
    assert Order.objects.count() == 1 and Product.objects.get().stock == 0
    assert verify() == []


def test_one_checkout_sent_five_times_is_one_order(client):
    cart = make_cart(make_product())
    total = quote(cart, country=str(client.country)).total.amount
    send = lambda: place_order(cart, client=client, actor=SYSTEM, idempotency_key="k", expected_total=total)  # noqa: E731
    results = at_once(*[send] * 5)
    assert bugs(results) == [] and len({r.pk for r in results}) == 1
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize("_round", range(3))
def test_payment_and_suspension_at_once_leave_it_running(client, _round):
    subscription = active_subscription(client)
    invoice = raise_renewals(subscription.account, until=subscription.next_due_on, actor=SYSTEM)[0]
    clock.move_to(clock.start_of(invoice.due_on + timedelta(days=20)))
    assert bugs(at_once(lambda: suspend_for(invoice, actor=SYSTEM), lambda: pay(invoice))) == []
    subscription.refresh_from_db()
    assert subscription.state == "active"
    assert verify() == []


def everything(client, gateway, subscription, number):
    """Ten acts about the same money."""
    account, order = open_account(client), make_order(client)
    invoice, payment = bill(client, f"{number + 5}00.00"), Payment.objects.filter(client=client).latest("pk")
    charge = start_checkout(invoice, gateway, actor=SYSTEM)
    result = ChargeResult("succeeded", f"pi_{number}", charge.money, key=charge.key)
    days = timedelta(days=40 * (number + 1))
    paid = {"gateway": None, "remote_id": f"b{number}", "money": eur("25"), "invoices": [invoice]}
    return [
        lambda: settle_charge(charge, result),
        lambda: record_payment(account, actor=SYSTEM, **paid),
        lambda: cancel_invoice(invoice, actor=SYSTEM, reason="x"),
        lambda: raise_renewals(account, until=clock.today() + days, actor=SYSTEM),
        lambda: refund_payment(payment, money=eur("2"), source="invoice", reason="x", actor=SYSTEM),
        lambda: cancel_subscription(subscription, when="end", reason="x", actor=SYSTEM),
        lambda: cancel_order(order, actor=SYSTEM, reason="x"),
        lambda: grant_credit(account, money=eur("1"), note="x", actor=SYSTEM),
        lambda: keep_subscription(subscription, actor=SYSTEM),
        lambda: collect(invoice, actor=SYSTEM),
    ]


def test_everything_at_once_for_one_client_ends_with_clean_books(client, gateway):
    """No deadlock, no wrong lock order, nothing that is not a plain refusal."""
    save_card(client, gateway)
    subscription, other = active_subscription(client), active_subscription(client)
    for number in range(4):
        assert bugs(at_once(*everything(client, gateway, subscription, number))) == []
        assert verify() == []
    assert Subscription.objects.get(pk=other.pk).state == "active"


def test_refund_answers_at_once_are_booked_once(client, gateway):
    invoice = bill(client)
    charge = start_checkout(invoice, gateway, actor=SYSTEM)
    settle_charge(charge, ChargeResult("succeeded", "pi_1", charge.money, key=charge.key))
    refund = refund_payment(Payment.objects.get(), money=eur("5"), source="invoice", reason="x", actor=SYSTEM)
    tell = lambda: settle_refund(refund, state="succeeded", remote_id="re_1", message="")  # noqa: E731
    assert bugs(at_once(*[tell] * 6)) == []
    invoice.refresh_from_db()
    assert invoice.open_amount == D(5)
    assert verify() == []


def test_a_refund_at_the_gateway_is_told_six_times_at_once(client, gateway):
    """And ours, and a chargeback of the rest, in the same moment: the payment is never returned more than once."""
    invoice = bill(client)
    charge = start_checkout(invoice, gateway, actor=SYSTEM)
    settle_charge(charge, ChargeResult("succeeded", "pi_1", charge.money, key=charge.key))
    payment = Payment.objects.get()
    foreign = RefundResult("succeeded", "re_9", eur("8"), "", "pi_1")
    dispute = DisputeResult("open", "du_1", "pi_1", eur("6"), None, "fraudulent")
    results = at_once(
        *[lambda: settle_foreign_refund(payment, foreign)] * 6,
        lambda: refund_payment(payment, money=eur("6"), source="invoice", reason="x", actor=SYSTEM),
        lambda: settle_dispute(payment, dispute),
    )
    assert bugs(results) == []
    payment.refresh_from_db()
    assert payment.refunds.filter(remote_id="re_9").count() == 1 and payment.remaining.amount >= 0
    assert verify() == []


@pytest.mark.parametrize("when", ["end", "now"])
def test_cancelled_while_it_is_renewed(client, when):
    """Either the renewal came first and is withdrawn, or it never comes: nobody is billed for time after the end."""
    subscription = active_subscription(client)
    account = subscription.account
    results = at_once(
        lambda: raise_renewals(account, until=clock.today() + timedelta(days=60), actor=SYSTEM),
        lambda: cancel_subscription(subscription, when=when, reason="x", actor=SYSTEM),
        lambda: raise_renewals(account, until=clock.today() + timedelta(days=60), actor=SYSTEM),
    )
    assert bugs(results) == []
    subscription.refresh_from_db()
    left = Invoice.objects.filter(client=client, kind="renewal").exclude(state="cancelled")
    assert not left.exists() and verify() == []
    assert subscription.state == ("active" if when == "end" else "ended")


def test_suspended_by_staff_while_the_client_pays(client):
    """The payment lifts what was for its want; what staff did for another reason stays."""
    subscription = active_subscription(client)
    invoice = raise_renewals(subscription.account, until=subscription.next_due_on, actor=SYSTEM)[0]
    clock.move_to(clock.start_of(invoice.due_on + timedelta(days=20)))
    results = at_once(
        lambda: suspend_for(invoice, actor=SYSTEM),
        lambda: suspend_subscription(subscription, kind="abuse", reason="spam", actor=SYSTEM),
        lambda: pay(invoice),
    )
    assert bugs(results) == []
    subscription.refresh_from_db()
    assert subscription.state == "suspended" and in_force(subscription).get().kind == "abuse"
    assert verify() == []


def test_one_invoice_paid_in_two_tabs_by_two_ways(client, gateway):
    """A form opened twice is one; a transfer booked meanwhile makes the card's money credit, never a second payment of it."""
    invoice = bill(client)
    forms = at_once(*[lambda: start_checkout(invoice, gateway, actor=SYSTEM)] * 4)
    assert bugs(forms) == [] and len({form.pk for form in forms}) == 1
    paid = ChargeResult("succeeded", "pi_1", forms[0].money, key=forms[0].key)
    results = at_once(
        lambda: settle_charge(forms[0], paid), lambda: settle_charge(forms[1], paid), lambda: pay(invoice)
    )
    assert bugs(results) == []
    invoice.refresh_from_db()
    account = open_account(client)
    assert (invoice.state, account.credit_amount, Payment.objects.count()) == ("paid", D(20), 2) and verify() == []
