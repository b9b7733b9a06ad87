"""Usage of a service over the last month, ready for charts and bars."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from hostbill.core import clock
from hostbill.core.compiled import Compiled
from hostbill.core.ui.words import day_words, size
from provisioning.models import Service, UsageSample

UNITS = [("TB", 1024**4), ("GB", 1024**3), ("MB", 1024**2)]

_SAMPLES = Compiled(
    lambda service, since: UsageSample.objects.filter(service_id=service, on__gte=since).order_by("on"), service=int, since=date
)


@dataclass(frozen=True)
class UsageView:
    """Latest sample, charts of (day, value) in one unit each, and one conclusion in words."""

    latest: UsageSample | None
    disk: list
    disk_unit: str
    traffic: list
    traffic_unit: str
    conclusion: str


def usage_view(service: Service, days: int = 30) -> UsageView:
    """The last ``days`` days; traffic per day is the rise of the panel's monthly counter."""
    since = clock.today() - timedelta(days=days)
    samples = _SAMPLES(service=service.pk, since=since)
    traffic = _per_day(samples)
    disk = [(sample.on, sample.disk_used or 0) for sample in samples]
    disk_unit, disk_rows = _scaled(disk)
    traffic_unit, traffic_rows = _scaled(traffic)
    return UsageView(
        samples[-1] if samples else None, disk_rows, disk_unit, traffic_rows, traffic_unit, _conclusion(samples)
    )


def _per_day(samples: list[UsageSample]) -> list:
    rows = []
    for before, sample in zip(samples, samples[1:], strict=False):
        rise = (sample.bandwidth_used or 0) - (before.bandwidth_used or 0)
        # The counter begins at zero with each month.
        rows.append((sample.on, rise if rise >= 0 else sample.bandwidth_used or 0))
    return rows


def _scaled(rows: list) -> tuple[str, list]:
    highest = max((value for _day, value in rows), default=0)
    unit, divisor = next(((name, bytes_) for name, bytes_ in UNITS if highest >= bytes_), UNITS[-1])
    return unit, [(day_words(day), round(Decimal(value) / divisor, 1)) for day, value in rows]


def _conclusion(samples: list[UsageSample]) -> str:
    if len(samples) < 7:
        return ""
    first, last = samples[0], samples[-1]
    days = (last.on - first.on).days or 1
    growth = ((last.disk_used or 0) - (first.disk_used or 0)) * 30 // days
    if growth <= 0 or not last.disk_limit:
        return _("Storage does not grow.") if growth <= 0 else ""
    months = max(0, (last.disk_limit - (last.disk_used or 0)) // growth)
    if months > 24:
        return _("Grows by %(size)s a month: room for years.") % {"size": size(growth)}
    return _("Grows by %(size)s a month: room for about %(months)s months.") % {"size": size(growth), "months": months}
