"""How facts are written: as the samples of WHMCS's documentation show them."""

import time
from decimal import Decimal
from hashlib import sha256

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.utils.timezone import localtime

from hostbill.core import counting
from hostbill.whmcs.values import NO_DAY

MOST_ROWS = 250
USUAL_ROWS = 25


def money(amount) -> str:
    """"12.30": two decimals (three where the currency has them), no sign of the currency. Takes Decimal or Money."""
    amount = getattr(amount, "amount", amount)
    return f"{Decimal(amount or 0):.2f}"


def typed(call, row: dict, *names: str) -> dict:
    """The row; for programs that OpenAPI Generator made with these amounts as numbers, since such programs refuse texts here."""
    program = call.request.headers.get("User-Agent", "") if call.request else ""
    if "OpenAPI-Generator" not in program:
        return row
    return row | {name: float(row[name]) for name in names}


def day(value) -> str:
    """"2027-03-12"; zero date for None."""
    return value.strftime("%Y-%m-%d") if value else NO_DAY


def instant(value) -> str:
    """"2027-03-12 08:00:00" in the seller's zone; zero date for None."""
    return localtime(value).strftime("%Y-%m-%d %H:%M:%S") if value else f"{NO_DAY} 00:00:00"


def listed(outer: str, inner: str, rows: list) -> dict:
    """Twice wrapped: ``{"clients": {"client": [...]}}``."""
    return {outer: {inner: rows}}


def paged(values, rows, outer: str, inner: str, make) -> dict:
    """A page of the queryset by ``limitstart`` and ``limitnum``, with the three counts; ``make(row)`` is a dict."""
    start = max(0, values.whole("limitstart", 0))
    most = min(MOST_ROWS, max(0, values.whole("limitnum", USUAL_ROWS)))
    found = [make(row) for row in rows[start : start + most]]
    return {"totalresults": total(rows), "startnumber": start, "numreturned": len(found), **listed(outer, inner, found)}


def total(rows) -> int:
    """How many there are. What takes long to count, in a large house, is counted at most twice a minute."""
    try:
        asked = repr(rows.order_by().query.sql_with_params())
    except EmptyResultSet:
        return 0
    key = f"whmcs.total.{sha256(asked.encode()).hexdigest()}"
    kept = cache.get(key)
    if kept is None:
        began = time.monotonic()
        kept = rows.count()
        if time.monotonic() - began > counting.QUICK:
            cache.set(key, kept, 30)
    return kept
