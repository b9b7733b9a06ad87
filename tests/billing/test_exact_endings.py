"""What comes back when time ends early, worked out by hand: each line its days' share, discounts by what they were given on."""

from datetime import date
from decimal import Decimal as D
from fractions import Fraction as F

import pytest

from billing.actions.cancellation import cancel_subscription
from billing.actions.cart import add_line, create_cart
from billing.actions.change import request_change
from billing.actions.discount import grant_discount
from billing.actions.invoice import cancel_invoice
from billing.actions.order import place_order
from billing.actions.renewal import raise_renewals
from billing.models import CreditNote, Invoice
from billing.queries.books import verify
from billing.queries.quote import quote
from billing.queries.wish import Wish
from clients.models import ClientGroup
from hostbill.core.access import SYSTEM
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate, pay, subscription_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def day(set_day):
    set_day("2027-01-01")
    return set_day


def net_of_notes():
    return sum((note.net_amount for note in CreditNote.objects.all()), D(0))


def cents(value: F) -> D:
    """Half up, by whole numbers alone."""
    return D(int(value * 100 + F(1, 2))) / 100


def ended(service):
    cancel_subscription(service, when="now", credit="prorated", reason="x", actor=SYSTEM)
    assert verify() == []
    return net_of_notes()


def upgraded(service, price, drain):
    bigger = make_product(prices={"monthly": (price, "0")})
    change = request_change(service, Wish(product_id=bigger.pk), when="now", actor=SYSTEM, for_staff=True)
    if change.invoice:
        pay(change.invoice)
    drain()
    service.refresh_from_db()
    return change.invoice


@pytest.mark.parametrize(("ends", "days"), [("2027-02-01", 28), ("2027-02-15", 14), ("2027-02-25", 4)])
@pytest.mark.parametrize(("kind", "value", "net"), [("percent", "20", "24.00"), ("fixed", "7.77", "22.23"), ("override", "19.99", "19.99")])
def test_a_discounted_period(cast, day, ends, days, kind, value, net):
    """The price and its discount each go back by the day, also when nothing was used."""
    make_tax_rate("19")
    service = active_subscription(cast.alice_client, make_product(prices={"monthly": ("30.00", "0")}))
    grant_discount(service, kind=kind, value=D(value), periods=None, reason="x", actor=SYSTEM)
    (invoice,) = raise_renewals(service.account, until=date(2027, 2, 1), actor=SYSTEM)
    pay(invoice)
    day(ends)
    assert ended(service) == cents(F(30) * days / 28) - cents(F(D(30) - D(net)) * days / 28)


def ordered(client, percent):
    """30.00 a month and 12.00 set-up, less percent of both by the client's group."""
    client.group = ClientGroup.objects.create(name="Friends", discount_percent=D(percent))
    client.save()
    order = make_order(client, make_product(prices={"monthly": ("30.00", "12.00")}))
    pay(order.invoice)
    return subscription_of(order), order.invoice


def test_a_discount_on_price_and_set_up_goes_back_for_the_price_alone(cast, day):
    """31 days from 1 January: 10 left are 9.68 less 1.94; the set-up fee keeps its own 2.40."""
    make_tax_rate("19")
    service, invoice = ordered(cast.alice_client, "20")
    assert sorted(line.net_amount for line in invoice.lines.all()) == [D("-6.00"), D("-2.40"), D("12.00"), D("30.00")]
    day("2027-01-22")
    assert ended(service) == D("9.68") - D("1.94")


def test_an_upgrade_gives_back_the_price_as_it_was_discounted(cast, day, drain):
    """10 of 31 days: 60.00 less 20 % for 30.00 less 20 %; the set-up fee is not touched."""
    make_tax_rate("19")
    service, _invoice = ordered(cast.alice_client, "20")
    day("2027-01-22")
    invoice = upgraded(service, "60.00", drain)
    assert invoice.net_amount == D("19.35") - D("3.87") - D("9.68") + D("1.94")


@pytest.mark.parametrize("percent", [None, "20", "33.33"])
@pytest.mark.parametrize("ends", ["2027-01-10", "2027-01-25"])
def test_upgraded_twice_then_ended(cast, day, drain, percent, ends):
    """What comes back is the last plan's rest, from the difference invoices first and then from what they gave back."""
    make_tax_rate("19")
    service = active_subscription(cast.alice_client, make_product(prices={"monthly": ("10.00", "0")}))
    pct = F(D(percent or 0)) / 100
    if percent:
        grant_discount(service, kind="percent", value=D(percent), periods=None, reason="x", actor=SYSTEM)
        (invoice,) = raise_renewals(service.account, until=date(2027, 2, 1), actor=SYSTEM)
        pay(invoice)
        day("2027-02-04")
        upgraded(service, "20.00", drain)
        day("2027-02-10")
        upgraded(service, "30.00", drain)
        day(ends.replace("-01-", "-02-"))
        charged, left = 19, 28 - int(ends[-2:]) + 1
    else:
        day("2027-01-04")
        upgraded(service, "20.00", drain)
        day("2027-01-10")
        upgraded(service, "30.00", drain)
        day(ends)
        charged, left = 22, 31 - int(ends[-2:]) + 1
    full = 28 if percent else 31
    base = cents(F(30) * charged / full)
    off = cents(F(base) * pct)
    assert ended(service) == cents(F(base) * left / charged) - cents(F(off) * left / charged)
    assert all(invoice.open_amount >= 0 and invoice.credited_amount <= invoice.total_amount for invoice in Invoice.objects.all())


def test_a_limited_service_whose_last_invoice_was_cancelled(cast, day):
    """Nothing is due any more, as after any cancelled invoice, and that is no fault of the books."""
    order = make_order(cast.alice_client, make_product(prices={"monthly": ("30.00", "0")}, cycles_limit=1))
    pay(order.invoice)
    cancel_invoice(order.invoice, actor=SYSTEM, reason="x")
    assert subscription_of(order).next_due_on is None and verify() == []


def test_stub_and_next_month_together(cast, day):
    """Ordered on 22 January for billing on the 1st, next month charged too, 20 % off both: ended on 1 February its month comes back
    and the stub stays."""
    make_tax_rate("19")
    day("2027-01-22")
    product = make_product(prices={"monthly": ("30.00", "0")}, bill_day=1, charge_next_from_day=15)
    cart = create_cart(currency="EUR", actor=SYSTEM)
    add_line(cart, product=product, cycle="monthly", answers={}, actor=SYSTEM)
    cast.alice_client.group = ClientGroup.objects.create(name="Friends", discount_percent=D(20))
    cast.alice_client.save()
    total = quote(cart, client=cast.alice_client).total.amount
    order = place_order(cart, client=cast.alice_client, actor=SYSTEM, idempotency_key="one", expected_total=total)
    assert order.invoice.net_amount == D("9.68") - D("1.94") + D(30) - D(6)
    pay(order.invoice)
    service = subscription_of(order)
    day("2027-02-01")
    assert ended(service) == D(24)
