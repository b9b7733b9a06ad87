"""Exchange rates: fetched by a worker when there is more than one currency, kept as published, used by reports only."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from billing.actions.exchange_rate import store_rates
from billing.jobs import fetch_exchange_rates
from billing.models import ExchangeRate
from billing.options import RATE_URL
from billing.queries.exchange import together
from billing.rate_sources.base import DayRates
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun, Outgoing
from hostbill.core.options import set_option
from tests.billing.factories import make_product

pytestmark = pytest.mark.django_db


def rates(on, **values):
    """A day's."""
    return DayRates("EUR", on, {code: D(value) for code, value in values.items()})


def test_one_currency_asks_nobody():
    make_product()
    fetch_exchange_rates(clock.now(), Report(JobRun(name="test", slot=clock.now())))
    assert not Outgoing.objects.filter(kind="billing.exchange_rates").exists()


def test_two_currencies_are_fetched_and_kept_once(sandbox, drain):
    make_product(), make_product(currency="USD")
    sandbox.control("ecb", "reset", {})
    set_option(RATE_URL, sandbox.ecb.url, SYSTEM)
    fetch_exchange_rates(clock.now(), Report(JobRun(name="test", slot=clock.now())))
    drain()
    known = ExchangeRate.objects.count()
    assert known > 1000  # the last months, the first time
    day = ExchangeRate.objects.filter(currency="USD").first()
    assert store_rates("ecb", [rates(day.on, USD="9.99")]) == 0  # a day that is known stays as it is
    assert ExchangeRate.objects.count() == known


def test_old_days_are_forgotten():
    old = clock.today() - timedelta(days=500)
    store_rates("ecb", [rates(old, USD="1.1"), rates(clock.today(), USD="1.2")])
    assert ExchangeRate.objects.get().on == clock.today()


def test_a_sum_uses_the_last_rate_before_the_day_and_names_what_is_missing():
    friday = date(2026, 11, 20)
    store_rates("ecb", [rates(friday, USD="1.25", JPY="160"), rates(date(2026, 11, 23), USD="2")])
    found = together({"EUR": D("10.00"), "USD": D("5.00"), "JPY": D(1600), "KWD": D(1)}, "EUR", date(2026, 11, 22))
    assert (str(found.money.amount), found.on, found.missing) == ("24.00", friday, ["KWD"])
    assert str(together({"EUR": D(1)}, "JPY", friday).money.amount) == "160"
