"""Numbers of invoices: without gaps, each year of the seller's own calendar from 1; unit prices of very small things."""

from datetime import UTC, datetime
from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from billing.models import Invoice
from billing.queries.books import verify
from billing.queries.invoice_document import invoice_data
from hostbill.core import clock, options
from hostbill.core.access import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(cast):
    account = open_account(cast.charlie_client)
    return lambda lines=None: write_invoice(
        account, lines or [NewLine("hosting", D(10))], due_on=clock.today(), actor=SYSTEM
    )


@pytest.mark.parametrize(
    ("zone", "last", "first"),
    [
        ("Asia/Dhaka", datetime(2026, 12, 31, 17, 59, tzinfo=UTC), datetime(2026, 12, 31, 18, 0, tzinfo=UTC)),
        ("America/Bogota", datetime(2027, 1, 1, 4, 59, tzinfo=UTC), datetime(2027, 1, 1, 5, 0, tzinfo=UTC)),
        ("UTC", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_year_is_the_sellers(bill, monkeypatch, zone, last, first):
    options.set_option(options.find("company.time_zone"), zone, SYSTEM)
    numbers = []
    for moment in (last, last, first, first):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        numbers.append(bill().number)
    assert numbers == ["2026-0001", "2026-0002", "2027-0001", "2027-0002"]
    issued = [str(day) for day in Invoice.objects.order_by("pk").values_list("issued_on", flat=True)]
    assert issued == ["2026-12-31", "2026-12-31", "2027-01-01", "2027-01-01"] and verify() == []


def test_without_a_year_the_series_goes_on(bill, monkeypatch):
    options.set_option(options.find("billing.invoice_number_format"), "R{number:03d}", SYSTEM)
    numbers = []
    for year in (2026, 2027, 2028):
        monkeypatch.setattr(clock, "now", lambda year=year: datetime(year, 6, 1, tzinfo=UTC))
        numbers.append(bill().number)
    assert numbers == ["R001", "R002", "R003"] and verify() == []


def test_a_clock_that_falls_back_over_new_year_leaves_no_gap(bill, monkeypatch):
    for year in (2027, 2026, 2027):
        monkeypatch.setattr(clock, "now", lambda year=year: datetime(year, 1, 1, 12, tzinfo=UTC))
        bill()
    assert sorted(Invoice.objects.values_list("number", flat=True)) == ["2026-0001", "2027-0001", "2027-0002"]
    assert verify() == []


def test_prices_of_very_small_units(bill):
    """0.00101 a megabyte, 16,000 of them: 16.16, and the document shows the price."""
    invoice = bill([NewLine("traffic", D("0.00101"), D(16000)), NewLine("hosting", D("10.5"))])
    small, plain = invoice.lines.order_by("pk")
    small.refresh_from_db()
    plain.refresh_from_db()
    assert (small.unit_amount, small.net_amount) == (D("0.00101"), D("16.16"))
    shown = [line["unit"] for line in invoice_data(invoice)["lines"]]
    assert shown == ["0.00101", "10.50"] and verify() == []
