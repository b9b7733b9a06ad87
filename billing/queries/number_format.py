"""How document numbers are written: tokens in braces, checked before they are used. Pure functions."""

import re
from datetime import date

from django.utils.translation import gettext as _

from hostbill.core.errors import AppError

#: {NUMBER}, {NUMBER:5} (five digits, zeros in front), {YEAR}, {YEAR:2}, {MONTH}, {DAY}; {number:05d} is understood too.
TOKEN = re.compile(r"\{(NUMBER|YEAR|MONTH|DAY)(?::0?(\d{1,2})d?)?\}", re.IGNORECASE)
LONGEST = 40
#: So many digits fit the column in which running numbers are kept.
HIGHEST = 2_147_483_647
#: What a person can read on paper, say on the phone and type into a bank form.
PLAIN = re.compile(r"[A-Za-z0-9 ./_#-]*")


def tokens(pattern: str) -> set[str]:
    """Names of the tokens in a pattern."""
    return {match[1].upper() for match in TOKEN.finditer(pattern)}


def write_number(pattern: str, running: int, on: date) -> str:
    """The number of a document issued on a day. AppError "number_format" unless the pattern is usable."""
    if "NUMBER" not in tokens(pattern):
        raise AppError(
            _("The format needs {NUMBER}: without it every number would be the same."),
            code="number_format",
            field="format",
        )
    parts = {"NUMBER": (running, 1), "YEAR": (on.year, 4), "MONTH": (on.month, 2), "DAY": (on.day, 2)}

    def written(match):
        value, digits = parts[match[1].upper()]
        text = f"{value:0{int(match[2] or digits)}d}"
        return text[-2:] if match[1].upper() == "YEAR" and match[2] == "2" else text

    number = TOKEN.sub(written, pattern)
    if not PLAIN.fullmatch(number) or number != number.strip():
        words = _(
            "Only letters A to Z, digits, . / _ # - and the tokens {NUMBER}, {YEAR}, {MONTH} and {DAY} can be used."
        )
        raise AppError(words, code="number_format", field="format")
    if len(number) > LONGEST:
        raise AppError(
            _("This makes numbers longer than %(most)s characters.") % {"most": LONGEST},
            code="number_format",
            field="format",
        )
    return number


def check_format(pattern: str, reset: str) -> None:
    """Refuse what would repeat numbers or outgrow its column. AppError "number_format" with words for the field."""
    write_number(pattern, HIGHEST, date(2026, 12, 31))
    needed = {"never": set(), "yearly": {"YEAR"}, "monthly": {"YEAR", "MONTH"}}[reset]
    missing = needed - tokens(pattern)
    if missing:
        names = ", ".join(f"{{{name}}}" for name in sorted(missing))
        raise AppError(
            _("Numbers that begin again would repeat themselves: the format needs %(tokens)s too.") % {"tokens": names},
            code="number_format",
            field="format",
        )


def resets_by_tokens(pattern: str) -> str:
    """When a series begins again whose rule stands in its format alone: each year where the year is part of it."""
    return "yearly" if "YEAR" in tokens(pattern) else "never"
