"""Currencies by number, as WHMCS names them, and how amounts are written around.

The house's own currency is 1, as in every WHMCS; any other has a number that follows from its code and so never changes."""

from babel.numbers import get_currency_symbol, is_currency
from django.utils.translation import gettext as _

from hostbill.core.options import COMPANY_CURRENCY
from hostbill.whmcs.errors import Refused

OURS = 1
_FIRST = 1001


def currency_id(code: str) -> int:
    """1, or the number of the code: AAA is 1001, AAB is 1002."""
    if code == COMPANY_CURRENCY.value:
        return OURS
    number = 0
    for letter in code:
        number = number * 26 + ord(letter) - ord("A")
    return _FIRST + number


def currency_of(text: str) -> str:
    """The code for a number or a code; of nothing the house's own. Refused for what is none."""
    text = text.strip().upper()
    if text in ("", "0", str(OURS)):
        return str(COMPANY_CURRENCY.value)
    code = _code(int(text) - _FIRST) if text.isascii() and text.isdigit() and len(text) < 8 else text
    if not is_currency(code, "en"):
        raise Refused(_("Invalid Currency ID"))
    return code


def _code(number: int) -> str:
    """Its three letters; nothing that is a code for a number out of range."""
    if not 0 <= number < 26**3:
        return ""
    return "".join(chr(ord("A") + number // 26**place % 26) for place in (2, 1, 0))


def prefix(code: str) -> str:
    """What stands before an amount: "€"; nothing where the symbol is the code itself."""
    symbol = get_currency_symbol(code, "en")
    return "" if symbol == code else symbol


def suffix(code: str) -> str:
    """What stands behind it: " EUR"."""
    return f" {code}"
