"""Tax per (class, rate) group, rounded half up once; rates by country and day."""

from datetime import date
from decimal import Decimal as D
from types import SimpleNamespace

import pytest

from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from billing.models import TaxRate, tax_groups
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.money import round_amount
from tests.billing.factories import make_tax_rate
from tests.factories import ClientFactory


def line(net, percent, tax_class="standard"):
    return SimpleNamespace(tax_class=tax_class, tax_percent=D(percent), tax_name="VAT", net_amount=D(net))


@pytest.mark.parametrize(
    ("lines", "currency", "taxes", "total"),
    [
        ([("183.23", "6"), ("46.37", "21")], "EUR", "9.74 10.99", "250.33"),
        ([("800", "25"), ("100", "25"), ("800", "10")], "EUR", "225.00 80.00", "2005.00"),
        ([("908.91", "21")], "EUR", "190.87", "1099.78"),
        ([("1500", "25"), ("2500", "12")], "EUR", "375.00 300.00", "4675.00"),
        ([("95.00", "10"), ("47.50", "0"), ("28.50", "20"), ("19.00", "20")], "EUR", "9.50 9.50 0.00", "209.00"),
        ([("68.33", "20"), ("68.33", "20")], "EUR", "27.33", "163.99"),
        ([("154.67", "25")], "EUR", "38.67", "193.34"),
        ([("12.345", "5")], "KWD", "0.617", "12.962"),
        ([("9998", "19")], "JPY", "1900", "11898"),
    ],
)
def test_tax_of_a_document(lines, currency, taxes, total):
    lines = [line(net, percent) for net, percent in lines]
    groups = tax_groups(lines, currency)
    assert [group.tax for group in groups] == sorted((D(t) for t in taxes.split()), key=[g.tax for g in groups].index)
    assert sum(group.tax for group in groups) + sum(row.net_amount for row in lines) == D(total)


def test_half_up_away_from_zero():
    assert round_amount(D("10.05") / 2, "EUR") == D("5.03")
    assert round_amount(D("-10.05") / 2, "EUR") == D("-5.03")


@pytest.mark.django_db
def test_the_countrys_own_rate_comes_first_and_rates_have_dates():
    general = make_tax_rate("19", valid_from=date(2020, 1, 1))
    later = make_tax_rate("21", valid_from=date(2026, 1, 1))
    austria = make_tax_rate("20", country="AT")
    assert TaxRate.find("standard", "DE", date(2025, 12, 31)) == general
    assert TaxRate.find("standard", "DE", date(2026, 1, 1)) == later
    assert TaxRate.find("standard", "AT", date(2026, 1, 1)) == austria
    assert TaxRate.find("zero", "AT", date(2026, 1, 1)) is None
    assert TaxRate.find("standard", "DE", date(2019, 1, 1)) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("currency", "units", "net", "tax", "total"),
    [
        ("EUR", ["0.00101"], "16.16", "3.07", "19.23"),
        ("JPY", ["9998", "9998"], "19996", "3799", "23795"),
        ("KWD", ["12.345"], "12.345", "2.346", "14.691"),
    ],
)
def test_lines_round_to_the_currencys_exponent(currency, units, net, tax, total):
    make_tax_rate("19")
    account = open_account(ClientFactory(currency=currency))
    quantity = D(16000) if currency == "EUR" else D(1)
    lines = [NewLine("work", D(unit), quantity=quantity) for unit in units]
    invoice = write_invoice(account, lines, due_on=clock.today(), actor=SYSTEM)
    assert (invoice.net_amount, invoice.tax_amount, invoice.total_amount) == (D(net), D(tax), D(total))
    assert verify() == []
