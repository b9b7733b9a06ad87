"""Series of numbers: how they are written, when they begin again, and that the next one only goes up."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest
from django.db import transaction

from billing.actions.account import open_account
from billing.actions.invoice import write_invoice
from billing.actions.lines import NewLine
from billing.actions.numbering import draw_number, next_in, series_of, update_series
from billing.models import SeriesSkip
from billing.queries.books import verify
from billing.queries.number_format import check_format, write_number
from hostbill.core import clock, options
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError

DAY = date(2027, 3, 9)


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        ("{NUMBER}", "7"),
        ("{NUMBER:6}", "000007"),
        ("INV {YEAR}/{MONTH}/{DAY} {NUMBER:3}", "INV 2027/03/09 007"),
        ("{YEAR:2}{NUMBER:4}", "270007"),
        ("{year}-{number:04d}", "2027-0007"),
        ("{year}{month}-{number}", "202703-7"),
    ],
)
def test_tokens(pattern, number):
    assert write_number(pattern, 7, DAY) == number


@pytest.mark.parametrize(
    ("pattern", "reset"),
    [
        ("2027-A", "never"),
        ("{NUMBER:4}", "yearly"),
        ("{YEAR}-{NUMBER}", "monthly"),
        ("{MONTH}-{NUMBER}", "monthly"),
        ("{NUMBER}{COLOUR}", "never"),
        ("{NUMBER!r}", "never"),
        ("{NUMBER:99}", "never"),
        ("A" * 40 + "{NUMBER}", "never"),
        ("{NUMBER}\u202e", "never"),
        ("{NUMBER}\x00", "never"),
        ("<b>{NUMBER}</b>", "never"),
        (" {NUMBER}", "never"),
    ],
)
def test_formats_that_repeat_or_cannot_be_read_are_refused(pattern, reset):
    with pytest.raises(AppError) as refusal:
        check_format(pattern, reset)
    assert (refusal.value.code, refusal.value.field) == ("number_format", "format")


@pytest.fixture
def bill(cast):
    account = open_account(cast.charlie_client)
    return lambda: write_invoice(account, [NewLine("hosting", D(10))], due_on=clock.today(), actor=SYSTEM)


def change(series, **new):
    values = {"format": series.format, "reset": series.reset, "next_number": next_in(series), "actor": SYSTEM} | new
    return update_series(series, **values)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reset", "pattern", "expected"),
    [
        ("never", "I{NUMBER:3}", ["I001", "I002", "I003", "I004"]),
        ("yearly", "{YEAR}-{NUMBER}", ["2026-1", "2026-2", "2027-1", "2027-2"]),
        ("monthly", "{YEAR}{MONTH}-{NUMBER}", ["202611-1", "202612-1", "202701-1", "202701-2"]),
    ],
)
def test_begins_again_when_the_rule_says(bill, monkeypatch, reset, pattern, expected):
    change(series_of("invoice"), format=pattern, reset=reset, next_number=1)
    numbers = []
    for year, month, day in [(2026, 11, 30), (2026, 12, 1), (2027, 1, 1), (2027, 1, 31)]:
        monkeypatch.setattr(clock, "now", lambda y=year, m=month, d=day: datetime(y, m, d, 12, tzinfo=UTC))
        numbers.append(bill().number)
    assert numbers == expected and verify() == []


@pytest.mark.django_db
def test_the_next_number_only_goes_up_and_what_is_left_out_has_a_reason(bill):
    bill()
    series = series_of("invoice")
    for lower in (1, 0, -5):
        with pytest.raises(AppError) as refusal:
            change(series, next_number=lower)
        assert refusal.value.field == "next_number"
    with pytest.raises(AppError) as refusal:
        change(series, next_number=100)
    assert refusal.value.field == "reason"
    change(series, next_number=100, reason="went on from the old system")
    assert bill().series_number == 100 and verify() == []
    skip = SeriesSkip.objects.get()
    assert (skip.first, skip.last) == (2, 99)
    SeriesSkip.objects.all().delete()
    assert [finding.check for finding in verify()] == ["numbers_gapless"]


@pytest.mark.django_db
def test_the_setting_holds_until_the_series_has_a_format(bill):
    options.set_option(options.find("billing.invoice_number_format"), "A{number:02d}", SYSTEM)
    assert bill().number == "A01"
    change(series_of("invoice"), format="B{NUMBER:2}", reset="never", next_number=2)
    options.set_option(options.find("billing.invoice_number_format"), "C{number:02d}", SYSTEM)
    assert bill().number == "B02" and verify() == []


@pytest.mark.django_db
def test_a_format_that_would_write_a_number_again_is_refused(bill):
    taken = bill().number
    with pytest.raises(AppError) as refusal:
        change(series_of("corrective"), format="{YEAR}-{NUMBER:4}", reset="yearly")
    assert refusal.value.field == "format" and taken in refusal.value.message


@pytest.mark.django_db
def test_sellers_and_types_count_for_themselves():
    with transaction.atomic():
        drawn = [
            draw_number("credit_note", DAY),
            draw_number("credit_note", DAY, "north"),
            draw_number("credit_note", DAY),
        ]
    assert [(each.series, each.series_number) for each in drawn] == [
        ("credit_note:2027", 1),
        ("credit_note@north:2027", 1),
        ("credit_note:2027", 2),
    ]
