"""What somebody wants of a running subscription, made into terms; and why it cannot be."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.models import Invoice, Product, Subscription
from billing.models.cycle import is_recurring
from billing.queries.change_targets import Target, target_for
from billing.queries.chosen import chosen_by, clean_choices, items_of
from billing.queries.terms import ItemTerms, Terms, as_changed, terms_of
from hostbill.core.errors import AppError


@dataclass(frozen=True)
class Wish:
    """None leaves a thing as it is. `chosen` are options as `clean_choices` takes them. For staff only: `price` (a net price of
    its own for a period and piece) and `anchor_day` (another billing day)."""

    product_id: int | None = None
    cycle: str | None = None
    quantity: int | None = None
    chosen: dict | None = None
    price: Decimal | None = None
    anchor_day: int | None = None


def refuse_unfit(subscription: Subscription) -> None:
    """AppError: "not_running", "suspended", "cancelled", "change_under_way", "draft_open"."""
    if not subscription.is_running:
        raise AppError(_("Only what runs can be changed."), code="not_running")
    if subscription.state == Subscription.State.SUSPENDED:
        raise AppError(_("It is suspended: settle that first."), code="suspended")
    if subscription.cancel_on:
        raise AppError(_("It is cancelled: take the cancellation back first."), code="cancelled")
    if subscription.changes.under_way().exists():
        raise AppError(_("A change is under way already: pay it or take it back first."), code="change_under_way")
    if Invoice.objects.filter(state="draft", lines__subscription=subscription).exists():
        raise AppError(_("There is a draft invoice for it: issue that first."), code="draft_open")


def wished_terms(
    subscription: Subscription, wish: Wish, *, when: str, on: date, for_staff: bool
) -> tuple[Product, Terms]:
    """The product and the terms that the wish comes to. AppError: "not_offered", "quantity", "out_of_stock", "same",
    "invalid_options", "negative"."""
    before = terms_of(subscription)
    target = target_for(subscription, wish.product_id or subscription.product_id, for_staff=for_staff)
    cycle = wish.cycle or before.cycle
    alike = cycle == before.cycle and (wish.product_id or before.product_id) == before.product_id
    if not alike and (target is None or cycle not in target.prices):
        raise AppError(_("This is not offered for a change."), code="not_offered", field="target")
    product = target.product if target else subscription.product
    after = replace(before, product_id=product.pk, cycle=cycle, quantity=_quantity(wish, before, product))
    after = _priced(after, wish, target, alike)
    after = replace(after, anchor_day=_anchor(wish, before, after, product, when, on))
    after = replace(after, items=_items(subscription, product, after, wish, alike))
    _refuse_stock(before, after, product)
    if after == before:
        raise AppError(_("This is what there is already."), code="same", field="target")
    return product, after


def _quantity(wish: Wish, before: Terms, product: Product) -> int:
    quantity = wish.quantity if wish.quantity is not None else before.quantity
    if quantity == before.quantity:
        return quantity
    most = max(product.max_quantity, 1)
    if not 1 <= quantity <= most:
        words = _("Enter a number from 1 to %(most)s.") % {"most": most}
        raise AppError(words, code="quantity", field="quantity")
    return quantity


def _priced(after: Terms, wish: Wish, target: Target | None, alike: bool) -> Terms:
    """The price stays while product and cycle do; else it is the catalogue's, or staff's own."""
    if wish.price is not None:
        if wish.price < 0:
            raise AppError(_("A price cannot be negative."), code="negative", field="price")
        return replace(after, price=wish.price, is_override=True)
    if alike:
        return after
    price = target.prices[after.cycle]
    return replace(after, price=price.amount, is_override=False, includes_tax=price.includes_tax)


def _anchor(wish: Wish, before: Terms, after: Terms, product: Product, when: str, on: date) -> int:
    """The billing day stays while the cycle does. A new cycle begins its own on its first day, or on the product's day."""
    if wish.anchor_day:
        return wish.anchor_day
    if after.cycle == before.cycle or (when != "now" and is_recurring(before.cycle)):
        return before.anchor_day
    return product.bill_day or on.day


def _items(
    subscription: Subscription, product: Product, after: Terms, wish: Wish, alike: bool
) -> tuple[ItemTerms, ...]:
    """What stays chosen keeps its price while product and cycle stay; the rest costs what it costs today."""
    before = {row.option: row for row in terms_of(subscription).items}
    if wish.chosen is None and alike:
        return tuple(before.values())
    raw = chosen_by(subscription) if wish.chosen is None else wish.chosen
    chosen = clean_choices(product, subscription.currency, after.cycle, raw)
    changed, _rows = as_changed(subscription, replace(after, items=()), product)
    found = []
    for row in items_of(changed, chosen):
        new = ItemTerms(row.option_id, row.choice_id, row.quantity, row.unit_amount, row.setup_amount, row.description)
        old = before.get(row.option_id)
        same = alike and old and (old.choice, old.quantity) == (new.choice, new.quantity)
        found.append(old if same else new)
    return tuple(found)


def _refuse_stock(before: Terms, after: Terms, product: Product) -> None:
    more = after.quantity - (before.quantity if before.product_id == product.pk else 0)
    if product.stock is not None and more > product.stock:
        raise AppError(_("%(product)s is sold out.") % {"product": product}, code="out_of_stock", field="target")
