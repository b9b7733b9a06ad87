"""What every source of exchange rates speaks. Raises DriverError (hostbill.core.errors) when nothing usable came."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class DayRates:
    """What one unit of `base` was worth on a day: {currency: units of it}."""

    base: str
    on: date
    rates: dict[str, Decimal]


class RateSource:
    """Base of the drivers, built from `{"url": address of the service}`."""

    label = ""

    def __init__(self, values: dict):
        self.values = values

    def fetch(self, *, past: bool = False) -> list[DayRates]:
        """The newest day, or (`past`) the last months too."""
        raise NotImplementedError
