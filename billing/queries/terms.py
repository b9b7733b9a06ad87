"""The terms of a subscription as one value: what it is, how often and what it costs. A change is two of them."""

import copy
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from billing.models import Product, Subscription, SubscriptionItem


@dataclass(frozen=True)
class ItemTerms:
    """A chosen option as `SubscriptionItem` keeps it."""

    option: int
    choice: int
    quantity: int
    unit: Decimal
    setup: Decimal
    description: str


@dataclass(frozen=True)
class Terms:
    """What may change. `origin_on`, `counted_on`, `anchor_day` and `period_index` say where the periods are counted from and which is the
    next to be invoiced, on `next_due_on`."""

    product_id: int
    cycle: str
    quantity: int
    price: Decimal
    is_override: bool
    includes_tax: bool
    origin_on: date | None
    counted_on: date | None
    anchor_day: int
    period_index: int
    next_due_on: date | None
    items: tuple[ItemTerms, ...] = field(default_factory=tuple)

    @property
    def as_json(self) -> dict:
        """Plain JSON: amounts and days as text."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__} | {"price": str(self.price)}
        for name in ("origin_on", "counted_on", "next_due_on"):
            values[name] = values[name].isoformat() if values[name] else None
        items = [vars(item) | {"unit": str(item.unit), "setup": str(item.setup)} for item in self.items]
        return values | {"items": items}

    @classmethod
    def from_json(cls, stored: dict) -> "Terms":
        """As `as_json` wrote it."""
        items = [item | {"unit": Decimal(item["unit"]), "setup": Decimal(item["setup"])} for item in stored["items"]]
        days = {
            name: date.fromisoformat(stored[name]) if stored[name] else None for name in ("origin_on", "counted_on", "next_due_on")
        }
        values = (
            stored | days | {"price": Decimal(stored["price"]), "items": tuple(ItemTerms(**item) for item in items)}
        )
        return cls(**values)

    def same_calendar(self, other: "Terms") -> bool:
        """Do the periods begin on the same days?"""
        return (self.cycle, self.anchor_day) == (other.cycle, other.anchor_day)


def terms_of(subscription: Subscription) -> Terms:
    """The terms in force."""
    return Terms(
        product_id=subscription.product_id,
        cycle=str(subscription.cycle),
        quantity=subscription.quantity,
        price=subscription.price_amount,
        is_override=subscription.price_is_override,
        includes_tax=subscription.price_includes_tax,
        origin_on=subscription.origin_on,
        counted_on=subscription.counted_on,
        anchor_day=subscription.anchor_day,
        period_index=subscription.period_index,
        next_due_on=subscription.next_due_on,
        items=tuple(
            ItemTerms(row.option_id, row.choice_id, row.quantity, row.unit_amount, row.setup_amount, row.description)
            for row in subscription.items.all()
        ),
    )


def write_terms(subscription: Subscription, terms: Terms) -> Subscription:
    """Put the terms on a row without saving it; the product stays. Returns the row."""
    subscription.cycle, subscription.quantity, subscription.price_amount = terms.cycle, terms.quantity, terms.price
    subscription.price_is_override, subscription.price_includes_tax = terms.is_override, terms.includes_tax
    subscription.origin_on, subscription.counted_on = terms.origin_on, terms.counted_on
    subscription.anchor_day = terms.anchor_day
    subscription.period_index, subscription.next_due_on = terms.period_index, terms.next_due_on
    return subscription


def as_changed(subscription: Subscription, terms: Terms, product: Product | None = None) -> tuple[Subscription, list]:
    """A copy of the row with these terms that is never saved, and its options, for pricing."""
    changed = copy.copy(subscription)
    changed._state = copy.copy(subscription._state)
    changed._state.fields_cache = dict(subscription._state.fields_cache)
    changed.product = product or subscription.product
    # Prices scheduled for the next period do not concern the one that has begun.
    known = getattr(subscription, "_prefetched_objects_cache", {})
    changed._prefetched_objects_cache = {**known, "scheduled_prices": []}
    write_terms(changed, terms)
    standing = {row.option_id: row for row in subscription.items.all()}
    items = []
    for item in terms.items:
        row = SubscriptionItem(
            subscription=changed, option_id=item.option, choice_id=item.choice, quantity=item.quantity,
            unit_amount=item.unit, setup_amount=item.setup, description=item.description,
        )  # fmt: skip
        # A new option has no number yet; below zero it cannot be taken for another's.
        row.pk = standing[item.option].pk if item.option in standing else -item.option
        items.append(row)
    return changed, items


def with_items(terms: Terms, items: list[ItemTerms]) -> Terms:
    """The same with other options."""
    return replace(terms, items=tuple(items))
