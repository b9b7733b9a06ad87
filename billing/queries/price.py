"""Which price holds: for whom, in what currency and cycle, on what day. The one place where it is decided."""

from datetime import date

from billing.models import Price
from billing.models.cycle import Cycle
from hostbill.core import clock


def price_for(product, currency: str, cycle: str, client=None, on: date | None = None) -> Price | None:
    """The price in force on the day (today), or None when the product is not sold that way.

    The list of the client's group comes first, then a list for everybody, then the usual price. Of several the one with the
    latest first day holds. No query when `product.prices` is prefetched."""
    on, group = on or clock.today(), client.group_id if client else None
    found = [
        price
        for price in product.prices.all()
        if price.currency == currency and price.cycle == cycle and price.valid_from <= on and _is_for(price, group)
    ]
    return max(found, key=_rank, default=None)


def prices_of(product, currency: str, client=None, on: date | None = None) -> dict[str, Price]:
    """{cycle: the price in force}, shortest cycle first: all ways in which it is sold to the client."""
    found = {cycle: price_for(product, currency, cycle, client, on) for cycle in Cycle.values}
    return {cycle: price for cycle, price in found.items() if price}


def usual_prices(product, on: date | None = None) -> dict[tuple[str, str], Price]:
    """{(currency, cycle): the price in force} without lists: what staff see in the product's grid."""
    on = on or clock.today()
    rows = sorted((p for p in product.prices.all() if p.is_usual and p.valid_from <= on), key=lambda p: p.valid_from)
    return {(price.currency, price.cycle): price for price in rows}


def coming_prices(product) -> list[Price]:
    """Usual prices that are entered for a later day, the next first."""
    today = clock.today()
    return sorted((p for p in product.prices.all() if p.is_usual and p.valid_from > today), key=lambda p: p.valid_from)


def _is_for(price: Price, group: int | None) -> bool:
    row = price.price_list
    return row is None or (row.is_active and row.client_group_id in (None, group))


def _rank(price: Price) -> tuple:
    """A list for a group before one for everybody before none; the latest day first among equals."""
    place = 0 if price.price_list is None else 1 if price.price_list.client_group_id is None else 2
    return place, price.valid_from
