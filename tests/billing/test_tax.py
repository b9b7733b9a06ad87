"""Tax as it is written on documents and booked. The worked cases without a database are in test_tax_cases.py."""

from datetime import date
from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from billing.models import TaxRate
from billing.queries.books import verify
from billing.queries.tax import Buyer, TaxRules
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from tests.billing.factories import make_tax_rate
from tests.factories import ClientFactory


@pytest.mark.django_db
def test_the_countrys_own_rate_comes_first_and_rates_have_dates():
    make_tax_rate("19", valid_from=date(2020, 1, 1), valid_until=date(2025, 12, 31))
    make_tax_rate("21", valid_from=date(2026, 1, 1))
    make_tax_rate("20", country="AT")
    rules = TaxRules("XX", "", tuple(TaxRate.objects.all()))

    def percent(country, on, tax_class="standard"):
        return rules.treatment(Buyer(country), tax_class, on).percent

    assert percent("DE", date(2025, 12, 31)) == 19
    assert percent("DE", date(2026, 1, 1)) == 21
    assert percent("AT", date(2026, 1, 1)) == 20
    assert percent("AT", date(2026, 1, 1), "zero") == 0
    assert rules.treatment(Buyer("DE"), "standard", date(2019, 1, 1)).category == "O"


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
