"""Merging while other things happen, on real connections: nothing is lost, nothing is counted twice, nobody waits in a circle."""

from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.cancellation import cancel_subscription
from billing.actions.credit import grant_credit
from billing.actions.order import place_order
from billing.models import Account, Invoice, Order, Payment, Subscription
from billing.queries.books import verify
from billing.queries.quote import quote
from clients.actions.client import create_client, update_client
from clients.actions.merge import merge_clients, sweep_merged
from clients.models import Client
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Change
from hostbill.core.money import Money
from support.actions.ticket import open_ticket
from support.models import Department, Ticket
from tests.billing.factories import active_subscription, make_cart, make_order, make_product, pay
from tests.billing.test_races import at_once, bugs

pytestmark = pytest.mark.django_db(transaction=True)


def somebody(name):
    return create_client(actor=SYSTEM, company=name, email=f"{name}@people.example", currency="EUR")


@pytest.fixture
def pair():
    """(kept, gone): the one that is locked second goes."""
    return somebody("kept"), somebody("gone")


def fresh(client):
    return Client.objects.get(pk=client.pk)


def settled(*clients):
    """No row is left with who was merged, once the sweep has passed."""
    for client in Client.objects.filter(pk__in=[c.pk for c in clients], merged_into__isnull=False):
        sweep_merged(client)
    assert verify() == []


@pytest.mark.parametrize("turn", [1, -1])
def test_payments_while_their_client_is_merged(pair, turn):
    kept, gone = pair[::turn]
    product = make_product()
    invoices = [make_order(gone, product).invoice for _ in range(4)]
    results = at_once(
        lambda: merge_clients(fresh(gone), into=fresh(kept), actor=SYSTEM),
        *[lambda invoice=invoice: pay(Invoice.objects.get(pk=invoice.pk)) for invoice in invoices],
        lambda: grant_credit(open_account(gone), money=Money(D(5), "EUR"), note="Sorry", actor=SYSTEM),
        lambda: update_client(kept, actor=SYSTEM, city="Oslo"),
    )
    assert bugs(results) == []
    settled(gone)
    assert {invoice.state for invoice in Invoice.objects.all()} == {"paid"}
    assert set(Payment.objects.values_list("client_id", flat=True)) == {kept.pk}
    account = Account.objects.get(client=kept)
    assert (account.balance_amount, account.credit_amount) == (0, 5)


def test_one_into_the_other_while_the_other_into_the_one(pair):
    one, two = pair
    for client in pair:
        make_order(client, make_product())
    results = at_once(
        lambda: merge_clients(fresh(one), into=fresh(two), actor=SYSTEM),
        lambda: merge_clients(fresh(two), into=fresh(one), actor=SYSTEM),
    )
    assert bugs(results) == [] and sum(isinstance(result, AppError) for result in results) == 1
    assert Client.objects.filter(merged_into__isnull=False).count() == 1
    assert len(set(Invoice.objects.values_list("client_id", flat=True))) == 1
    settled(*pair)


def test_the_same_merge_five_times(pair):
    kept, gone = pair
    make_order(gone, make_product())
    results = at_once(*[lambda: merge_clients(fresh(gone), into=fresh(kept), actor=SYSTEM)] * 5)
    assert {result.pk for result in results} == {kept.pk}
    assert Change.objects.filter(action="clients.client_merged").count() == 1
    settled(gone)


def test_orders_tickets_and_cancellations_meanwhile(pair):
    kept, gone = pair
    department = Department.objects.get_or_create(name="Support")[0]
    running, product = active_subscription(gone, make_product()), make_product()
    carts = [make_cart(product) for _ in range(3)]
    total = quote(carts[0], client=gone).total.amount
    order = [
        lambda cart=cart: place_order(cart, client=gone, actor=SYSTEM, idempotency_key=f"k{cart.pk}", expected_total=total)
        for cart in carts
    ]
    results = at_once(
        lambda: merge_clients(fresh(gone), into=fresh(kept), actor=SYSTEM),
        *order,
        lambda: cancel_subscription(running, when="end", reason="", actor=SYSTEM),
        lambda: open_ticket(actor=SYSTEM, client=gone, department=department, subject="Mails", body="None come."),
    )
    assert bugs(results) == []
    settled(gone)
    for rows in (Order, Subscription, Invoice, Ticket):
        assert set(rows.objects.values_list("client_id", flat=True)) == {kept.pk}, rows
