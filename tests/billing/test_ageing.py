"""Ageing equals the ledger; statements add up, for any days, and are mailed once a month."""

import csv
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.actions.account import open_account
from billing.actions.credit import grant_credit
from billing.actions.invoice import NewLine, write_invoice
from billing.actions.statement import send_statement, set_statements, waiting_accounts
from billing.models import StatementSent
from billing.options import STATEMENTS_MONTHLY
from billing.queries.ageing import BUCKETS, ageing
from billing.queries.statement import statements_of
from hostbill.core import clock, options
from hostbill.core.access import SYSTEM
from hostbill.core.models import Message
from hostbill.core.money import Money
from tests.billing.factories import pay
from tests.factories import make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


def bill(client, amount, due=0):
    """An invoice due in so many days (from the day it is written)."""
    return write_invoice(open_account(client), [NewLine("x", D(amount))], due_on=clock.today() + timedelta(days=due), actor=SYSTEM)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-5, "not_due"), (0, "not_due"), (1, "d1"), (30, "d1"), (31, "d31"), (60, "d31"), (61, "d61"), (90, "d61"), (91, "d91"),
     (400, "d91")],
)  # fmt: skip
def test_each_day_belongs_to_one_bucket(days, bucket):
    today = date(2027, 3, 31)
    due = today - timedelta(days=days)
    found = [b.key for b in BUCKETS if (b.days(today)[0] or due) <= due <= (b.days(today)[1] or due)]
    assert found == [bucket]


def test_equals_the_ledger(cast, move_clock, client):
    alice, charlie = cast.alice_client, cast.charlie_client
    currency = alice.currency
    bill(alice, 100, due=1)
    bill(charlie, 7, due=80)
    move_clock(45)
    part = bill(alice, 50, due=3)
    pay(part, Money(D(20), currency))
    found = ageing(currency)
    assert [row.client_id for row in found.rows] == [alice.pk, charlie.pk]
    assert [part.amount for part in found.rows[0].parts] == [D(30), 0, D(100), 0, 0]
    assert found.total == found.ledger == Money(D(137), currency)
    client.force_login(cast.stella)
    page = client.get(reverse("billing_staff:ageing"), {"currency": currency})
    assert page.status_code == 200 and b"otherwise" not in page.content
    for _label, money, address in page.context["rows"][0][1]:
        if address:  # the list behind a figure comes to the figure
            rows = client.get(address).context["page"].rows
            assert sum(row.open_amount for row in rows) == money.amount
    answer = client.get(reverse("billing_staff:ageing"), {"currency": currency, "export": "csv"}).content.decode("utf-8-sig")
    table = list(csv.reader(answer.splitlines()))
    assert table[-1][3:9] == ["30.00", "0.00", "100.00", "0.00", "0.00", "130.00"] or D(table[-1][8]) == D(137)


def test_opening_and_closing_meet(cast, move_clock):
    alice = cast.alice_client
    bill(alice, 100, due=5)
    first = clock.today()
    move_clock(40)
    pay(bill(alice, 30, due=5))
    account = open_account(alice)
    grant_credit(account, money=Money(D(12), account.currency), note="sorry", actor=SYSTEM)
    account.refresh_from_db()
    [early] = statements_of(account, first, first + timedelta(days=20))
    [late] = statements_of(account, first + timedelta(days=21), clock.today())
    [whole] = statements_of(account)
    assert early.closing == late.opening and late.closing == whole.closing
    assert whole.owed - whole.credit == whole.closing
    assert (whole.owed, whole.credit) == (account.balance, account.credit)


def test_client_and_staff_get_any_days_as_pdf(cast, client):
    bill(cast.alice_client, 100)
    today = clock.today().isoformat()
    client.force_login(cast.alice)
    own = reverse("billing_portal:statement")
    odd = ({"to": "2020-02-30"}, {"from": "0001-01-01", "to": "9999-12-31"}, {"from": today, "to": "2020-01-01"})
    for query in ({}, {"from": today}, *odd):
        assert client.get(own, query).status_code == 200
        assert client.get(own, query | {"pdf": "1"}).content.startswith(b"%PDF")
    client.force_login(cast.stella)
    address = reverse("billing_staff:client_statement", args=[cast.alice_client.pk])
    assert client.get(address, {"pdf": "1"}).content.startswith(b"%PDF")


def test_mailed_once_a_month_to_those_who_want_it(cast, move_clock):
    account = open_account(cast.alice_client)
    quiet = open_account(cast.charlie_client)
    move_clock(date(2027, 3, 10))
    bill(cast.alice_client, 100, due=60)
    last = date(2027, 3, 31)
    assert not waiting_accounts(last).exists()
    options.set_option(STATEMENTS_MONTHLY, True, SYSTEM)
    assert set(waiting_accounts(last)) == {account, quiet}
    set_statements(quiet, statements="never", actor=SYSTEM)
    move_clock(date(2027, 4, 2))
    sent = StatementSent.objects.get()
    assert (sent.account, sent.first, sent.last) == (account, date(2027, 3, 1), last)
    assert not send_statement(account, sent.first, sent.last)
    assert Message.objects.filter(kind="billing.statement").count() == 1
