"""Figures, statements, and finding the invoice of a transfer."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.invoice import NewLine, cancel_invoice, write_invoice
from billing.queries.matching import candidates
from billing.queries.money import overdue_by_age, owed, received, received_by_day, recurring_by_month
from billing.queries.statement import statement_of
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.money import Money
from tests.billing.factories import active_subscription, pay

pytestmark = pytest.mark.django_db


def eur(amount):
    return Money(D(amount), "EUR")


def bill(client, amount, days=0):
    lines = [NewLine("hosting", D(amount))]
    due_on = clock.today() + timedelta(days=days)
    return write_invoice(open_account(client), lines, due_on=due_on, actor=SYSTEM)


def test_figures(cast):
    active_subscription(cast.charlie_client)
    active_subscription(cast.charlie_client, cycle="annual")
    bill(cast.alice_client, "40", days=-8)
    bill(cast.alice_client, "2", days=-90)
    bill(cast.alice_client, "5", days=3)
    today = clock.today()
    assert received(today, today) == {"EUR": eur("110.00")}
    assert received(today - timedelta(days=9), today - timedelta(days=1)) == {}
    assert [money for _day, money in received_by_day(3)["EUR"]] == [eur("0"), eur("0"), eur("110")]
    assert owed() == {"EUR": eur("47.00")}
    ages = [(column.first, column.last, column.count, column.money) for column in overdue_by_age("EUR")]
    assert ages[1] == (8, 14, 1, eur("40")) and ages[-1] == (61, None, 1, eur("2"))
    assert recurring_by_month() == {"EUR": eur("18.33")}


def test_a_statement_ends_at_the_balance(cast):
    first = bill(cast.charlie_client, "10")
    pay(first, eur("12"))
    second = bill(cast.charlie_client, "5")
    cancel_invoice(second, actor=SYSTEM, reason="wrong")
    statement = statement_of(open_account(cast.charlie_client))
    assert [line.money.amount for line in statement.lines] == [D("10"), D("-12"), D("5"), D("-5")]
    account = open_account(cast.charlie_client)
    assert statement.closing == account.balance - account.credit == eur("-2")


@pytest.mark.parametrize(
    ("text", "amount", "certainty"),
    [
        ("Invoice {number} thanks", "20.00", 3),
        ("RE {squeezed}", "20.00", 3),
        ("payment of {number}", "7.00", 2),
        ("from my account", "20.00", 1),
        ("from my account", "19.00", 0),
    ],
)
def test_the_invoice_of_a_transfer(cast, text, amount, certainty):
    bill(cast.alice_client, "30")
    invoice = bill(cast.charlie_client, "20")
    text = text.format(number=invoice.number, squeezed=invoice.number.replace("-", ""))
    found = candidates(text, eur(amount))
    assert [candidate.certainty for candidate in found if candidate.invoice == invoice] == [certainty][
        : bool(certainty)
    ]
