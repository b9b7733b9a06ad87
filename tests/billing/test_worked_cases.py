"""Worked cases from end to end, by the real use cases: what a sum on paper says stands on the documents and in the books."""

from datetime import date
from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.cancellation import cancel_subscription
from billing.actions.change import request_change
from billing.actions.credit import grant_credit
from billing.actions.dispute import settle_dispute
from billing.actions.invoice import NewLine, write_invoice
from billing.actions.payment import record_payment
from billing.actions.renewal import raise_renewals
from billing.gateways.base import DisputeResult
from billing.jobs import end_cancelled_subscriptions, raise_renewal_invoices
from billing.models import CreditNote, Invoice, InvoiceLine
from billing.queries.books import verify
from billing.queries.wish import Wish
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun, ModuleConfig
from hostbill.core.money import Money
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate, pay, subscription_of

pytestmark = pytest.mark.django_db


def run(*jobs):
    """As the night does; no failure is kept quiet."""
    for job in jobs:
        report = Report(JobRun(name="test", slot=clock.now()))
        job(clock.now(), report)
        assert not report.failures


def plan(cycle, price, **fields):
    return make_product(prices={cycle: (price, "0")}, **fields)


@pytest.mark.parametrize(
    ("start", "cycle", "price", "changes", "other", "nets"),
    [
        pytest.param("2027-04-01", "monthly", "10.00", "2027-04-16", "20.00", ["-5.00", "10.00"], id="P21"),
        pytest.param("2027-05-01", "monthly", "9.95", "2027-05-07", "599.95", ["-8.02", "483.83"], id="P17 the other way"),
        pytest.param("2027-04-01", "quarterly", "910.00", "2027-05-03", "1820.00", ["-590.00", "1180.00"], id="P25 as a change"),
        pytest.param("2028-01-01", "annual", "366.00", "2028-12-31", "732.00", ["-1.00", "2.00"], id="the last day of a leap year"),
        pytest.param("2027-01-31", "monthly", "28.00", "2027-02-27", "56.00", ["-1.00", "2.00"], id="the last day of a month end"),
        pytest.param("2027-05-01", "monthly", "31.00", "2027-05-01", "62.00", ["-31.00", "62.00"], id="the first day"),
    ],
)
def test_an_upgrade_is_the_rest_of_both(cast, set_day, drain, start, cycle, price, changes, other, nets):
    set_day(start)
    service = active_subscription(cast.alice_client, plan(cycle, price), cycle=cycle)
    set_day(changes)
    asked = request_change(service, Wish(product_id=plan(cycle, other).pk), when="now", actor=SYSTEM, for_staff=True)
    assert [line.net_amount for line in asked.invoice.lines.all()] == [D(net) for net in nets]
    pay(asked.invoice)
    drain()
    service.refresh_from_db()
    set_day(service.next_due_on.isoformat())
    (renewal,) = raise_renewals(service.account, until=clock.today(), actor=SYSTEM)
    assert renewal.net_amount == D(other) and verify() == []


@pytest.mark.parametrize(
    ("start", "cycle", "price", "ends", "given"),
    [
        pytest.param("2027-04-01", "quarterly", "910.00", "2027-05-03", "590.00", id="P25: 32 days of 91 are used"),
        pytest.param("2027-05-01", "monthly", "249.95", "2027-05-02", "241.89", id="one of 31 days is used"),
        pytest.param("2027-05-01", "monthly", "10.00", "2027-05-31", "0.32", id="P23"),
        pytest.param("2028-02-29", "annual", "365.00", "2029-02-27", "1.00", id="from a 29 February"),
    ],
)
def test_ended_now_the_days_that_are_left_come_back(cast, set_day, start, cycle, price, ends, given):
    set_day(start)
    service = active_subscription(cast.alice_client, plan(cycle, price), cycle=cycle)
    set_day(ends)
    cancel_subscription(service, when="now", credit="prorated", reason="x", actor=SYSTEM)
    assert CreditNote.objects.get().net_amount == D(given)
    assert verify() == []


def test_half_paid_and_ended_early(cast, set_day):
    """P29: 90.00 for 30 days, 75.00 of it paid. After 20 days 30.00 are unused: 15.00 are owed no more, 15.00 come back."""
    set_day("2027-04-01")
    make_tax_rate("20")
    cast.alice_client.tax_id = ""
    cast.alice_client.save()
    order = make_order(cast.alice_client, plan("monthly", "75.00", setup_on="order"))
    assert order.invoice.total_amount == D("90.00")
    service = subscription_of(order)
    pay(order.invoice, Money(D("75.00"), "EUR"))
    set_day("2027-04-21")
    cancel_subscription(service, when="now", credit="prorated", reason="x", actor=SYSTEM)
    order.invoice.refresh_from_db()
    account = open_account(cast.alice_client)
    assert (order.invoice.open_amount, account.credit_amount) == (0, D("15.00"))
    assert CreditNote.objects.get().total_amount == D("30.00") and verify() == []


def test_three_days_without_a_run_are_caught_up_once(cast, set_day):
    """D23."""
    services = []
    for day in ("2026-11-01", "2026-11-02", "2026-11-03"):
        set_day(day)
        services.append(active_subscription(cast.alice_client))
    set_day("2026-12-04")
    before = Invoice.objects.count()
    run(raise_renewal_invoices)
    run(raise_renewal_invoices)
    december = InvoiceLine.objects.filter(kind="recurring", period_start__month=12)
    assert [str(line.period_start) for line in december.order_by("period_start")] == ["2026-12-01", "2026-12-02", "2026-12-03"]
    assert Invoice.objects.count() == before + 3 and verify() == []


def test_an_annual_month_end_is_silent_in_between(cast, set_day):
    """D7."""
    set_day("2024-01-31")
    service = active_subscription(cast.alice_client, cycle="annual")
    for day in ("2024-02-29", "2024-03-31", "2024-04-30", "2024-12-31"):
        set_day(day)
        run(raise_renewal_invoices)
        assert Invoice.objects.count() == 1
    set_day("2025-01-31")
    run(raise_renewal_invoices)
    assert str(service.invoice_lines.order_by("-period_start")[0].period_start) == "2025-01-31"


def test_cancelled_at_the_end_of_its_term_gives_nothing_back(cast, set_day):
    set_day("2013-01-19")
    service = active_subscription(cast.alice_client, cycle="annual")
    set_day("2013-11-02")
    cancel_subscription(service, when="end", reason="x", actor=SYSTEM)
    set_day("2014-01-19")
    run(end_cancelled_subscriptions)
    service.refresh_from_db()
    assert (service.state, CreditNote.objects.count(), open_account(cast.alice_client).credit_amount) == ("ended", 0, 0)


def test_thirteen_invoices_of_one_service_come_to_the_same(cast, set_day):
    """10.00 and 21 %: the order and twelve renewals are 12.10 each."""
    make_tax_rate("21")
    set_day("2027-01-31")
    service = active_subscription(cast.alice_client, cycle="monthly")
    for _month in range(12):
        service.refresh_from_db()
        set_day(service.next_due_on.isoformat())
        (invoice,) = raise_renewals(service.account, until=clock.today(), actor=SYSTEM)
        pay(invoice)
    assert list(Invoice.objects.values_list("total_amount", flat=True)) == [D("12.10")] * 13
    assert verify() == []


@pytest.fixture
def account(cast):
    return open_account(cast.charlie_client)


def eur(amount):
    return Money(D(amount), "EUR")


def bill(account, *nets):
    return write_invoice(account, [NewLine("hosting", D(net)) for net in nets], due_on=clock.today(), actor=SYSTEM)


@pytest.mark.parametrize(
    ("credit", "nets", "open_amount", "left"),
    [
        pytest.param("300.00", ["249.95", "249.95"], "199.90", "0.00", id="M1"),
        pytest.param("100.00", ["1.00", "29.95"], "0.00", "69.05", id="M3"),
        pytest.param("30.95", ["1.00", "29.95"], "0.00", "0.00", id="to the cent"),
        pytest.param("30.94", ["1.00", "29.95"], "0.01", "0.00", id="a cent short"),
    ],
)
def test_credit_makes_less_payable(account, credit, nets, open_amount, left):
    grant_credit(account, money=eur(credit), note="sorry", actor=SYSTEM)
    invoice = bill(account, *nets)
    account.refresh_from_db()
    assert (invoice.net_amount, invoice.open_amount, account.credit_amount) == (sum(map(D, nets)), D(open_amount), D(left))
    assert verify() == []


def test_a_part_payment_is_charged_back_and_restored(account):
    """M5: 249.95 with 10.00 paid."""
    gateway = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")
    invoice = bill(account, "249.95")
    payment = record_payment(account, gateway=gateway, remote_id="pi", money=eur("10.00"), actor=SYSTEM, invoices=[invoice])
    seen = []
    for state in ("open", "won"):
        settle_dispute(payment, DisputeResult(state, "du", "pi", payment.money, eur("0"), "fraudulent"))
        invoice.refresh_from_db()
        seen.append(invoice.open_amount)
    assert seen == [D("249.95"), D("239.95")] and verify() == []


def test_lines_that_round_to_nothing_are_not_paid_for(cast):
    """M13: six of 0.4 and two of 1.0 yen at 40 %: net 2, tax 1, and of the credit 3."""
    make_tax_rate("40")
    cast.charlie_client.currency = "JPY"
    account = open_account(cast.charlie_client)
    grant_credit(account, money=Money(D(10), "JPY"), note="sorry", actor=SYSTEM)
    invoice = bill(account, *["0.4"] * 6, "1.0", "1.0")
    account.refresh_from_db()
    assert (invoice.net_amount, invoice.tax_amount, invoice.state, account.credit_amount) == (2, 1, "paid", 7)
    assert verify() == []


def test_a_trial_over_the_change_of_clocks_ends_on_its_day(cast, set_day):
    """Thirty days from 1 March 2017 are over on the 31st, whatever the hour."""
    set_day("2017-03-01")
    service = subscription_of(make_order(cast.alice_client, make_product(trial_days=30)))
    assert (str(service.next_due_on), service.anchor_day) == ("2017-03-31", 31)


def test_the_day_due_is_the_sellers_day(cast, set_day):
    set_day("2027-03-01")
    service = active_subscription(cast.alice_client, cycle="monthly")
    (invoice,) = raise_renewals(service.account, until=date(2027, 4, 1), actor=SYSTEM)
    assert invoice.due_on == date(2027, 4, 1) and str(invoice.lines.get().last_day) == "2027-04-30"
