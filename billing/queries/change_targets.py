"""What a subscription may be changed to, and what that costs."""

from dataclasses import dataclass

from billing.models import ChangeTo, Price, Product, Subscription
from billing.models.cycle import is_recurring
from billing.queries.price import prices_of


@dataclass(frozen=True)
class Target:
    """A product with the price of each cycle in which it can be had. `is_current`: the one there is now."""

    product: Product
    prices: dict[str, Price]
    is_current: bool = False


def targets(subscription: Subscription, *, for_staff: bool = False) -> list[Target]:
    """Products to change to, in the order of the catalogue, the present one among them (for another cycle or quantity).

    Clients get what the present product allows; staff everything of its kind that is not retired."""
    found = [_target(subscription, product) for product in _products(subscription, for_staff)]
    return [target for target in found if target.prices]


def _products(subscription: Subscription, for_staff: bool) -> list[Product]:
    current = subscription.product
    rows = Product.objects.filter(kind=current.kind, is_retired=False).select_related("group")
    if not for_staff:
        rows = _allowed(current, rows)
    rows = [row for row in rows.prefetch_related("prices__price_list") if row.pk != current.pk]
    current = Product.objects.select_related("group").prefetch_related("prices__price_list").get(pk=current.pk)
    return sorted([*rows, current], key=lambda row: (row.group.sort, row.group.name, row.sort, row.name))


def _allowed(current: Product, rows):
    if current.change_to == ChangeTo.LISTED:
        return rows.filter(pk__in=current.change_targets.values("pk"))
    if current.change_to == ChangeTo.GROUP:
        return rows.filter(group_id=current.group_id, is_hidden=False).exclude(stock=0)
    return rows.none()


def _target(subscription: Subscription, product: Product) -> Target:
    prices = prices_of(product, subscription.currency, subscription.client)
    if subscription.is_recurring:
        prices = {cycle: price for cycle, price in prices.items() if is_recurring(cycle)}
    return Target(product, prices, product.pk == subscription.product_id)


def target_for(subscription: Subscription, product_id: int, *, for_staff: bool) -> Target | None:
    """The target with that product, or None when it may not be had."""
    return next((row for row in targets(subscription, for_staff=for_staff) if row.product.pk == product_id), None)
