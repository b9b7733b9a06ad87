"""Addons with days of their own end with what they belong to: shorter periods go on until then, longer ones are given back."""

from datetime import date
from decimal import Decimal as D

import pytest

from billing.actions.cancellation import cancel_subscription, keep_subscription
from billing.actions.cart import Belongs, add_line, create_cart
from billing.actions.order import place_order
from billing.jobs import end_cancelled_subscriptions, raise_renewal_invoices
from billing.models import Invoice, InvoiceLine, Subscription
from billing.options import CANCEL_CREDIT
from billing.queries.books import verify
from billing.queries.quote import quote
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun
from hostbill.core.options import set_option
from tests.billing.factories import make_product, pay

pytestmark = pytest.mark.django_db


def run(job):
    report = Report(JobRun(name="test", slot=clock.now()))
    job(clock.now(), report)
    assert not report.failures


def order(client, product, cycle, parent=None):
    """Ordered today and paid."""
    cart = create_cart(currency="EUR", actor=SYSTEM, client=client)
    belongs = {"belongs": Belongs(subscription=parent)} if parent else {}
    add_line(cart, product=product, cycle=cycle, answers={}, actor=SYSTEM, **belongs)
    total = quote(cart, client=client).total.amount
    placed = place_order(cart, client=client, actor=SYSTEM, idempotency_key=f"k{cart.pk}", expected_total=total)
    pay(placed.invoice)
    return Subscription.objects.get(product=product)


def family(client, today, cycle, addon_cycle, on):
    """Hosting since 1 May 2027, and an addon in a cycle of its own since `on`."""
    today("2027-05-01")
    hosting = order(client, make_product(prices={"monthly": ("31.00", "0"), "annual": ("366.00", "0")}), cycle)
    backup = make_product(prices={"monthly": ("6.00", "0"), "annual": ("36.60", "0")})
    backup.parents.add(hosting.product)
    today(on)
    return hosting, order(client, backup, addon_cycle, hosting)


def renewals(addon):
    rows = InvoiceLine.objects.filter(subscription=addon, invoice__kind="renewal", released=False).order_by("period_start")
    return [(str(row.period_start), str(row.period_end), row.net_amount) for row in rows]


def known(addon):
    addon.refresh_from_db()
    return addon.state, addon.cancel_at_end, str(addon.cancel_on), str(addon.next_due_on)


def test_a_shorter_addon_is_served_and_charged_until_its_parent_ends(cast, today):
    hosting, addon = family(cast.charlie_client, today, "annual", "monthly", "2027-05-11")
    cancel_subscription(hosting, when="end", reason="x", actor=SYSTEM)
    assert known(addon) == ("active", False, "2028-05-01", "2027-06-11") and verify() == []
    for month in range(6, 16):
        today(date(2027 + month // 13, (month - 1) % 12 + 1, 11).isoformat())
        run(raise_renewal_invoices)
        pay(Invoice.objects.get(state="issued"))
    today("2028-04-12")
    run(raise_renewal_invoices)
    # The last one is cut: 20 of 30 days of 6.00.
    assert renewals(addon)[-1] == ("2028-04-11", "2028-05-01", D("4.00")) and len(renewals(addon)) == 11
    assert known(addon)[3] == "None" and verify() == []
    today("2028-05-01")
    run(raise_renewal_invoices), run(end_cancelled_subscriptions)
    assert known(addon)[0] == known(hosting)[0] == "ended" and len(renewals(addon)) == 11 and verify() == []


@pytest.mark.parametrize(("setting", "credit"), [("prorated", "33.50"), ("none", "0")])
def test_what_is_left_of_a_longer_addon_is_given_back_by_the_setting(cast, today, setting, credit):
    hosting, addon = family(cast.charlie_client, today, "monthly", "annual", "2027-05-01")
    set_option(CANCEL_CREDIT, setting, SYSTEM)
    today("2027-05-16")
    cancel_subscription(hosting, when="end", reason="x", actor=SYSTEM)
    assert known(addon) == ("active", False, "2027-06-01", "None") and verify() == []
    today("2027-06-01")
    run(end_cancelled_subscriptions)
    hosting.account.refresh_from_db()
    assert known(addon)[0] == known(hosting)[0] == "ended"
    # 335 of 366 days of 36.60.
    assert hosting.account.credit_amount == D(credit) and verify() == []


def test_an_unpaid_period_beyond_the_parents_end_is_written_anew_up_to_it(cast, today):
    hosting, addon = family(cast.charlie_client, today, "monthly", "monthly", "2027-05-21")
    today("2027-06-10")
    run(raise_renewal_invoices)
    pay(Invoice.objects.filter(state="issued", lines__subscription=hosting).get())
    assert renewals(addon) == [("2027-06-21", "2027-07-21", D("6.00"))]
    cancel_subscription(hosting, when="end", reason="x", actor=SYSTEM)
    run(raise_renewal_invoices)
    assert renewals(addon) == [("2027-06-21", "2027-07-01", D("2.00"))] and verify() == []


@pytest.mark.parametrize(("cycle", "addon_cycle", "due"), [("annual", "monthly", "2027-06-11"), ("monthly", "annual", "2028-05-11")])
def test_the_parent_is_kept_and_the_addon_with_it(cast, today, cycle, addon_cycle, due):
    hosting, addon = family(cast.charlie_client, today, cycle, addon_cycle, "2027-05-11")
    cancel_subscription(hosting, when="end", reason="x", actor=SYSTEM)
    keep_subscription(hosting, actor=SYSTEM)
    assert known(addon) == ("active", False, "None", due) and verify() == []


def test_an_addon_cancelled_by_itself_stays_cancelled_and_kept_it_ends_with_its_parent(cast, today):
    hosting, addon = family(cast.charlie_client, today, "annual", "monthly", "2027-05-11")
    cancel_subscription(addon, when="end", reason="x", actor=SYSTEM)
    cancel_subscription(hosting, when="end", reason="x", actor=SYSTEM)
    assert known(addon) == ("active", True, "2027-06-11", "None")
    keep_subscription(addon, actor=SYSTEM)
    assert known(addon) == ("active", False, "2028-05-01", "2027-06-11")
    cancel_subscription(addon, when="end", reason="x", actor=SYSTEM)
    keep_subscription(hosting, actor=SYSTEM)
    assert known(addon) == ("active", True, "2027-06-11", "None") and verify() == []
