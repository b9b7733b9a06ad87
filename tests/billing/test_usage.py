"""Metered use: counted by the seller's days, charged once after the month, late events with the next one."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from billing.actions.cancellation import cancel_subscription, end_subscription
from billing.actions.metric import end_metric, save_metric
from billing.actions.preview import look_ahead
from billing.actions.transfer import accept_transfer, offer_transfer
from billing.actions.usage import UsageEvent, close_usage, record_usage
from billing.jobs import close_months_of_use, raise_renewal_invoices
from billing.models import BillableItem, Invoice, InvoiceLine, MetricTerms, Posting, UsagePeriod, UsageRecord
from billing.queries.books import verify
from billing.queries.usage import amount_words, parts_of, running_use
from hostbill.core import clock, options
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun
from tests.billing.factories import active_subscription, make_metric, make_product, make_tax_rate, pay, use

LADDER = [("0", "0.1000"), ("100", "0.0800"), ("1000", "0.00125")]


def terms(model, included="0", tiers=LADDER):
    rows = [{"from": begins, "prices": {"EUR": price}, "fixed": {"EUR": fixed[0]} if fixed else {}} for begins, price, *fixed in tiers]
    return MetricTerms(included=D(included), model=model, tiers=rows)


@pytest.mark.parametrize(
    ("model", "included", "used", "parts", "total"),
    [
        ("graduated", "0", "0", [], "0"),
        ("graduated", "10", "10", [], "0"),
        ("graduated", "10", "12.4", [("2.4", "0.1")], "0.24"),
        ("graduated", "0", "100", [("100", "0.1")], "10"),
        ("graduated", "0", "150", [("100", "0.1"), ("50", "0.08")], "14"),
        ("graduated", "50", "150", [("100", "0.1")], "10"),
        ("graduated", "0", "1100.8", [("100", "0.1"), ("900", "0.08"), ("100.8", "0.00125")], "82.126"),
        ("volume", "0", "99.9999", [("99.9999", "0.1")], "9.99999"),
        ("volume", "0", "100", [("100", "0.1")], "10"),
        ("volume", "0", "100.0001", [("100.0001", "0.08")], "8.000008"),
        ("volume", "10", "1010", [("1000", "0.08")], "80"),
        ("volume", "10", "1012", [("1002", "0.00125")], "1.2525"),
        ("volume", "0", "-5", [], "0"),
        ("graduated", "0", "-5", [], "0"),
    ],
)
def test_ranges(model, included, used, parts, total):
    found = parts_of(terms(model, included), "EUR", D(used))
    assert [(part.quantity, part.unit_amount) for part in found] == [(D(quantity), D(unit)) for quantity, unit in parts]
    assert sum(part.amount for part in found) == D(total)


@pytest.mark.parametrize(
    ("model", "tiers", "used", "total"),
    [
        pytest.param("graduated", [("0", "10", "100"), ("5", "5", "50")], "3", "130.00", id="U1"),
        pytest.param("graduated", [("0", "10", "100"), ("5", "5", "50")], "5", "150.00", id="U1, the first range's last"),
        pytest.param("graduated", [("0", "10", "100"), ("5", "5", "50")], "8", "215.00", id="U1, both ranges"),
        pytest.param("graduated", [("0", "10", "100")], "0", "0", id="nothing used, nothing fixed"),
        pytest.param("volume", [("0", "5", "100"), ("10", "2", "50")], "5", "125", id="U3"),
        pytest.param("volume", [("0", "5", "100"), ("10", "2", "50")], "10", "150", id="U3, to 10"),
        pytest.param("volume", [("0", "5", "100"), ("10", "2", "50")], "15", "80", id="U3, above 10"),
        pytest.param("graduated", [("0", "0.05"), ("100", "0.02", "10")], "50", "2.50", id="U5"),
        pytest.param("graduated", [("0", "0.05"), ("100", "0.02", "10")], "150", "16.00", id="U5, above 100"),
        pytest.param("graduated", [("0", "0", "9")], "1", "9", id="an amount alone"),
    ],
)
def test_ranges_with_an_amount_of_their_own(model, tiers, used, total):
    assert sum(part.amount for part in parts_of(terms(model, "0", tiers), "EUR", D(used))) == D(total)


def test_a_currency_without_price_is_not_charged():
    assert parts_of(terms("volume"), "USD", D(500)) == []


@given(st.decimals(0, 5000, places=4), st.decimals(0, 200, places=4), st.sampled_from(["volume", "graduated"]))
def test_parts_hold_all_that_is_charged(used, included, model):
    found = parts_of(terms(model, f"{included}"), "EUR", used)
    assert sum((part.quantity for part in found), D(0)) == max(used - included, D(0))
    assert all(part.quantity > 0 for part in found)


@given(st.decimals(0, 5000, places=4), st.decimals(0, 5000, places=4))
def test_by_ranges_more_never_costs_less(one, other):
    less, more = sorted((one, other))
    sums = [sum(part.amount for part in parts_of(terms("graduated"), "EUR", used)) for used in (less, more)]
    assert sums[0] <= sums[1]


@pytest.mark.parametrize(
    ("language", "quantity", "words"),
    [
        ("en", "48213", "48,213 GB"),
        ("en", "12.4000", "12.4 GB"),
        ("en", "0.0001", "0.0001 GB"),
        ("en", "100", "100 GB"),
        ("de", "1012.5", "1.012,5 GB"),
        ("bn", "12.5", "১২.৫ GB"),
    ],
)
def test_quantities_are_exact_and_in_the_readers_numbers(language, quantity, words):
    with translation.override(language):
        assert amount_words(D(quantity), "GB") == words


def run(*jobs):
    """Each job, as the night does."""
    for job in jobs or (close_months_of_use, raise_renewal_invoices):
        report = Report(JobRun(name="test"))
        job(clock.now(), report)
        assert not report.failures, report.failures


@pytest.fixture
def metered(cast, today):
    """Alice's service since 1 May 2027, monthly at 10.00, with traffic at 0.50 beyond 10 GB."""
    make_tax_rate()
    product = make_product()
    make_metric(product)
    return active_subscription(cast.alice_client, product)


def usage_lines():
    return list(InvoiceLine.objects.filter(kind="usage").select_related("invoice").order_by("pk"))


def test_a_month_comes_with_the_renewal(metered, today):
    use(metered, "12.5")
    today("2027-05-31")
    run()
    assert not usage_lines() and not UsagePeriod.objects.exists()
    today("2027-06-01")
    run()
    today("2027-06-24")
    run()
    [line] = usage_lines()
    assert (line.quantity, line.unit_amount, line.net_amount) == (D("2.5"), D("0.5"), D("1.25"))
    assert (line.period_start, line.period_end) == (date(2027, 5, 1), date(2027, 6, 1))
    assert "12.5 GB" in line.description and "10 GB" in line.description
    assert {row.kind for row in line.invoice.lines.all()} == {"usage", "recurring"}
    assert line.invoice.net_amount == D("11.25") and line.invoice.total_amount == D("13.39")
    code = f"revenue:{metered.product.kind}:{metered.product_id}"
    booked = Posting.objects.filter(entry__invoice=line.invoice, ledger_account__code=code)
    assert [-row.amount for row in booked] == [D("1.25")]
    assert not verify()


def test_runs_twice_charge_once(metered, today):
    use(metered, "12.5")
    today("2027-06-24")
    for _count in range(3):
        run()
    assert len(usage_lines()) == 1
    assert UsagePeriod.objects.count() == 1


def test_an_event_counts_once(metered):
    assert len(use(metered, "3", event_id="a").rows) == 1
    at = UsageRecord.objects.get().occurred_at
    again = use(metered, "3", at, event_id="a")
    assert (len(again.rows), again.known) == (0, 1)
    with pytest.raises(AppError) as refusal:
        use(metered, "4", at, event_id="a")
    assert refusal.value.code == "event_conflict"
    metric = metered.product.metrics.get()
    with pytest.raises(AppError):
        record_usage(metered, [UsageEvent("b", metric, D(1), at), UsageEvent("b", metric, D(2), at)], actor=SYSTEM)
    assert UsageRecord.objects.count() == 1


def test_late_events_count_in_the_next_month(metered, today):
    may = clock.now()
    use(metered, "12")
    today("2027-06-01")
    run()
    use(metered, "20", may, event_id="late")
    use(metered, "5")
    today("2027-07-01")
    run()
    found = list(UsagePeriod.objects.order_by("starts_on").values_list("starts_on", "quantity"))
    assert found == [(date(2027, 5, 1), D(12)), (date(2027, 6, 1), D(25))]
    assert not verify()


def test_days_are_the_sellers(cast, set_day):
    """D21: New York, local moments at the borders of months and on both sides of the change of clocks."""
    options.set_option(options.find("company.time_zone"), "America/New_York", SYSTEM)
    set_day("2027-03-01")
    product = make_product()
    make_metric(product, included="0")
    subscription = active_subscription(cast.alice_client, product)
    local = ["03-01 04:00", "03-15 12:00", "03-31 23:59", "04-01 00:00", "04-01 00:01", "04-15 12:00", "04-30 23:59",
             "05-01 00:00", "05-01 00:01"]  # fmt: skip
    there = ZoneInfo("America/New_York")
    moments = [datetime.fromisoformat(f"2027-{text}").replace(tzinfo=there).astimezone(UTC) for text in local]
    set_day("2027-05-02")
    for moment in moments:
        use(subscription, "1", moment)
    set_day("2027-06-01")
    close_usage(subscription, until=clock.today(), actor=SYSTEM)
    counts = UsagePeriod.objects.order_by("starts_on").values_list("starts_on", "quantity")
    assert list(counts) == [(date(2027, 3, 1), D(3)), (date(2027, 4, 1), D(4)), (date(2027, 5, 1), D(2))]


def test_ended_now_there_is_a_last_invoice(metered, today):
    use(metered, "12")
    today("2027-05-20")
    use(metered, "4")
    cancel_subscription(metered, when="now", reason="moves", actor=SYSTEM)
    [line] = usage_lines()
    assert (line.net_amount, line.invoice.state, line.period_end) == (D("3.00"), "issued", date(2027, 5, 21))
    end_subscription(metered, actor=SYSTEM, reason="again")
    run()
    assert len(usage_lines()) == 1
    with pytest.raises(AppError) as refusal:
        use(metered, "1")
    assert refusal.value.code == "not_running"
    assert not verify()


def test_what_waited_for_a_renewal_is_on_the_last_invoice(metered, today):
    use(metered, "12")
    today("2027-05-25")
    run()
    today("2027-06-02")
    run()
    assert (BillableItem.objects.get().state, BillableItem.objects.get().first_on) == ("open", date(2027, 7, 1))
    cancel_subscription(metered, when="now", reason="moves", actor=SYSTEM)
    [line] = usage_lines()
    assert line.net_amount == D("1.00")


@pytest.mark.parametrize("by_note", [True, False])
def test_cancelled_before_the_renewal_begins_the_use_stays_charged(metered, today, by_note):
    options.set_option(options.find("billing.cancel_by_credit_note"), by_note, SYSTEM)
    use(metered, "12")
    today("2027-05-25")
    run()
    pay(Invoice.objects.get(state="issued"))
    today("2027-06-24")
    run()
    renewal = usage_lines()[0].invoice
    assert renewal.lines.filter(kind="recurring").exists()
    cancel_subscription(metered, when="end", reason="moves", actor=SYSTEM)
    open_amounts = Invoice.objects.filter(state="issued", lines__kind="usage").distinct().values_list("open_amount", flat=True)
    assert D("1.19") in list(open_amounts)
    assert not verify()


def test_yearly_services_are_charged_their_use_each_month(cast, today):
    product = make_product()
    make_metric(product)
    subscription = active_subscription(cast.alice_client, product, cycle="annual")
    use(subscription, "30")
    today("2027-06-01")
    run()
    [line] = usage_lines()
    assert line.invoice.lines.count() == 1
    assert line.invoice.due_on > clock.today()


def test_corrections_are_negative_and_say_why(metered, today):
    use(metered, "12")
    with pytest.raises(AppError) as refusal:
        use(metered, "-1")
    assert refusal.value.code == "no_reason"
    use(metered, "-2", reason="counted twice")
    today("2027-06-24")
    run()
    assert not usage_lines() and UsagePeriod.objects.get().quantity == D(10)


def test_more_corrected_than_used_is_taken_off_the_next_month(metered, today):
    use(metered, "-5", reason="wrong last month")
    today("2027-06-01")
    use(metered, "20")
    run()
    today("2027-07-01")
    run()
    june = UsagePeriod.objects.get(starts_on="2027-06-01")
    assert (june.brought, june.quantity, june.charged_quantity) == (D(-5), D(15), D(5))
    assert not verify()


@pytest.mark.parametrize(("kind", "quantity"), [("max", "9"), ("last", "4")])
def test_snapshots(cast, today, kind, quantity):
    product = make_product()
    make_metric(product, kind=kind, included="3")
    subscription = active_subscription(cast.alice_client, product)
    may = clock.now()
    for value in ("2", "9", "4"):
        use(subscription, value)
    today("2027-06-01")
    run(close_months_of_use)
    assert UsagePeriod.objects.get().quantity == D(quantity)
    use(subscription, "100", may)
    use(subscription, "5")
    today("2027-07-01")
    run(close_months_of_use)
    assert UsagePeriod.objects.get(starts_on="2027-06-01").quantity == D(5)


def test_ranges_are_lines_of_their_own(cast, today):
    product = make_product()
    make_metric(product, included="0", tiers=LADDER)
    subscription = active_subscription(cast.alice_client, product)
    use(subscription, "1100.8")
    today("2027-06-24")
    run()
    assert [line.net_amount for line in usage_lines()] == [D("10"), D("72"), D("0.13")]
    assert not verify()


def test_amounts_of_ranges_are_lines_of_their_own(cast, today):
    product = make_product()
    make_metric(product, included="2", tiers=[("0", "10", "100"), ("5", "5", "50")])
    subscription = active_subscription(cast.alice_client, product)
    use(subscription, "10")
    today("2027-06-24")
    run()
    lines = usage_lines()
    assert [line.net_amount for line in lines] == [D(50), D(100), D(15), D(50)]
    assert "fixed amount, 10 GB used" in lines[1].description and "fixed amount above 7 GB" in lines[3].description
    assert not verify()


def test_a_new_price_is_for_months_that_begin_later(metered, today):
    use(metered, "12")
    today("2027-05-10")
    save_metric(
        metered.product.metrics.get(), included=D(0), model="volume", tiers=[{"from": "0", "prices": {"EUR": "9"}}], actor=SYSTEM
    )
    [now] = running_use(metered)
    assert now.amount.amount == D("1.00")
    today("2027-06-01")
    use(metered, "2")
    [now] = running_use(metered)
    assert (now.days.start, now.amount.amount) == (date(2027, 5, 1), D("1.00"))
    run(close_months_of_use)
    [now] = running_use(metered)
    assert (now.days.start, now.amount.amount) == (date(2027, 6, 1), D("18.00"))


def test_an_ended_metric_charges_what_was_used(metered, today):
    use(metered, "12")
    metric = metered.product.metrics.get()
    today("2027-05-20")
    end_metric(metric, actor=SYSTEM)
    metric.refresh_from_db()
    with pytest.raises(AppError) as refusal:
        use(metered, "1", metric=metric)
    assert refusal.value.code == "metric_ended"
    today("2027-06-24")
    run()
    assert len(usage_lines()) == 1


def test_handed_over_the_giver_pays_for_what_was_used(metered, cast, today):
    use(metered, "12")
    today("2027-05-20")
    transfer = offer_transfer(metered, to_client=cast.charlie_client, actor=SYSTEM)
    accept_transfer(transfer, actor=SYSTEM)
    today("2027-06-24")
    run()
    [line] = usage_lines()
    assert line.invoice.client == cast.alice_client


def test_looking_ahead_sees_it(cast):
    product = make_product()
    make_metric(product)
    subscription = active_subscription(cast.alice_client, product)
    use(subscription, "12.5")
    found = look_ahead([subscription.client_id], clock.today() + timedelta(days=75))
    assert not UsagePeriod.objects.exists()
    assert D("11.25") in [row.amount for row in found]


def test_the_database_keeps_what_was_counted(metered, today):
    use(metered, "12")
    record = UsageRecord.objects.get()
    today("2027-06-01")
    run(close_months_of_use)
    period = UsagePeriod.objects.get()
    changes = [
        lambda: UsageRecord.objects.update(quantity=1),
        lambda: UsageRecord.objects.update(period=None),
        lambda: UsageRecord.objects.filter(pk=record.pk)._raw_delete("default"),
        lambda: UsagePeriod.objects.update(quantity=1),
        lambda: MetricTerms.objects.update(included=0),
        lambda: UsagePeriod.objects.create(
            subscription=metered, metric=period.metric, terms=period.terms, starts_on=period.starts_on, ends_on=period.ends_on, quantity=1
        ),
    ]
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
