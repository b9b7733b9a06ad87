"""What is taken off a running subscription: its own discounts and its client's group, as rows tell it. No query when they are
fetched beforehand."""

from decimal import Decimal

from billing.models import DiscountKind, Subscription, SubscriptionDiscount
from billing.queries.discount import Cut


def cuts_of(subscription: Subscription) -> list[Cut]:
    """Everything that makes its next period cheaper."""
    own = [cut_of(row) for row in subscription.discounts.all() if row.is_live] if subscription.pk else []
    return [*own, *group_cuts(subscription.client if subscription.client_id else None)]


def cut_of(row: SubscriptionDiscount) -> Cut:
    """A stored discount as arithmetic sees it."""
    return Cut(
        key=row.part,
        kind=row.kind,
        name=row.name,
        percent=row.percent,
        amount=row.amount,
        periods_left=row.periods_left,
        months_left=row.months_left,
        includes_base=row.includes_base,
        includes_options=row.includes_options,
        includes_setup=row.includes_setup,
        choices=frozenset(row.choices),
    )


def group_cuts(client) -> list[Cut]:
    """The percentage of the client's group, for ever, on options and set-up fees too."""
    group = client.group if client and client.group_id else None
    if group is None or group.discount_percent <= Decimal(0):
        return []
    return [
        Cut(
            key=f"group:{group.pk}",
            kind=DiscountKind.PERCENT,
            name=group.name,
            percent=group.discount_percent,
            includes_setup=True,
        )
    ]
