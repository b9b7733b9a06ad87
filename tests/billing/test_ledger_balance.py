"""The trial balance from balances of months: the same figures as from every posting, whatever the days, and however often it was
put together; and what a credit note over a part takes back at once."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from billing.actions.account import open_account
from billing.actions.credit_note import credit_invoice
from billing.actions.invoice import NewLine, write_invoice
from billing.actions.ledger_balance import sum_up_months
from billing.actions.recognition import recognise_due
from billing.models import JournalEntry, LedgerAccount, LedgerBalance, Period, Posting
from billing.queries.books import verify
from billing.queries.ledger import _parts, account_page, trial_balance
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from tests.billing.factories import make_tax_rate

days = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@given(first=days, length=st.integers(0, 900))
def test_the_parts_are_the_days_each_once(first, length):
    last = first + timedelta(days=length)
    before, (begin, end), edges = _parts(first, last)
    seen = defaultdict(int)
    for is_opening, (start, stop) in edges:
        assert start <= stop and start.year * 12 + start.month == stop.year * 12 + stop.month
        for number in range((stop - start).days + 1):
            seen[is_opening, start + timedelta(days=number)] += 1
    assert before == first.replace(day=1) and begin.day == end.day == 1 and begin <= end
    for number in range((end - begin).days):
        seen[False, begin + timedelta(days=number)] += 1
    assert set(seen.values()) <= {1}
    assert {day for opening, day in seen if not opening} == {first + timedelta(days=n) for n in range(length + 1)}
    assert {day for opening, day in seen if opening} == {before + timedelta(days=n) for n in range((first - before).days)}


def by_hand(first, last) -> dict:
    """From every posting."""
    sums = defaultdict(lambda: [D(0), D(0), D(0)])
    for posting in Posting.objects.filter(currency="EUR", entry__booked_on__lte=last).select_related("entry"):
        row = sums[posting.ledger_account_id]
        place = 0 if posting.entry.booked_on < first else 1 if posting.amount > 0 else 2
        row[place] += abs(posting.amount) if place == 2 else posting.amount
    return dict(sums)


def shown(first, last) -> dict:
    found = trial_balance(first, last, "EUR")
    assert found.is_even
    return {row.account.pk: [row.opening.amount, row.debit.amount, row.credit.amount] for row in found.rows}


@pytest.fixture
def books(cast):
    """Invoices over some months, on several days."""
    make_tax_rate()
    account, start = open_account(cast.charlie_client), clock.today()
    for number in range(8):
        if number:  # the first on today, whatever its hour
            clock.move_to(clock.start_of(start + timedelta(days=17 * number)) + timedelta(hours=12))
        write_invoice(account, [NewLine("x", D(10 + number))], due_on=clock.today(), actor=SYSTEM)
    return start


@pytest.mark.django_db
def test_the_same_figures_as_from_every_posting(books):
    for first, last in ((0, 0), (0, 200), (5, 20), (40, 41), (3, 100), (-400, -300), (-40, 10), (60, 400)):
        span = books + timedelta(days=first), books + timedelta(days=last)
        assert shown(*span) == by_hand(*span), span
    month = books.replace(day=1)
    with CaptureQueriesContext(connection) as queries:
        trial_balance(month, clock.today().replace(day=1) - timedelta(days=1), "EUR")
    assert not any("billing_posting" in query["sql"] for query in queries), "whole months are read from their balances"


@pytest.mark.django_db
def test_put_together_it_says_the_same_and_the_checks_watch_it(books):
    span = books, books + timedelta(days=200)
    before, rows = shown(*span), LedgerBalance.objects.count()
    assert sum_up_months() > 0 and sum_up_months() == 0
    assert LedgerBalance.objects.count() < rows and shown(*span) == before and verify() == []
    with transaction.atomic():
        row = LedgerBalance.objects.first()
        LedgerBalance.objects.filter(pk=row.pk).update(debit_amount=row.debit_amount + 1)
        assert [finding.check for finding in verify()] == ["balances_of_months"]
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_running_balance_of_an_account_page_by_page(books, monkeypatch):
    monkeypatch.setattr("billing.queries.ledger.PAGE", 3)
    account, total, before, met = LedgerAccount.objects.get(code="receivable"), D(0), None, []
    balances = {}
    for posting in account.postings.order_by("pk"):
        total += posting.amount
        balances[posting.pk] = total
    while True:
        page = account_page(account, "EUR", before)
        met += [(posting.pk, balance.amount) for posting, balance in page.lines]
        if page.older is None:
            break
        before = page.older
    assert dict(met) == balances and len(met) == len(balances)


def revenue() -> tuple:
    def total(family):
        return -sum(Posting.objects.filter(ledger_account__code__startswith=family).values_list("amount", flat=True), D(0))

    return total("revenue"), total("deferred")


@pytest.mark.django_db
def test_a_credit_note_over_a_part_takes_back_at_once_what_was_earned_of_it(cast):
    def at(day):
        clock.move_to(clock.start_of(day) + timedelta(hours=12))

    at(date(2027, 1, 10))
    line = NewLine("x", D("31.00"), period=Period(date(2027, 1, 10), date(2027, 2, 10)))
    invoice = write_invoice(open_account(cast.charlie_client), [line], due_on=clock.today(), actor=SYSTEM)
    at(date(2027, 2, 3))
    recognise_due()
    assert revenue() == (D("22.00"), D("9.00"))  # 22 of 31 days
    credit_invoice(invoice, total=D("15.50"), reason="Half of it", actor=SYSTEM)
    assert revenue() == (D("11.00"), D("4.50"))
    assert JournalEntry.objects.get(key__endswith=":served:unearned").booked_on == date(2027, 2, 3)
    assert verify() == []
    at(date(2027, 3, 1))
    recognise_due()
    assert revenue() == (D("15.50"), D(0)) and verify() == []
