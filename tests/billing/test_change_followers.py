"""Addons in their parent's cycle follow it to another one: the same days of billing, both sides shown, no day charged twice."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from billing.actions.cancellation import cancel_subscription
from billing.actions.cart import add_line, create_cart, set_addons
from billing.actions.change import preview_change, request_change, withdraw_change
from billing.actions.order import place_order
from billing.jobs import begin_changes, lapse_changes, raise_renewal_invoices
from billing.models import CreditNote, Invoice, InvoiceLine, Price, PriceList, Subscription, SubscriptionChange
from billing.queries.books import verify
from billing.queries.quote import quote
from billing.queries.wish import Wish
from hostbill.core import clock, options
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun
from tests.billing.factories import make_product, make_tax_rate, pay

pytestmark = pytest.mark.django_db
NOW, END = "now", "term_end"


@pytest.fixture
def products(db):
    """Hosting, an addon in its cycle, an addon with a cycle of its own."""
    prices = {"monthly": ("31.00", "0"), "annual": ("310.00", "0")}
    backup = {"monthly": ("6.20", "0"), "annual": ("62.00", "0")}
    found = make_product(prices=prices), make_product(prices=backup, follows_parent=True), make_product(prices=backup)
    for addon in found[1:]:
        addon.parents.add(found[0])
    return found


def run(job):
    job(clock.now(), Report(JobRun(name="test", slot=clock.now())))


def buy(client, products, cycle="monthly", paid=True):
    """The family as ordered: the subscriptions in the order of the products."""
    cart = create_cart(currency="EUR", actor=SYSTEM)
    line = add_line(cart, product=products[0], cycle=cycle, answers={}, actor=SYSTEM)
    set_addons(line, {product.pk: cycle for product in products[1:]}, actor=SYSTEM)
    total = quote(cart, client=client).total.amount
    order = place_order(cart, client=client, actor=SYSTEM, idempotency_key=f"k{cart.pk}", expected_total=total)
    if paid:
        pay(order.invoice)
    return [Subscription.objects.get(product=product) for product in products]


@pytest.fixture
def family(cast, today, products):
    return buy(cast.charlie_client, products)


def change(subscription, when=NOW, **wish):
    return request_change(subscription, Wish(**wish), when=when, actor=SYSTEM, for_staff=True)


def lines(invoice):
    """(whose, kind, net, period) in the order of the document."""
    return [
        (line.subscription.product_id, line.kind, line.net_amount, str(line.period_start), str(line.period_end))
        for line in invoice.lines.select_related("subscription").order_by("sort")
    ]


def calendar(*subscriptions):
    rows = Subscription.objects.filter(pk__in=[row.pk for row in subscriptions]).order_by("pk")
    return {(row.cycle, row.anchor_day, str(row.next_due_on), str(row.paid_until)) for row in rows}


def charged_days(subscription):
    """{day: times} over lines that stand, each up to where it was given back."""
    days = {}
    for line in InvoiceLine.objects.filter(subscription=subscription, kind="recurring", part="", released=False):
        credit = line.given_back.filter(released=False).first()
        end = credit.from_on if credit else line.period_end
        for number in range((end - line.period_start).days):
            day = line.period_start + timedelta(days=number)
            days[day] = days.get(day, 0) + 1
    return days


def test_monthly_to_annual_now(family, products, today, drain):
    hosting, backup, other = family
    today("2027-05-16")  # 16 of 31 days are left
    seen = preview_change(hosting, Wish(cycle="annual"), when=NOW, for_staff=True)
    assert [row.net.amount for row in seen.now.lines] == [D("-16.00"), D("310.00"), D("-3.20"), D("62.00")]
    assert seen.next.total.amount == D("372.00")
    asked = change(hosting, cycle="annual")
    first, last = "2027-05-16", "2028-05-16"
    assert lines(asked.invoice) == [
        (products[0].pk, "credit", D("-16.00"), first, "2027-06-01"),
        (products[0].pk, "recurring", D("310.00"), first, last),
        (products[1].pk, "credit", D("-3.20"), first, "2027-06-01"),
        (products[1].pk, "recurring", D("62.00"), first, last),
    ]
    assert asked.invoice.total == seen.due and verify() == []
    drain()
    assert {row.state for row in SubscriptionChange.objects.all()} == {"unpaid"}
    pay(asked.invoice)
    drain()
    assert {row.state for row in SubscriptionChange.objects.all()} == {"done"}
    assert calendar(hosting, backup) == {("annual", 16, last, last)}
    assert calendar(other) == {("monthly", 1, "2027-06-01", "2027-06-01")}
    today("2028-05-10")
    run(raise_renewal_invoices)
    for subscription in family:
        assert set(charged_days(subscription).values()) == {1}
    assert InvoiceLine.objects.get(subscription=backup, period_start=date(2028, 5, 16)).net_amount == D("62.00")
    assert verify() == []


def test_annual_to_monthly_at_the_end_of_the_year(cast, products, today, drain):
    hosting, backup, other = buy(cast.charlie_client, products, cycle="annual")
    today("2027-08-10")
    asked = change(hosting, when=END, cycle="monthly")
    assert asked.invoice is None and set(SubscriptionChange.objects.values_list("effective_on", flat=True)) == {date(2028, 5, 1)}
    today("2028-04-25")
    run(raise_renewal_invoices)
    renewal = Invoice.objects.get(kind="renewal")
    assert [row[:3] for row in lines(renewal)] == [
        (products[0].pk, "recurring", D("31.00")),
        (products[1].pk, "recurring", D("6.20")),
        (products[2].pk, "recurring", D("62.00")),
    ]
    pay(renewal)
    today("2028-05-01")
    run(begin_changes)
    drain()
    assert {row.state for row in SubscriptionChange.objects.all()} == {"done"}
    assert calendar(hosting, backup) == {("monthly", 1, "2028-06-01", "2028-06-01")} and verify() == []


def test_annual_to_monthly_now_is_given_back_by_notes(cast, products, today, drain):
    hosting, backup, _other = buy(cast.charlie_client, products, cycle="annual")
    today("2027-11-01")
    asked = change(hosting, cycle="monthly")
    drain()
    assert {row.state for row in SubscriptionChange.objects.all()} == {"done"}
    note = CreditNote.objects.get()
    # 182 of 366 days of both.
    assert note.net_amount == D("154.15") + D("30.83") and asked.invoice.net_amount == D("37.20")
    assert calendar(hosting, backup) == {("monthly", 1, "2027-12-01", "2027-12-01")} and verify() == []
    for subscription in (hosting, backup):
        assert set(charged_days(subscription).values()) == {1}


def test_a_renewal_that_is_open_is_exchanged_for_all(family, products, today, drain):
    hosting, backup, _other = family
    today("2027-05-27")
    run(raise_renewal_invoices)
    renewal = Invoice.objects.get(kind="renewal")
    asked = change(hosting, when=END, cycle="annual")
    assert [row[:3] for row in lines(asked.invoice)] == [
        (products[0].pk, "credit", D("-31.00")), (products[0].pk, "recurring", D("310.00")),
        (products[1].pk, "credit", D("-6.20")), (products[1].pk, "recurring", D("62.00")),
    ]  # fmt: skip
    pay(renewal), pay(asked.invoice)
    today("2027-06-01")
    run(begin_changes)
    drain()
    assert calendar(hosting, backup) == {("annual", 1, "2028-06-01", "2028-06-01")}
    assert {row.state for row in SubscriptionChange.objects.all()} == {"done"} and verify() == []


@pytest.mark.parametrize("asked_of", [0, 1])
def test_taken_back_together(family, today, drain, asked_of):
    hosting, backup, _other = family
    today("2027-05-16")
    invoice = change(hosting, cycle="annual").invoice
    row = SubscriptionChange.objects.get(subscription=family[asked_of])
    withdraw_change(row, actor=SYSTEM)
    drain()
    invoice.refresh_from_db()
    assert invoice.state == "cancelled" and {r.state for r in SubscriptionChange.objects.all()} == {"withdrawn"}
    assert calendar(hosting, backup) == {("monthly", 1, "2027-06-01", "2027-06-01")} and verify() == []
    pay(change(hosting, cycle="annual").invoice)
    drain()
    assert calendar(hosting, backup) == {("annual", 16, "2028-05-16", "2028-05-16")} and verify() == []


@pytest.mark.parametrize("by_note", [True, False])
def test_taken_back_after_its_renewal_was_invoiced(cast, products, today, drain, by_note):


    options.set_option(options.find("billing.cancel_by_credit_note"), by_note, SYSTEM)
    hosting, backup, _other = buy(cast.charlie_client, products, cycle="annual")
    change(hosting, when=END, cycle="monthly")
    today("2028-04-25")
    run(raise_renewal_invoices)
    withdraw_change(SubscriptionChange.objects.get(subscription=hosting), actor=SYSTEM)
    assert verify() == []
    run(raise_renewal_invoices)
    drain()
    assert {(row.cycle, str(row.next_due_on)) for row in Subscription.objects.all()} == {("annual", "2029-05-01")}
    for subscription in Subscription.objects.all():
        assert set(charged_days(subscription).values()) == {1}
    assert verify() == []


def test_unpaid_it_lapses_for_all_with_one_mail(family, today, drain):
    hosting, backup, _other = family
    today("2027-05-16")
    change(hosting, cycle="annual")
    today("2027-06-01")
    run(lapse_changes)
    drain()
    assert {row.state for row in SubscriptionChange.objects.all()} == {"withdrawn"}
    assert {row[0] for row in calendar(hosting, backup)} == {"monthly"} and verify() == []


def test_an_addon_that_ends_does_not_follow_nor_hold_the_others(family, today, drain):
    hosting, backup, _other = family
    today("2027-05-10")
    cancel_subscription(backup, when="end", reason="", actor=SYSTEM)
    today("2027-05-16")
    pay(change(hosting, cycle="annual").invoice)
    drain()
    assert SubscriptionChange.objects.count() == 1 and {row[0] for row in calendar(backup)} == {"monthly"}
    assert verify() == []


def test_an_addon_cancelled_before_its_day_stays_behind_alone(cast, products, today, drain):
    hosting, backup, _other = buy(cast.charlie_client, products, cycle="annual")
    change(hosting, when=END, cycle="monthly")
    cancel_subscription(backup, when="end", reason="", actor=SYSTEM)
    states = dict(SubscriptionChange.objects.values_list("subscription_id", "state"))
    assert states == {hosting.pk: "scheduled", backup.pk: "withdrawn"}
    today("2028-05-02")
    run(raise_renewal_invoices), run(begin_changes)
    drain()
    assert verify() == []


def test_another_plan_in_the_same_cycle_leaves_the_addons_alone(family, today):
    hosting, _backup, _other = family
    big = make_product(prices={"monthly": ("62.00", "0"), "annual": ("620.00", "0")})
    today("2027-05-16")
    assert len(change(hosting, product_id=big.pk).invoice.lines.all()) == 2
    assert SubscriptionChange.objects.count() == 1 and verify() == []


def test_another_billing_day_is_one_for_all(family, today, drain):
    hosting, backup, _other = family
    today("2027-05-16")
    asked = change(hosting, anchor_day=10)
    drain()
    if asked.invoice and asked.invoice.state == "issued":
        pay(asked.invoice)
        drain()
    assert {row[1:3] for row in calendar(hosting, backup)} == {(10, "2027-06-10")} and verify() == []


def test_refused_where_an_addon_cannot_follow(family, products, today):
    hosting, _backup, _other = family
    products[1].prices.filter(cycle="annual").delete()
    with pytest.raises(AppError, match="billed together") as error:
        change(hosting, cycle="annual")
    assert error.value.code == "addon_not_offered" and not SubscriptionChange.objects.exists()


def test_refused_while_an_addon_waits_for_its_payment(cast, products, today):
    hosting, backup, _other = buy(cast.charlie_client, products)
    Subscription.objects.filter(pk=backup.pk).update(state="pending")
    with pytest.raises(AppError) as error:
        change(hosting, cycle="annual")
    assert error.value.code == "addon_not_running"


@pytest.mark.parametrize(
    ("day", "cycle", "when", "total"),
    # 119.00 + 23.80 a month, 1190.00 + 238.00 a year, with 19 % inside.
    [
        ("2027-05-16", "annual", NOW, "1354.30"),  # 1428.00 less 16/31 of 119.00 and of 23.80 (61.42 and 12.28)
        ("2027-05-01", "annual", NOW, "1285.20"),  # nothing was used
    ],
)
def test_prices_that_include_tax_keep_what_is_paid(cast, products, today, drain, day, cycle, when, total):
    make_tax_rate("19")
    shelf = PriceList.objects.create(name="With tax", currency="EUR", includes_tax=True)
    Price.objects.all().delete()
    for product, monthly, annual in zip(products, ("119.00", "23.80", "23.80"), ("1190.00", "238.00", "238.00"), strict=True):
        for name, amount in (("monthly", monthly), ("annual", annual)):
            Price.objects.create(product=product, price_list=shelf, currency="EUR", cycle=name, amount=D(amount))
    hosting, backup, _other = buy(cast.charlie_client, products)
    assert Invoice.objects.get().total_amount == D("166.60")
    today(day)
    asked = change(hosting, cycle=cycle, when=when)
    assert asked.invoice.total_amount == D(total), lines(asked.invoice)
    pay(asked.invoice)
    drain()
    assert {row.price_includes_tax for row in Subscription.objects.all()} == {True} and verify() == []
    today("2028-05-10" if day == "2027-05-16" else "2028-04-25")
    run(raise_renewal_invoices)
    renewed = [i for i in Invoice.objects.filter(kind="renewal") if i.lines.filter(subscription=hosting).exists()][-1]
    mine = sum(line.gross_amount for line in renewed.lines.filter(subscription__in=[hosting, backup]))
    assert mine == D("1428.00") and verify() == []
