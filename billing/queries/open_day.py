"""Which days of the books are open."""

from datetime import date

from django.db.models import Max

from billing.models import LedgerPeriod
from billing.models.cycle import add_months
from hostbill.core import clock


def first_open_day() -> date | None:
    """The first day that takes entries; None while no month is closed."""
    last = LedgerPeriod.objects.filter(closed_at__isnull=False).aggregate(last=Max("month"))["last"]
    return add_months(last, 1) if last else None


def open_day(on: date) -> date:
    """The day itself, or the first open one when its month is closed: late facts are booked there. This month is always open."""
    if on >= clock.today().replace(day=1):
        return on
    return max(on, first_open_day() or on)
