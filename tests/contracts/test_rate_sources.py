"""Every source of exchange rates, over HTTP against its stand-in."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils.module_loading import import_string

from billing.rate_sources import REGISTRY
from hostbill.core.errors import DriverError
from hostbill.core.modules import DriverKind

KIND = DriverKind("rate_source", REGISTRY)


@pytest.fixture(params=sorted(REGISTRY))
def source(request, sandbox):
    """The driver at its stand-in."""
    sandbox.control("ecb", "reset", {})
    return import_string(KIND.path_of(request.param))({"url": sandbox.ecb.url + "/"})


def test_the_newest_day(source, sandbox):
    (day,) = source.fetch()
    sandbox.control("ecb", "rates", {"on": day.on.isoformat(), "rates": {"USD": "1.0875"}})
    (again,) = source.fetch()
    assert again.base == "EUR" and again.rates["USD"] == Decimal("1.0875") and again.rates["JPY"] == day.rates["JPY"]
    assert day.on.weekday() < 5 and day.on <= date.today()  # noqa: DTZ011 - the stand-in's own clock


def test_the_days_before(source):
    days = source.fetch(past=True)
    assert len(days) > 50 and len({day.on for day in days}) == len(days)


@pytest.mark.parametrize("kind", ["broken_xml", "no_rates", "empty", "500", "html", "truncate"])
def test_no_usable_answer_can_be_asked_for_again(source, sandbox, kind):
    sandbox.control("ecb", "faults", {"match": "daily", "kind": kind, "times": 1})
    with pytest.raises(DriverError) as error:
        source.fetch()
    assert not error.value.permanent
    source.fetch()


def test_nobody_there():
    from billing.rate_sources.ecb import Ecb

    with pytest.raises(DriverError):
        Ecb({"url": "http://127.0.0.1:9"}).fetch()
