"""The same thing done by several processes at one moment: the last piece, a renewal run twice, a payment and a cancellation."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.draft import create_draft
from billing.actions.invoice import NewLine
from billing.models import Invoice, InvoiceLine, Order, Product, Refund, Subscription, SubscriptionChange
from billing.queries.books import verify
from billing.queries.quote import quote
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from tests.billing.factories import active_subscription, make_cart, make_product, make_tax_rate, pay
from tests.billing.histories.checks import check_tiles
from tests.billing.race import race
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db(transaction=True)


def go_to(day) -> None:
    """Noon of the day, for all processes."""
    clock.move_to(clock.start_of(day) + timedelta(hours=12))


def order_of(product) -> tuple:
    """Somebody's basket with it, ready to be bought."""
    cart, client = make_cart(product), ClientFactory()
    return ("order", cart.pk, client.pk, quote(cart, client=client).total.amount)


def test_two_pieces_are_sold_to_two_of_five():
    product = make_product(stock=2)
    said = race(*[order_of(product) for _number in range(5)])
    assert sorted(said) == ["done", "done", "out_of_stock", "out_of_stock", "out_of_stock"]
    assert (Product.objects.get().stock, Order.objects.count(), verify()) == (0, 2, [])


def test_the_last_piece_is_ordered_or_changed_to():
    """Whoever comes first has it: two who order it, and two who change to it."""
    product = make_product(stock=1)
    services = [active_subscription(ClientFactory()) for _number in range(2)]
    changes = [("change", service.pk, product.pk) for service in services]
    said = race(order_of(product), order_of(product), *changes)
    assert sorted(said) == ["done", "out_of_stock", "out_of_stock", "out_of_stock"]
    sold = Subscription.objects.filter(product=product).count()
    changed = SubscriptionChange.objects.filter(to_product=product, state="unpaid").count()
    product.refresh_from_db()
    assert (product.stock, sold + changed, verify()) == (0, 1, [])


def test_the_renewal_job_run_by_three_processes_at_once():
    """Each period is invoiced once, and the numbers have no gap."""
    make_tax_rate()
    clients = [ClientFactory() for _number in range(4)]
    services = [active_subscription(client, make_product()) for client in clients for _twice in range(2)]
    go_to(services[0].next_due_on)
    assert race(*[("renew",)] * 3) == ["done"] * 3
    lines = InvoiceLine.objects.filter(invoice__kind="renewal", part="")
    periods = list(lines.values_list("subscription_id", "period_start"))
    assert len(periods) == len(set(periods)) and {key for key, _day in periods} == {row.pk for row in services}
    check_tiles()
    assert verify() == []


@pytest.mark.parametrize("when", ["end", "now"])
def test_paid_and_cancelled_at_once(when):
    """Money for what is withdrawn in the same moment is credit; nothing is lost and nothing is owed."""
    client = ClientFactory()
    service = active_subscription(client)
    go_to(service.next_due_on - timedelta(days=1))
    assert race(("renew",)) == ["done"]
    invoice = Invoice.objects.get(kind="renewal")
    said = race(("pay", invoice.pk, "b-1"), ("cancel", service.pk, when), ("pay", invoice.pk, "b-1"))
    assert said == ["done"] * 3
    service.refresh_from_db()
    invoice.refresh_from_db()
    account = open_account(client)
    assert service.state == ("active" if when == "end" else "ended")
    assert account.balance_amount == 0
    assert account.credit_amount == (0 if invoice.state == "paid" else invoice.total_amount)
    assert verify() == []


def test_changed_and_renewed_at_once(drain):
    """Each day is charged once, by the old terms or by the new ones."""
    make_tax_rate()
    service = active_subscription(ClientFactory(), make_product(prices={"monthly": ("10.00", "0")}))
    dearer = make_product(prices={"monthly": ("25.00", "0")})
    go_to(service.next_due_on - timedelta(days=9))
    said = race(("renew",), ("change", service.pk, dearer.pk), ("renew",))
    assert said == ["done"] * 3
    check_tiles()
    assert verify() == []
    for invoice in Invoice.objects.filter(state="issued").order_by("pk"):
        pay(invoice)
    drain()
    check_tiles()
    service.refresh_from_db()
    assert (service.product, verify()) == (dearer, [])


def test_three_of_staff_issue_one_draft():
    account = open_account(ClientFactory())
    draft = create_draft(account, [NewLine("work", D("20.00"))], due_on=clock.today(), actor=SYSTEM)
    said = race(*[("issue", draft.pk)] * 3)
    draft.refresh_from_db()
    assert said == [draft.number] * 3 and draft.number and verify() == []


def test_a_payment_is_refunded_once_by_four():
    service = active_subscription(ClientFactory())
    payment = service.invoice_lines.first().invoice.allocations.get().payment
    said = race(*[("refund", payment.pk, payment.amount)] * 4)
    assert sorted(said) == ["done", "too_much", "too_much", "too_much"]
    assert Refund.objects.count() == 1 and verify() == []
