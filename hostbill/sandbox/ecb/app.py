"""The two files of the euro reference rates, in the form in which the bank publishes them, on working days only.

Rates are invented and repeatable: each depends on its currency and day. Faults: the common ones, and "broken_xml", "no_rates".
Control: POST /_control/rates {"on": "2026-11-20", "rates": {"USD": "1.10"}} sets a day; other currencies keep theirs."""

import math
import zlib
from datetime import UTC, date, datetime, timedelta

from hostbill.sandbox.server import Answer, Request, SandboxApp

FILES = {"/stats/eurofxref/eurofxref-daily.xml": 1, "/stats/eurofxref/eurofxref-hist-90d.xml": 90}
BROKEN = frozenset({"broken_xml", "no_rates"})
#: Around what each moves.
MIDDLE = {
    "USD": 1.09, "JPY": 158.2, "BGN": 1.9558, "CZK": 25.1, "DKK": 7.4604, "GBP": 0.848, "HUF": 399.5, "PLN": 4.28,
    "RON": 4.976, "SEK": 11.42, "CHF": 0.951, "NOK": 11.71, "TRY": 36.9, "AUD": 1.652, "BRL": 6.17, "CAD": 1.512,
    "CNY": 7.79, "HKD": 8.48, "IDR": 17124.5, "ILS": 4.05, "INR": 91.6, "KRW": 1497.0, "MXN": 21.4, "MYR": 4.81,
    "NZD": 1.803, "PHP": 62.4, "SGD": 1.434, "THB": 37.6, "ZAR": 19.6,
}  # fmt: skip
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
\t<gesmes:subject>Reference rates</gesmes:subject>
\t<gesmes:Sender>
\t\t<gesmes:name>European Central Bank</gesmes:name>
\t</gesmes:Sender>
\t<Cube>
"""
FOOT = "\t</Cube>\n</gesmes:Envelope>\n"


class Ecb(SandboxApp):
    """One bank with its two files."""

    name = "ecb"
    extra_fault_kinds = BROKEN

    def initial_state(self) -> dict:
        """Days whose rates somebody has set."""
        return {"days": {}}

    def operation(self, request: Request) -> str:
        """ "daily" or "past"."""
        return {1: "daily", 90: "past"}.get(FILES.get(request.path), "")

    def answer(self, request: Request) -> Answer:
        """A file, or a plain page."""
        if not self.operation(request):
            return Answer.html("<!DOCTYPE html><title>ECB</title><p>ECB stand-in", 200 if request.path == "/" else 404)
        fault = self.faults.take(self.operation(request), only=BROKEN)
        text = HEAD + "".join(self._cube(day) for day in working_days(FILES[request.path])) + FOOT
        if fault:
            text = text[:300] if fault.kind == "broken_xml" else HEAD + FOOT
        return Answer(200, text.encode(), "text/xml; charset=UTF-8")

    def _cube(self, day: date) -> str:
        given = self.state["days"].get(day.isoformat(), {})
        rows = "".join(
            f"\t\t\t<Cube currency='{code}' rate='{given.get(code) or rate(code, day)}'/>\n" for code in MIDDLE
        )
        return f"\t\t<Cube time='{day.isoformat()}'>\n{rows}\t\t</Cube>\n"

    def control(self, name: str, data: dict) -> dict | None:
        """rates {on, rates}."""
        if name != "rates":
            return None
        self.state["days"].setdefault(data["on"], {}).update(data["rates"])
        return {"days": len(self.state["days"])}


def working_days(span: int) -> list[date]:
    """The newest working day first, within so many days."""
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=count) for count in range(max(span, 4))]
    found = [day for day in days if day.weekday() < 5]
    return found[:1] if span == 1 else found


def rate(code: str, day: date) -> str:
    """Five digits that count, moving by at most three percent around the middle."""
    turn = zlib.crc32(code.encode()) % 360
    value = MIDDLE[code] * (1 + 0.03 * math.sin(math.radians(turn + day.toordinal() * 7 % 360)))
    return f"{value:.5g}" if value < 10000 else f"{value:.1f}"
