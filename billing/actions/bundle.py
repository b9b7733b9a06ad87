"""Use cases of bundles: making them, and putting one into a cart."""

import secrets
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Bundle, BundleItem, BundlePrice, Cart, CartLine, Product
from hostbill.core.audit import audit
from hostbill.core.errors import AppError

from .cart import Belongs, add_line


@dataclass(frozen=True)
class Part:
    """One product of a bundle as it is to be. `prices` {currency: (amount, set-up fee)} a piece, net; a currency left out is
    sold at the catalogue's price."""

    product: Product
    cycle: str
    quantity: int = 1
    options: dict = field(default_factory=dict)
    prices: dict = field(default_factory=dict)


def save_bundle(bundle: Bundle, *, parts: list[Part], actor) -> Bundle:
    """Store a bundle (new without a key); its parts become exactly these. What was ordered keeps its price.

    AppError: "no_parts", "negative", "quantity"."""
    if not parts:
        raise AppError(_("A bundle needs at least one product."), code="no_parts")
    if any(amount < 0 for part in parts for pair in part.prices.values() for amount in pair):
        raise AppError(_("A price cannot be negative."), code="negative")
    is_new = bundle.pk is None
    with transaction.atomic():
        bundle.save()
        bundle.items.all().delete()
        for place, part in enumerate(parts):
            _save_part(bundle, part, place)
        audit(actor, "billing.bundle_created" if is_new else "billing.bundle_changed", bundle)
    return bundle


def _save_part(bundle: Bundle, part: Part, place: int) -> None:
    item = BundleItem.objects.create(
        bundle=bundle, product=part.product, cycle=part.cycle, quantity=part.quantity, options=part.options, sort=place
    )
    for currency, (amount, setup) in part.prices.items():
        BundlePrice.objects.create(item=item, currency=currency, amount=amount, setup_amount=setup)


def add_bundle(cart: Cart, bundle: Bundle, *, answers: dict[int, dict], actor) -> list[CartLine]:
    """Put all its products into the cart, at its prices. `answers` {item id: answers of the product's kind}. An addon goes
    with the first part that it belongs to. AppError as `add_line`; details["item"] is the part that was refused."""
    key, lines = secrets.token_hex(16), []
    with transaction.atomic():
        for item in bundle.items.select_related("product").order_by("sort", "pk"):
            parents = set(item.product.parents.values_list("pk", flat=True))
            parent = next((line for line in lines if line.product_id in parents), None)
            try:
                lines.append(
                    add_line(
                        cart,
                        product=item.product,
                        cycle=item.cycle,
                        quantity=item.quantity,
                        answers=answers.get(item.pk, {}),
                        options=item.options,
                        actor=actor,
                        belongs=Belongs(line=parent, bundle_item=item, bundle_key=key),
                    )
                )
            except AppError as error:
                error.details["item"] = item
                raise
    return lines
