"""The only source of now and today.

In sandbox mode the clock can be moved forward: a file beside the data holds the offset, which every process reads. A file,
because each process must see a move at once and reading it costs a stat() instead of a query.
"""

import math
import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from hostbill.core import foresight
from hostbill.core.errors import AppError

_cached: tuple = (None, timedelta())
#: Set by core.options, which needs models, which need this module: hence a hook instead of an import.
_zone_source = lambda: "UTC"  # noqa: E731


def real_now() -> datetime:
    """The machine's time, never moved: for leases, time-outs and signatures."""
    return datetime.now(UTC)


def offset() -> timedelta:
    """How far the sandbox clock is ahead; zero in production."""
    global _cached
    path = settings.SANDBOX_CLOCK_FILE
    if not path:
        return timedelta()
    try:
        stamp = path, os.stat(path).st_mtime_ns
    except FileNotFoundError:
        return timedelta()
    if _cached[0] != stamp:
        _cached = (stamp, timedelta(seconds=int(Path(path).read_text() or "0")))
    return _cached[1]


def now() -> datetime:
    """This instant, aware, UTC; while looking ahead the moment looked at."""
    ahead = foresight.current()
    return ahead.now if ahead is not None and ahead.now else real_now() + offset()


def use_zone_from(source) -> None:
    """Tell the clock where the seller's time zone is configured: a callable that returns an IANA name."""
    global _zone_source
    _zone_source = source


def seller_zone() -> ZoneInfo:
    """The zone in which the seller's days begin and end (option ``company.time_zone``)."""
    return ZoneInfo(_zone_source())


def today() -> date:
    """The seller's day: billing dates are days of this calendar."""
    return now().astimezone(seller_zone()).date()


def start_of(day: date, at: time = time()) -> datetime:
    """The instant at which a seller's day (or a time of it) begins, in UTC."""
    return datetime.combine(day, at, seller_zone()).astimezone(UTC)


def check_move(moment: datetime) -> None:
    """Raises AppError outside the sandbox or for a move backwards."""
    if not settings.SANDBOX_CLOCK_FILE:
        raise AppError("The clock can be moved in sandbox mode only.", code="not_sandbox")
    if moment < now() - timedelta(seconds=1):
        raise AppError("The clock only goes forward.", code="clock_backwards")


def move_to(moment: datetime) -> None:
    """Set the sandbox clock. Raises AppError as check_move() does."""
    check_move(moment)
    path = Path(settings.SANDBOX_CLOCK_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}")
    # upwards: half a second short of a job's time would skip its slot for good
    new.write_text(str(math.ceil((moment - real_now()).total_seconds())))
    new.replace(path)
