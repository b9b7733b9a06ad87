"""The fields people meet everywhere: an amount as it is written anywhere, a day, a long list."""

from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError

from hostbill.core.ui import rows
from hostbill.core.ui.fields import DayField, MoneyField, SearchSelect


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1234.5", "1234.5"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("12,5", "12.5"),
        ("1.234.567", "1234567"),
        ("1,234,567.8", "1234567.8"),
        ("১২৩৪.৫০", "1234.50"),
        ("١٢٣٤٫٥٠", "1234.50"),
        ("−7", "-7"),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed, amount):
    assert MoneyField(currency="EUR").clean(typed) == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "currency"), [("12,x", "EUR"), ("1.234", "EUR"), ("0.5", "JPY"), ("--1", "EUR"), ("1e5x", "EUR")]
)
def test_what_is_no_amount_of_the_currency_is_refused(typed, currency):
    """1.234 in a currency of two digits could mean a thousand or one and a bit: nobody guesses with money."""
    with pytest.raises(ValidationError):
        MoneyField(currency=currency).clean(typed)


class Sample(forms.Form):
    amount = MoneyField(currency="JPY", min_value=1)
    day = DayField()
    place = forms.ChoiceField(choices=[("a", "A")], widget=SearchSelect)


def test_rows_say_what_the_field_is():
    form = Sample({"amount": "0", "day": "2027-05-14", "place": "a"})
    assert not form.is_valid() and list(form.errors) == ["amount"]
    amount = rows.describe(form["amount"])
    assert amount["suffix"] == "JPY" and 'inputmode="decimal"' in amount["control"]
    assert (
        'type="date"' in rows.describe(form["day"])["control"]
        and 'value="2027-05-14"' in rows.describe(form["day"])["control"]
    )
    place = rows.describe(form["place"])["control"]
    assert "data-combo" in place and "data-none" in place and place.startswith("<select")
