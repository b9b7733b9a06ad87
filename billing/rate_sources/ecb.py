"""The euro reference rates of the European Central Bank: one XML file a working day, and one of the last ninety days."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from billing.rate_sources.base import DayRates, RateSource
from hostbill.core.errors import DriverError
from hostbill.core.http import request
from hostbill.core.safe_xml import BadXml, parse

DAILY, PAST = "/stats/eurofxref/eurofxref-daily.xml", "/stats/eurofxref/eurofxref-hist-90d.xml"
CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"


class Ecb(RateSource):
    """Two files by HTTP GET; nothing is changed there."""

    label = "European Central Bank"

    def fetch(self, *, past: bool = False) -> list[DayRates]:
        """See the base class."""
        url = self.values["url"].rstrip("/") + (PAST if past else DAILY)
        response = request("GET", url, mutating=False, timeout=(5, 20))
        if response.status_code != 200:
            raise _unusable(f"HTTP {response.status_code}")
        try:
            days = [_day(cube) for cube in parse(response.content).iter(CUBE) if cube.get("time")]
        except (BadXml, ValueError, InvalidOperation, KeyError) as error:
            raise _unusable(str(error)) from error
        if not days or not all(day.rates for day in days):
            raise _unusable(_("no rates in the file"))
        return days


def _day(cube) -> DayRates:
    rates = {row.attrib["currency"]: Decimal(row.attrib["rate"]) for row in cube.iter(CUBE) if row.get("currency")}
    if any(not rate.is_finite() or rate <= 0 or len(code) != 3 for code, rate in rates.items()):
        raise ValueError("a rate that is none")
    return DayRates("EUR", date.fromisoformat(cube.attrib["time"]), rates)


def _unusable(why: str) -> DriverError:
    words = _("The bank gave no usable answer: %(why)s") % {"why": why[:200]}
    return DriverError(words, permanent=False, code="server_error")
