"""Form fields that people meet everywhere: an amount of money, a day, a long list to choose from."""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock
from hostbill.core.money import exponent

GROUPING = re.compile(r"[\s\u00a0\u202f'’٬]")


class SearchSelect(forms.Select):
    """A select with a search box in front of it; without script it is the plain select."""

    def __init__(self, attrs=None, choices=()):
        super().__init__({"data-combo": True, **(attrs or {})}, choices)


class DayInput(forms.DateInput):
    """The browser's own date field, in the reader's writing."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs=attrs, format="%Y-%m-%d")


#: Days before the first or further away than this are slips of the keyboard (0202, 9999), not days of any contract.
FIRST_DAY, FURTHEST = date(1990, 1, 1), timedelta(days=36_525)


class DayField(forms.DateField):
    """A day that a contract may know: not before 1990, at most a hundred years away."""

    widget = DayInput

    def validate(self, value):
        """Refuses the others with words."""
        super().validate(value)
        if value and not FIRST_DAY <= value <= clock.now().date() + FURTHEST:
            raise ValidationError(_("This day is too far away. Check the year."), code="too_far")


#: Signs that turn the direction of what follows them: with them "gpj.exe" is shown as "exe.jpg".
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def refuse_turning_signs(text: str) -> None:
    """The validator of every text field (see `CoreConfig.ready`) but `FreeText`. They are not seen, so the words say what to do."""
    found = TURNING.search(text) if isinstance(text, str) else None
    if found:
        words = _("This holds an invisible sign that turns the direction of writing (%(sign)s). Type it anew instead of pasting it.")
        raise ValidationError(words % {"sign": f"U+{ord(found[0]):04X}"}, code="turning_sign")


class FreeText(forms.CharField):
    """What people write to each other: pasted from anywhere, shown in a block of its own, so signs of direction are theirs."""

    default_validators = ()


class MoneyInput(forms.TextInput):
    """Digits to the right, a number pad on phones; text, so that every writing of a number can be typed."""

    def __init__(self, attrs=None):
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "input-num", **(attrs or {})})


#: Beyond all money; where rounding would fail.
MOST_DIGITS = 20


class MoneyField(forms.DecimalField):
    """An amount in one currency, typed as people write it: 1,234.50 or 1.234,50 or ১২৩৪.৫০.

    Cleans to a Decimal with no more digits than the currency has; the form row shows the currency beside it."""

    widget = MoneyInput
    default_error_messages = {
        "invalid": _("Enter an amount, such as 1234.50."),
        "too_exact": _("%(currency)s has no more than %(digits)s digits after the point."),
    }

    def __init__(self, *, currency="", **options):
        self.currency = currency
        super().__init__(**options)

    def to_python(self, value):
        """The Decimal, or None for nothing."""
        if value in self.empty_values or isinstance(value, Decimal | int):
            return super().to_python(value)
        try:
            amount = Decimal(plain_number(str(value)))
        except InvalidOperation:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if not amount.is_finite() or amount.adjusted() > MOST_DIGITS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        digits = exponent(self.currency) if self.currency else None
        if digits is not None and amount != round(amount, digits):
            words = self.error_messages["too_exact"] % {"currency": self.currency, "digits": digits}
            raise ValidationError(words, code="too_exact")
        return amount

    def prepare_value(self, value):
        """What stands in the field: as many digits as the currency has; what was typed is kept as it was."""
        if isinstance(value, Decimal) and self.currency:
            return f"{value:.{exponent(self.currency)}f}"
        return value


def plain_number(text: str) -> str:
    """Digits, one point, perhaps a minus. The last of comma and point parts the whole from the rest when both are there;
    one alone does so unless it groups thousands beyond doubt (several of them)."""
    text = "".join(str(unicodedata.digit(char)) if char.isdigit() else char for char in text.strip())
    text = GROUPING.sub("", text).replace("−", "-").replace("٫", ".")
    comma, point = text.rfind(","), text.rfind(".")
    if comma >= 0 and point >= 0:
        text = text.replace("," if comma < point else ".", "")
    for sign in ",.":
        if text.count(sign) > 1:
            text = text.replace(sign, "")
    return text.replace(",", ".")
