"""Changes of running subscriptions: money to the day, the service when it is paid, each day charged once."""

from datetime import date
from decimal import Decimal as D

import pytest

from billing.actions.cancellation import cancel_subscription
from billing.actions.change import preview_change, request_change, withdraw_change
from billing.actions.charge import request_charge
from billing.actions.refund import refund_payment
from billing.actions.write_off import take_back_write_off, write_off
from billing.jobs import begin_changes, lapse_changes, raise_renewal_invoices
from billing.models import CreditNote, Invoice, InvoiceLine, SubscriptionChange
from billing.queries.books import verify
from billing.queries.wish import Wish
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun
from hostbill.core.money import Money
from hostbill.core.states import transition
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate, pay, subscription_of

pytestmark = pytest.mark.django_db
NOW, END = "now", "term_end"


def run(job):
    job(clock.now(), Report(JobRun(name="test", slot=clock.now())))


def plan(name, monthly, annual="1000.00", **fields):
    return make_product(name=name, prices={"monthly": (monthly, "0"), "annual": (annual, "0")}, **fields)


@pytest.fixture
def small():
    return plan("Small", "10.00", "100.00")


@pytest.fixture
def big():
    return plan("Big", "20.00", "200.00")


@pytest.fixture
def service(cast, today, small):
    return active_subscription(cast.charlie_client, small)


def change(subscription, when=NOW, **wish):
    return request_change(subscription, Wish(**wish), when=when, actor=SYSTEM, for_staff=True)


def nets(invoice):
    return [(line.kind, line.net_amount) for line in invoice.lines.order_by("sort")]


def test_an_upgrade_shows_both_sides_and_happens_when_paid(service, big, today, drain):
    today("2027-05-16")  # 16 of 31 days are left
    asked = change(service, product_id=big.pk)
    assert nets(asked.invoice) == [("credit", D("-5.16")), ("recurring", D("10.32"))]
    assert asked.invoice.total_amount == D("5.16") and asked.invoice.due_on == clock.today()
    drain()
    service.refresh_from_db()
    assert (asked.state, service.product_id, service.price_amount) == ("unpaid", asked.from_product_id, D("10"))
    pay(asked.invoice)
    drain()
    service.refresh_from_db()
    assert (service.product, service.price_amount, str(service.next_due_on)) == (big, D("20"), "2027-06-01")
    assert str(service.paid_until) == "2027-06-01"
    assert SubscriptionChange.objects.get().state == "done"
    assert verify() == []


def test_the_next_renewal_has_the_new_price(service, big, today, drain):
    today("2027-05-16")
    pay(change(service, product_id=big.pk).invoice)
    drain()
    today("2027-05-20")
    run(raise_renewal_invoices)
    line = InvoiceLine.objects.get(subscription=service, period_start=date(2027, 6, 1))
    assert (line.net_amount, line.period_end) == (D("20"), date(2027, 7, 1))
    assert verify() == []


def test_the_preview_is_what_happens(service, big, today):
    make_tax_rate("19")
    today("2027-05-16")
    shown = preview_change(service, Wish(product_id=big.pk), when=NOW, for_staff=True)
    # The credit is taxed as its line was, which is not at all: 10.32 + 19 % - 5.16.
    assert shown.due == Money(D("7.12"), "EUR")
    asked = change(service, product_id=big.pk)
    assert asked.invoice.total == shown.due and not CreditNote.objects.exists()


def test_another_price_than_seen_is_refused(service, big):
    with pytest.raises(AppError) as refused:
        request_change(service, Wish(product_id=big.pk), when=NOW, actor=SYSTEM, expected=Money(D("1"), "EUR"), for_staff=True)
    assert refused.value.code == "price_changed"


def test_an_unpaid_change_lapses_and_everything_is_as_before(service, big, today, drain):
    today("2027-05-10")
    asked = change(service, product_id=big.pk)
    today("2027-05-17")
    run(lapse_changes)
    drain()
    asked.refresh_from_db()
    service.refresh_from_db()
    assert (asked.state, asked.invoice.state, service.price_amount) == ("withdrawn", "cancelled", D("10"))
    assert (str(service.paid_until), str(service.next_due_on)) == ("2027-06-01", "2027-06-01")
    assert verify() == []
    run(raise_renewal_invoices)
    today("2027-05-20")
    run(raise_renewal_invoices)
    assert InvoiceLine.objects.get(subscription=service, period_start=date(2027, 6, 1)).net_amount == D("10")
    assert verify() == []


def test_a_change_does_not_lapse_while_a_payment_of_it_may_succeed(shop, small, big, today):
    today("2027-05-10")
    service, method = active_subscription(shop.client, small), shop.save_card("pm_card_visa")
    asked = change(service, product_id=big.pk)
    charge = request_charge(asked.invoice, method, actor=SYSTEM)
    today("2027-05-17")
    report = Report(JobRun(name="test", slot=clock.now()))
    lapse_changes(clock.now(), report)
    asked.refresh_from_db()
    assert (asked.state, dict(report.counts)) == ("unpaid", {"left": 1})
    transition(charge, "failed")
    run(lapse_changes)
    asked.refresh_from_db()
    assert (asked.state, asked.invoice.state) == ("withdrawn", "cancelled")
    assert verify() == []


def test_what_a_change_waits_for_is_not_written_off(service, big, today, drain):
    """What the old plan had paid for would be lost with it. Done and open again (a refund), it can be."""
    asked = change(service, product_id=big.pk)
    with pytest.raises(AppError) as refusal:
        write_off(asked.invoice, reason="insolvent", actor=SYSTEM)
    assert refusal.value.code == "change_under_way" and verify() == []
    payment = pay(asked.invoice)
    drain()
    refund_payment(payment, money=payment.money, source="invoice", reason="x", actor=SYSTEM)
    write_off(asked.invoice, reason="insolvent", actor=SYSTEM)
    assert verify() == []
    take_back_write_off(asked.invoice, actor=SYSTEM)
    assert verify() == []


def test_renewals_wait_while_a_change_is_unpaid(service, big, today, drain):
    today("2027-05-20")
    asked = change(service, product_id=big.pk)
    run(raise_renewal_invoices)
    assert Invoice.objects.filter(kind="renewal").count() == 0
    pay(asked.invoice)
    drain()
    run(raise_renewal_invoices)
    assert Invoice.objects.get(kind="renewal").net_amount == D("20")
    assert verify() == []


def test_an_open_renewal_is_exchanged_on_the_same_invoice(service, big, today, drain):
    """Nobody has to cancel anything: the renewal stays, the change brings the difference, each day is charged once."""
    today("2027-05-20")
    run(raise_renewal_invoices)
    renewal = Invoice.objects.get(kind="renewal")
    today("2027-05-21")  # 11 of 31 days
    asked = change(service, product_id=big.pk)
    assert nets(asked.invoice) == [
        ("credit", D("-3.55")),
        ("credit", D("-10.00")),
        ("recurring", D("7.10")),
        ("recurring", D("20.00")),
    ]
    pay(asked.invoice)
    drain()
    asked.refresh_from_db()
    assert asked.state == "unpaid"  # the renewal that it builds on is not paid yet
    renewal.refresh_from_db()
    pay(renewal)
    drain()
    service.refresh_from_db()
    assert (service.product, str(service.paid_until), str(service.next_due_on)) == (big, "2027-07-01", "2027-07-01")
    assert verify() == []


def test_a_downgrade_waits_for_the_end_of_the_paid_time(cast, today, small, big, drain):
    service = active_subscription(cast.charlie_client, big)
    today("2027-05-10")
    asked = change(service, END, product_id=small.pk)
    assert (asked.state, asked.effective_on, asked.invoice) == ("scheduled", date(2027, 6, 1), None)
    today("2027-05-20")
    run(raise_renewal_invoices)
    service.refresh_from_db()
    renewal = Invoice.objects.get(kind="renewal")
    assert (renewal.net_amount, service.product, service.price_amount) == (D("10"), big, D("10"))
    assert renewal.lines.get().description.startswith("Small")
    today("2027-06-01")
    run(begin_changes)
    drain()
    service.refresh_from_db()
    assert service.product == small
    assert verify() == []


def test_a_downgrade_exchanges_an_unpaid_renewal_by_a_credit_note(cast, today, small, big, drain):
    service = active_subscription(cast.charlie_client, big)
    today("2027-05-20")
    run(raise_renewal_invoices)
    renewal = Invoice.objects.get(kind="renewal")
    asked = change(service, END, product_id=small.pk)
    note = CreditNote.objects.get()
    assert (note.invoice, note.net_amount, asked.invoice.net_amount) == (renewal, D("20"), D("10"))
    assert asked.invoice.due_on == renewal.due_on
    assert verify() == []
    today("2027-06-01")
    run(begin_changes)
    service.refresh_from_db()
    assert (service.product, str(service.next_due_on)) == (small, "2027-07-01")
    assert verify() == []


def test_a_downgrade_now_gives_credit_and_never_cash(cast, today, drain):
    """599.95 paid on 1 May, to 9.95 on 7 May: 483.83 back, 8.02 charged, 475.81 credit."""
    rich, poor = plan("Rich", "599.95"), plan("Poor", "9.95")
    service = active_subscription(cast.charlie_client, rich)
    today("2027-05-07")
    asked = change(service, product_id=poor.pk)
    assert (CreditNote.objects.get().net_amount, asked.invoice.net_amount) == (D("483.83"), D("8.02"))
    assert asked.state == "done"
    service.account.refresh_from_db()
    assert service.account.credit_amount == D("475.81")
    assert verify() == []


def test_monthly_to_annual_begins_a_year_today(service, today, drain):
    """One of 31 days is left: 0.32 of 10.00 comes back."""
    today("2027-05-31")
    asked = change(service, cycle="annual")
    assert nets(asked.invoice) == [("credit", D("-0.32")), ("recurring", D("100.00"))]
    pay(asked.invoice)
    drain()
    service.refresh_from_db()
    assert (service.cycle, str(service.next_due_on), service.anchor_day) == ("annual", "2028-05-31", 31)
    assert verify() == []


def test_annual_to_monthly_at_the_end_keeps_the_day(cast, today, small, drain):
    today("2027-01-31")
    service = active_subscription(cast.charlie_client, small, cycle="annual")
    today("2027-12-01")
    asked = change(service, END, cycle="monthly")
    assert asked.effective_on == date(2028, 1, 31)
    for day in ("2028-01-20", "2028-01-31", "2028-02-20", "2028-03-20"):
        today(day)
        run(begin_changes)
        run(raise_renewal_invoices)
    lines = InvoiceLine.objects.filter(subscription=service).order_by("period_start")
    assert [str(line.period_start) for line in lines] == ["2027-01-31", "2028-01-31", "2028-02-29", "2028-03-31"]
    assert verify() == []


def test_another_billing_day(cast, today, drain):
    """249.95 billed on the 1st, on 5 May to 599.95 billed on the 10th: 99.99 for 5 days, 217.70 back."""
    old, new = plan("Old", "249.95"), plan("New", "599.95")
    service = active_subscription(cast.charlie_client, old)
    today("2027-05-05")
    asked = change(service, product_id=new.pk, anchor_day=10)
    assert (CreditNote.objects.get().net_amount, asked.invoice.net_amount) == (D("217.70"), D("99.99"))
    service.refresh_from_db()
    assert (asked.state, str(service.next_due_on), service.anchor_day) == ("done", "2027-05-10", 10)
    run(raise_renewal_invoices)
    renewal = Invoice.objects.get(kind="renewal")
    assert (renewal.net_amount, renewal.open_amount) == (D("599.95"), D("482.24"))
    assert verify() == []


def test_a_quantity_is_prorated_with_the_same_rule(cast, today, drain):
    seats = plan("Seats", "3.10", max_quantity=10)
    service = active_subscription(cast.charlie_client, seats)
    today("2027-05-11")  # 21 of 31 days
    asked = change(service, quantity=3)
    assert nets(asked.invoice) == [("credit", D("-2.10")), ("recurring", D("6.30"))]
    pay(asked.invoice)
    drain()
    service.refresh_from_db()
    assert service.quantity == 3 and verify() == []
    for wrong in (0, -1, 11):
        with pytest.raises(AppError) as refused:
            change(service, quantity=wrong)
        assert refused.value.code == "quantity"


def test_the_second_upgrade_credits_the_plan_and_not_the_difference(cast, today, drain):
    """60 a year (of 366 days), next day to 80, on day 41 to 100: what comes back is worth the 80 plan."""
    plans = [plan(name, "9", price) for name, price in (("A", "60.00"), ("B", "80.00"), ("C", "100.00"))]
    service = active_subscription(cast.charlie_client, plans[0], cycle="annual")
    today("2027-05-02")
    pay(change(service, product_id=plans[1].pk).invoice)
    drain()
    today("2027-06-10")
    asked = change(service, product_id=plans[2].pk)
    assert nets(asked.invoice) == [("credit", D("-71.26")), ("recurring", D("89.07"))]
    assert verify() == []


def test_there_and_back_on_one_day_costs_nothing(service, big, small, today, drain):
    today("2027-05-16")
    pay(change(service, product_id=big.pk).invoice)
    drain()
    back = change(service, product_id=small.pk)
    assert back.state == "done"
    service.account.refresh_from_db()
    assert service.account.credit_amount == D("5.16")
    assert verify() == []


def test_what_was_credited_before_is_not_given_twice(service, big, today):
    from billing.actions.credit_note import credit_invoice

    line = service.invoice_lines.get()
    credit_invoice(line.invoice, actor=SYSTEM, reason="goodwill", amounts={line.pk: D("8")})
    today("2027-05-16")
    asked = change(service, product_id=big.pk)
    assert nets(asked.invoice)[0] == ("credit", D("-2.00"))


def test_free_to_paid_charges_the_rest_of_the_month(cast, today, drain):
    """From 15 February: 14 of 28 days of 29.95."""
    today("2027-02-01")
    free, paid = plan("Free", "0.00"), plan("Paid", "29.95")
    service = subscription_of(make_order(cast.charlie_client, free))
    today("2027-02-15")
    asked = change(service, product_id=paid.pk)
    assert asked.invoice.net_amount == D("14.98")
    assert verify() == []


def test_a_change_is_refused_while_another_is_under_way(service, big):
    asked = change(service, product_id=big.pk)
    with pytest.raises(AppError) as refused:
        change(service, cycle="annual")
    assert refused.value.code == "change_under_way"
    withdraw_change(asked, actor=SYSTEM)
    assert change(service, cycle="annual").state == "unpaid"
    assert verify() == []


def test_a_paid_change_is_not_taken_back(service, big, today, drain):
    today("2027-05-10")
    asked = change(service, product_id=big.pk)
    pay(asked.invoice)
    with pytest.raises(AppError) as refused:
        withdraw_change(asked, actor=SYSTEM)
    assert refused.value.code == "paid_already"


@pytest.mark.parametrize("change_to", ["none", "listed", "group"])
def test_clients_reach_what_the_product_allows(service, big, change_to):
    product = service.product
    product.change_to = change_to
    product.save()
    other = plan("Listed", "15.00")
    product.change_targets.set([other])
    allowed = {"none": set(), "listed": {other}, "group": {big, other}}[change_to]
    for target in (big, other):
        if target in allowed:
            preview_change(service, Wish(product_id=target.pk), when=NOW)
            continue
        with pytest.raises(AppError) as refused:
            preview_change(service, Wish(product_id=target.pk), when=NOW)
        assert refused.value.code == "not_offered"


def test_what_is_there_already_is_no_change(service):
    with pytest.raises(AppError) as refused:
        change(service, product_id=service.product_id)
    assert refused.value.code == "same"


def test_cancelling_takes_an_open_change_back(service, big, today, drain):
    today("2027-05-10")
    asked = change(service, product_id=big.pk)
    cancel_subscription(service, when="end", reason="", actor=SYSTEM)
    asked.refresh_from_db()
    service.refresh_from_db()
    assert (asked.state, str(service.cancel_on)) == ("withdrawn", "2027-06-01")
    assert verify() == []


def test_cancelled_now_the_rest_becomes_credit_by_choice(service, today):
    today("2027-05-16")
    cancel_subscription(service, when="now", reason="", actor=SYSTEM, credit="prorated")
    service.account.refresh_from_db()
    assert service.account.credit_amount == D("5.16")
    assert verify() == []


def test_cancelled_now_nothing_comes_back_by_default(service, today):
    today("2027-05-16")
    cancel_subscription(service, when="now", reason="", actor=SYSTEM)
    assert not CreditNote.objects.exists() and verify() == []
