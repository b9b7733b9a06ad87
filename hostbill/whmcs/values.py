"""What callers send: everything is text, or PHP arrays of text."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from hostbill.whmcs.errors import Refused
from hostbill.whmcs.php import unserialise

WHOLE = re.compile(r"-?[0-9]{1,18}")
ON = frozenset({"1", "true", "on", "yes"})
OFF = frozenset({"0", "false", "off", "no", ""})
#: What WHMCS writes for "no day".
NO_DAY = "0000-00-00"
DAY_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y", "%Y%m%d")


class Values:
    """The parameters by name: text, or nested dicts from PHP brackets (``pid[0]=1`` is ``{"pid": {"0": "1"}}``)."""

    def __init__(self, found: dict):
        self.found = found

    def has(self, name: str) -> bool:
        """Whether it was sent, also when empty: an update tells "leave it" from "empty it" by this."""
        return name in self.found

    def text(self, name: str, default: str = "") -> str:
        """Its text, stripped. Refused when an array came."""
        value = self.found.get(name, default)
        if isinstance(value, dict):
            raise Refused(_("%(name)s must be a single value") % {"name": name})
        return value.strip()

    def whole(self, name: str, default: int | None = None) -> int | None:
        """A whole number; ``default`` when nothing was sent. Refused for anything else."""
        text = self.text(name)
        if not text:
            return default
        if not WHOLE.fullmatch(text):
            raise Refused(_("%(name)s must be a whole number") % {"name": name})
        return int(text)

    def amount(self, name: str, default: Decimal | None = None) -> Decimal | None:
        """An exact number, as sent. Refused for anything else (also NaN and infinity)."""
        text = self.text(name)
        if not text:
            return default
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or len(text) > 20 or "e" in text.lower():
            raise Refused(_("%(name)s must be an amount") % {"name": name})
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """1, true, on, yes or 0, false, off, no, empty; ``default`` when nothing was sent."""
        if not self.has(name):
            return default
        text = self.text(name).lower()
        if text not in ON | OFF:
            raise Refused(_("%(name)s must be true or false") % {"name": name})
        return text in ON

    def day(self, name: str) -> date | None:
        """A day; None when nothing or a zero date was sent. Refused for what is none."""
        text = self.text(name)
        if not text or text.startswith(NO_DAY):
            return None
        for pattern in DAY_FORMATS:
            try:
                return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
        raise Refused(_("%(name)s must be a date such as 2027-03-12") % {"name": name})

    def several(self, name: str) -> list[str]:
        """The texts of ``name[0]=…`` in their order; of a single value the list of it; [] when nothing was sent."""
        value = self.found.get(name)
        if value is None:
            return []
        return [str(entry).strip() for entry in value.values()] if isinstance(value, dict) else [value.strip()]

    def pairs(self, name: str) -> dict[str, object]:
        """``name[key]=…`` as a dict (values are texts or dicts of the same kind)."""
        value = self.found.get(name, {})
        if not isinstance(value, dict):
            raise Refused(_("%(name)s must be an array") % {"name": name})
        return value

    def serialised(self, name: str) -> dict[str, object]:
        """The array in a base64 text of PHP's serialize(); a plain PHP-bracket array will do as well."""
        value = self.found.get(name)
        if isinstance(value, dict):
            return value
        return unserialise(self.text(name)) if value else {}
