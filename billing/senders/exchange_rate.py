"""The rates of a day are asked for. Asking twice does no harm, so nothing needs to be looked up."""

from datetime import date, timedelta
from decimal import Decimal

from billing.actions.exchange_rate import store_rates
from billing.models import ExchangeRate
from billing.options import RATE_SOURCE, RATE_URL
from billing.rate_sources.base import DayRates
from hostbill.core import modules
from hostbill.core.outgoing import OutgoingKind, register


@register
class ExchangeRateSender(OutgoingKind):
    """One file; the first time, the file of the last months."""

    kind = "billing.exchange_rates"
    later = True
    at_once = 1
    backoff = (60, 600, 3600)
    budget = timedelta(hours=20)

    def send(self, row):
        source = modules.driver_class("rate_source", RATE_SOURCE.value)({"url": RATE_URL.value})
        days = source.fetch(past=not ExchangeRate.objects.exists())
        return {"days": [[day.base, day.on.isoformat(), {code: str(rate) for code, rate in day.rates.items()}] for day in days]}

    def look_up(self, row):
        return None

    def settle(self, row, answer, error):
        if answer:
            found = [
                DayRates(base, date.fromisoformat(on), {code: Decimal(rate) for code, rate in rates.items()})
                for base, on, rates in answer["days"]
            ]
            store_rates(RATE_SOURCE.value, found)
