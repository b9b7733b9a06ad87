"""Revenue over the period served, closed months, written-off invoices."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.actions.account import open_account
from billing.actions.cancellation import cancel_subscription
from billing.actions.credit_note import credit_invoice
from billing.actions.invoice import NewLine, cancel_invoice, write_invoice
from billing.actions.ledger import Side, book
from billing.actions.payment import book_bank_payment
from billing.actions.period import close_month, reopen_month
from billing.actions.recognition import recognise, recognise_due
from billing.actions.write_off import take_back_write_off, write_off
from billing.models import Deferral, Invoice, JournalEntry, LedgerPeriod, Period, Posting
from billing.options import CANCEL_BY_CREDIT_NOTE, RECOGNISE, WRITE_OFF_TAX
from billing.queries.books import verify
from billing.queries.open_day import first_open_day
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Change
from hostbill.core.money import Money
from hostbill.core.options import set_option
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


def balance(family, **more) -> D:
    """Of all accounts of the family, credit positive."""
    rows = Posting.objects.filter(ledger_account__code__startswith=family, **more)
    return -(rows.aggregate(total=Sum("amount"))["total"] or D(0))


def line(amount, start, end, **more) -> NewLine:
    return NewLine("x", D(amount), period=Period(start, end), **more)


@pytest.fixture
def account(cast):
    return open_account(cast.charlie_client)


@pytest.fixture
def at_day():
    """Move the clock to noon of a day; nothing else happens."""
    return lambda day: clock.move_to(clock.start_of(day) + timedelta(hours=12))


def test_nothing_is_earned_at_issue_and_everything_at_the_end(cast, at_day):
    make_tax_rate()
    at_day(date(2027, 1, 10))
    account = open_account(cast.charlie_client)
    write_invoice(
        account, [line("31.00", date(2027, 1, 10), date(2027, 2, 10))], due_on=date(2027, 1, 10), actor=SYSTEM
    )
    assert (balance("revenue"), balance("deferred"), balance("tax")) == (D(0), D("31.00"), D("5.89"))
    at_day(date(2027, 2, 1))
    assert recognise_due() == 1 and recognise_due() == 0
    assert (balance("revenue"), balance("deferred")) == (D("22.00"), D("9.00"))
    entry = JournalEntry.objects.get(key__startswith="recognition:")
    assert entry.booked_on == date(2027, 1, 31)
    at_day(date(2027, 3, 1))
    recognise_due()
    assert (balance("revenue"), balance("deferred")) == (D("31.00"), D(0))
    assert not Deferral.objects.filter(is_done=False).exists() and verify() == []


@pytest.mark.parametrize(("policy", "entries"), [("day", 31), ("month", 2), ("issue", 0)])
def test_each_day_or_month_is_booked_once(cast, at_day, policy, entries):
    set_option(RECOGNISE, policy, SYSTEM)
    at_day(date(2027, 1, 10))
    account = open_account(cast.charlie_client)
    write_invoice(
        account, [line("10.00", date(2027, 1, 10), date(2027, 2, 10))], due_on=date(2027, 1, 10), actor=SYSTEM
    )
    at_day(date(2027, 3, 1))
    recognise_due()
    recognise_due()
    rows = JournalEntry.objects.filter(key__startswith="recognition:")
    assert rows.count() == entries and balance("revenue") == D("10.00") and balance("deferred") == 0
    if policy == "day":
        days = set(rows.values_list("booked_on", flat=True))
        assert days == {date(2027, 1, 10) + timedelta(days=number) for number in range(31)}
    assert verify() == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    units=st.integers(-500_000, 500_000),
    days=st.integers(1, 1100),
    stops=st.lists(st.integers(0, 1200), max_size=8),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_parts_sum_to_the_whole_whatever_the_days(db, units, days, stops, currency):
    """Property: however often it is booked, each part is the exact share of days and the last day takes the rest."""
    with transaction.atomic():
        amount, start = Money.from_minor(units, currency), date(2026, 1, 1)
        open_account(ClientFactory(currency=currency))
        entry = book("k", "k", [Side("fees", amount), Side("deferred:x", -amount)], booked_on=start)
        Deferral.objects.create(
            entry=entry, code="x", currency=currency, amount=amount.amount, booked_on=start, starts_on=start,
            ends_on=start + timedelta(days=days), recognised_until=start,
        )  # fmt: skip
        for stop in sorted(set(stops)):
            recognise(start + timedelta(days=stop))
            exact = amount.amount * min(stop + 1, days) / D(days)
            assert balance("revenue", currency=currency) == Money(exact, currency).amount
        recognise(start + timedelta(days=days))
        assert balance("revenue", currency=currency) == amount.amount and balance("deferred", currency=currency) == 0
        transaction.set_rollback(True)


def test_what_is_served_already_is_earned_at_once(account):
    today = clock.today()
    write_invoice(account, [line("5.00", today - timedelta(days=30), today)], due_on=today, actor=SYSTEM)
    assert balance("revenue") == D("5.00") and not Deferral.objects.exists()


@pytest.mark.parametrize(
    ("by_note", "credited"), [(True, ()), (True, ("6.20",)), (True, ("6.20", "3.10")), (False, ()), (False, ("6.20",))]
)
def test_cancelling_takes_back_what_was_earned(cast, at_day, by_note, credited):
    """At once and for good, whether by a credit note or by reversal, and whatever was credited before."""
    set_option(CANCEL_BY_CREDIT_NOTE, by_note, SYSTEM)
    at_day(date(2027, 1, 1))
    account = open_account(cast.charlie_client)
    invoice = write_invoice(
        account,
        [line("31.00", date(2027, 1, 1), date(2027, 2, 1)), NewLine("set-up", D(5))],
        due_on=date(2027, 1, 1),
        actor=SYSTEM,
    )
    at_day(date(2027, 1, 11))
    recognise(date(2027, 1, 10))
    assert (balance("revenue"), balance("deferred")) == (D("15.00"), D("21.00"))
    for number, net in enumerate(credited):
        amounts = {invoice.lines.first().pk: D(net)}
        credit_invoice(invoice, actor=SYSTEM, reason="x", amounts=amounts)
        at_day(date(2027, 1, 12 + number))
        recognise(date(2027, 1, 11 + number))
        assert verify() == []
    cancel_invoice(invoice, actor=SYSTEM, reason="x")
    assert balance("revenue") == balance("deferred") == 0 and verify() == []
    assert recognise(date(2027, 3, 1)) == 0 and verify() == []


def test_cancelling_after_the_service_ended_earns_nothing(cast, at_day):
    at_day(date(2027, 1, 1))
    subscription = active_subscription(
        cast.charlie_client, make_product(prices={"annual": ("365.00", "0")}), cycle="annual"
    )
    at_day(date(2027, 1, 31))
    cancel_subscription(subscription, when="now", reason="x", actor=SYSTEM)
    cancel_invoice(Invoice.objects.get(), actor=SYSTEM, reason="x")
    assert balance("revenue") == balance("deferred") == 0 and verify() == []
    assert recognise(date(2027, 3, 1)) == 0


def test_ending_earns_what_is_left(cast, at_day):
    at_day(date(2027, 1, 1))
    subscription = active_subscription(
        cast.charlie_client, make_product(prices={"annual": ("365.00", "0")}), cycle="annual"
    )
    at_day(date(2027, 1, 31))
    recognise(date(2027, 1, 30))
    cancel_subscription(subscription, when="now", reason="x", actor=SYSTEM)
    at_day(date(2027, 2, 1))
    recognise_due()
    assert balance("deferred") == 0 and verify() == []


def test_revenue_is_kept_by_product(cast):
    first, second = make_product(name="Business"), make_product(name="Reseller")
    make_order(cast.charlie_client, first, second)
    names = set(
        Posting.objects.filter(ledger_account__code__startswith="deferred").values_list(
            "ledger_account__name", flat=True
        )
    )
    assert names == {"Deferred revenue from Business", "Deferred revenue from Reseller"}


# Closing months


def fact(on, key="k"):
    return book(key, "x", [Side("fees", Money(D(1), "EUR")), Side("rounding", Money(D(-1), "EUR"))], booked_on=on)


def test_a_closed_month_takes_no_entry(cast, at_day):
    at_day(date(2027, 3, 5))
    fact(date(2027, 1, 15))
    period = close_month(month=date(2027, 2, 10), actor=SYSTEM)
    assert period.month == date(2027, 2, 1) and LedgerPeriod.objects.count() == 2
    assert first_open_day() == date(2027, 3, 1)
    assert fact(date(2027, 1, 20), "late").booked_on == date(2027, 3, 1)
    with pytest.raises(IntegrityError, match="month 2027-02 of the books is closed"), transaction.atomic():
        JournalEntry.objects.create(key="past", booked_on=date(2027, 2, 1), booked_at=clock.now(), description="x")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM billing_ledgerperiod")
    assert close_month(month=date(2027, 2, 1), actor=SYSTEM) == period
    assert Change.objects.filter(action="billing.month_closed").count() == 2


def test_reopening_goes_backwards_and_is_told(cast, at_day):
    at_day(date(2027, 3, 5))
    fact(date(2027, 1, 15))
    close_month(month=date(2027, 2, 1), actor=SYSTEM)
    january, february = LedgerPeriod.objects.order_by("month")
    for wrong, code in [((january, "x"), "later_closed"), ((february, " "), "no_reason")]:
        with pytest.raises(AppError) as error:
            reopen_month(wrong[0], reason=wrong[1], actor=SYSTEM)
        assert error.value.code == code
    reopen_month(february, reason="a bill came late", actor=SYSTEM)
    assert fact(date(2027, 2, 20), "again").booked_on == date(2027, 2, 20)
    assert Change.objects.get(action="billing.month_reopened").reason == "a bill came late"
    with pytest.raises(AppError):
        reopen_month(february, reason="x", actor=SYSTEM)


@pytest.mark.parametrize(("month", "code"), [(date(2027, 3, 1), "not_over"), (date(2027, 2, 1), "not_recognised")])
def test_what_cannot_be_closed(cast, at_day, month, code):
    at_day(date(2027, 2, 5))
    account = open_account(cast.charlie_client)
    write_invoice(account, [line("10.00", date(2027, 2, 5), date(2027, 3, 5))], due_on=date(2027, 2, 5), actor=SYSTEM)
    at_day(date(2027, 3, 5))
    with pytest.raises(AppError) as error:
        close_month(month=month, actor=SYSTEM)
    assert error.value.code == code
    recognise_due()
    assert close_month(month=date(2027, 2, 1), actor=SYSTEM).closed_at


def test_nothing_to_close(cast):
    with pytest.raises(AppError) as error:
        close_month(month=date(2020, 1, 1), actor=SYSTEM)
    assert error.value.code == "nothing_booked"


def test_late_money_is_booked_on_the_first_open_day(cast, at_day):
    at_day(date(2027, 1, 20))
    account = open_account(cast.charlie_client)
    invoice = write_invoice(account, [NewLine("x", D(10))], due_on=date(2027, 1, 20), actor=SYSTEM)
    at_day(date(2027, 2, 3))
    close_month(month=date(2027, 1, 1), actor=SYSTEM)
    payment = book_bank_payment(
        account, reference="r", money=invoice.total, received_on=date(2027, 1, 30), invoice=invoice, actor=SYSTEM
    )
    entry = payment.entries.get()
    assert (payment.received_on, entry.booked_on) == (date(2027, 1, 30), date(2027, 2, 1)) and verify() == []


# Writing off


def test_written_off_and_taken_back(account):
    make_tax_rate()
    today = clock.today()
    invoice = write_invoice(account, [NewLine("x", D(100))], due_on=today, actor=SYSTEM)
    book_bank_payment(
        account, reference="r", money=Money(D(19), "EUR"), received_on=today, invoice=invoice, actor=SYSTEM
    )
    with pytest.raises(AppError, match="Say why"):
        write_off(invoice, reason=" ", actor=SYSTEM)
    row = write_off(invoice, reason="insolvent", actor=SYSTEM)
    invoice.refresh_from_db()
    assert (invoice.state, invoice.open_amount, row.amount) == ("bad_debt", D(0), D("100.00"))
    assert balance("bad_debt") == D("-100.00") and balance("receivable") == 0 and verify() == []
    with pytest.raises(AppError):
        write_off(invoice, reason="again", actor=SYSTEM)
    take_back_write_off(invoice, actor=SYSTEM)
    invoice.refresh_from_db()
    assert (invoice.state, invoice.open_amount) == ("issued", D("100.00")) and balance("bad_debt") == 0
    assert verify() == []
    write_off(invoice, reason="once more", actor=SYSTEM)
    assert verify() == [] and Invoice.objects.get().write_offs.count() == 2


def test_the_tax_goes_back_where_the_settings_say_so(account):
    make_tax_rate()
    set_option(WRITE_OFF_TAX, True, SYSTEM)
    invoice = write_invoice(account, [NewLine("x", D(100))], due_on=clock.today(), actor=SYSTEM)
    row = write_off(invoice, reason="insolvent", actor=SYSTEM)
    assert (row.tax_amount, balance("tax"), balance("bad_debt")) == (D("19.00"), D(0), D("-100.00")) and verify() == []


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        ("UPDATE billing_deferral SET recognised_amount = recognised_amount + 1", "deferred_balance"),
        ("UPDATE billing_deferral SET amount = amount + 1", "deferred_as_booked"),
        ("UPDATE billing_deferral SET is_done = true", "earned_by_the_day"),
        ("UPDATE billing_writeoff SET amount = amount + 1", "write_offs_booked"),
        ("UPDATE billing_ledgerperiod SET closed_at = '2020-01-01'", "closed_months"),
    ],
)
def test_check_books_finds_the_damage(cast, at_day, sql, check):
    at_day(date(2027, 1, 10))
    account = open_account(cast.charlie_client)
    write_invoice(
        account, [line("31.00", date(2027, 1, 10), date(2027, 2, 10))], due_on=date(2027, 1, 10), actor=SYSTEM
    )
    gone = write_invoice(account, [NewLine("y", D(3))], due_on=date(2027, 1, 10), actor=SYSTEM)
    write_off(gone, reason="x", actor=SYSTEM)
    at_day(date(2027, 2, 3))
    recognise_due()
    close_month(month=date(2027, 1, 1), actor=SYSTEM)
    assert verify() == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET session_replication_role = origin")
    assert check in {finding.check for finding in verify()}
