"""Exchange rates are kept as they were published; a day that is known stays as it is."""

from datetime import timedelta

from django.db import transaction

from billing.models import ExchangeRate
from billing.options import RATE_DAYS
from hostbill.core import clock


def store_rates(source: str, days: list) -> int:
    """Keep what is new of `days` (`rate_sources.base.DayRates`), forget what is too old. Returns how many rates are new."""
    rows = [
        ExchangeRate(source=source, base=day.base, currency=currency, on=day.on, rate=rate)
        for day in days
        for currency, rate in day.rates.items()
    ]
    with transaction.atomic():
        before = ExchangeRate.objects.count()
        ExchangeRate.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
        new = ExchangeRate.objects.count() - before
        ExchangeRate.objects.filter(on__lt=clock.today() - timedelta(days=RATE_DAYS.value)).delete()
    return new
