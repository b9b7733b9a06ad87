"""Dates, periods and amounts written out for a reader: in mails and documents, outside any request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_interval, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent

from hostbill.core import clock
from hostbill.core.money import Money

#: Babel prints Latin digits for these; their readers write their own.
NATIVE_DIGITS = {"bn": str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")}
RIGHT_TO_LEFT = {"ar", "he", "fa", "ur"}
#: Commas of other scripts.
COMMAS = {"ar": "،", "am": "፣"}


@dataclass(frozen=True)
class Spoken:
    """Words of a mail that depend on its reader's language: ``make(language)`` is called when the reader is known."""

    make: Callable[[str], str]


@lru_cache
def locale_of(language: str) -> Locale:
    """The Babel locale of a Django language code; English dates are written the European way (15 October 2027)."""
    try:
        return Locale.parse((language or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def _dates(language: str) -> Locale:
    return Locale.parse("en_GB") if language == "en" else locale_of(language)


def comma(language: str) -> str:
    """What stands between two parts of a line, with its space."""
    return COMMAS.get(language.split("-")[0], ",") + " "


def native_digits(text: str, language: str) -> str:
    """The text with the digits readers of the language expect."""
    table = NATIVE_DIGITS.get(language.split("-")[0])
    return text.translate(table) if table else text


def date_text(day: date, language: str, *, weekday: bool = False) -> str:
    """``15 October 2027``, or with its weekday ``Friday 15 October 2027``."""
    locale = _dates(language)
    if locale.language == "en":
        text = format_date(day, "EEEE d MMMM y" if weekday else "d MMMM y", locale)
    else:
        text = format_date(day, "full" if weekday else "long", locale)
    return native_digits(text, language)


def near_day_text(day: date, language: str, *, weekday: bool = True) -> str:
    """``Sunday 3 Oct``: a day whose year is clear."""
    locale = _dates(language)
    if locale.language == "en":
        text = format_date(day, "EEEE d MMM" if weekday else "d MMM", locale).replace("Sept", "Sep")
    else:
        text = format_skeleton("MMMEd" if weekday else "MMMd", day, locale=locale)
    return native_digits(text, language)


def moment_text(moment: datetime, language: str) -> str:
    """A date with its time of day in the seller's zone, zone named: a mail has no idea where its reader sits."""
    local = moment.astimezone(clock.seller_zone())
    text = format_datetime(
        local, "d MMMM y, HH:mm" if _dates(language).language == "en" else "medium", locale=_dates(language)
    )
    return native_digits(f"{text} {local.tzname()}", language)


def period_text(first: date, last: date, language: str) -> str:
    """``15 October – 14 November 2027``; both days belong to the period."""
    if first == last:
        return date_text(first, language)
    text = format_interval(first, last, "yMMMMd" if language != "en" else "yMMMd", locale=_dates(language))
    if _dates(language).language == "en":
        same_year = first.year == last.year
        begin = format_date(first, "d MMMM" if same_year else "d MMMM y", _dates(language))
        if same_year and first.month == last.month:
            begin = str(first.day)
        text = f"{begin} – {date_text(last, language)}"
    return native_digits(text, language)


def money_text(money: Money, language: str) -> str:
    """``€1,234.50`` as the language writes it, with a real minus sign."""
    text = format_currency(money.amount, money.currency, locale=locale_of(language)).replace("-", "−")
    return native_digits(text, language)


def amount_text(money: Money, language: str) -> str:
    """The same without the currency sign, for columns whose currency is said once."""
    return decimals_text(money.amount, language)


def decimals_text(amount: Decimal, language: str) -> str:
    """A number with the decimals it has."""
    digits = max(-amount.as_tuple().exponent, 0)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return native_digits(format_decimal(amount, pattern, locale=locale_of(language)).replace("-", "−"), language)


def percent_text(percent: Decimal, language: str) -> str:
    """``19 %`` or ``8.1 %`` of a number of percent, as the language writes it."""
    if language == "en":
        return f"{format_decimal(percent, '#,##0.##', locale=locale_of(language))} %"
    return native_digits(format_percent(percent / 100, "#,##0.## %", locale=locale_of(language)), language)


def direction(language: str) -> str:
    """``rtl`` or ``ltr``."""
    return "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr"
