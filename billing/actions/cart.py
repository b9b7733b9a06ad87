"""Filling a cart. Nothing here promises anything: prices and stock are checked again when the order is placed."""

import secrets
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from billing import kinds
from billing.models import Cart, CartLine, Product
from billing.queries.price import price_for
from hostbill.core.errors import AppError
from hostbill.core.locks import lock


def create_cart(*, currency: str, actor, client=None) -> Cart:
    """A new cart; its token belongs into the session."""
    return Cart.objects.create(token=secrets.token_urlsafe(32), currency=currency, client=client)


def _open(cart: Cart) -> Cart:
    cart = lock(cart)
    if cart.ordered_at:
        raise AppError(_("This cart was ordered already."), code="already_ordered")
    return cart


def add_line(cart: Cart, *, product: Product, cycle: str, answers: dict, actor, quantity: int = 1) -> CartLine:
    """Add a product with validated answers of its kind's order form.

    AppError: "not_sold", "out_of_stock", "quantity", "invalid_answers" (field, details["errors"])."""
    _check(cart, product, cycle, quantity, actor)
    clean = kinds.clean_answers(product, answers)
    label = kinds.get(product.kind).label_from(clean)[:253]
    with transaction.atomic():
        cart = _open(cart)
        _check_unique(cart, product, label)
        return CartLine.objects.create(
            cart=cart, product=product, cycle=cycle, quantity=quantity, answers=clean, label=label
        )


def update_line(line: CartLine, *, actor, cycle=None, quantity=None, answers=None) -> CartLine:
    """Change cycle, quantity or answers of a line; refusals as in add_line."""
    cycle, quantity = cycle or line.cycle, quantity or line.quantity
    _check(line.cart, line.product, cycle, quantity, actor)
    with transaction.atomic():
        line.cart = _open(line.cart)
        line.cycle, line.quantity = cycle, quantity
        if answers is not None:
            line.answers = kinds.clean_answers(line.product, answers)
            line.label = kinds.get(line.product.kind).label_from(line.answers)[:253]
            _check_unique(line.cart, line.product, line.label, besides=line)
        line.save()
    return line


def set_line_cycle(line: CartLine, *, cycle: str, actor) -> CartLine:
    """Pay the line in another rhythm."""
    return update_line(line, cycle=cycle, actor=actor)


def remove_line(line: CartLine, *, actor) -> None:
    """Take a line out."""
    with transaction.atomic():
        _open(line.cart)
        line.delete()


def claim_cart(cart: Cart, *, client, actor) -> Cart:
    """The visitor has signed in: the cart is the client's, in the client's currency, and found again at any sign-in."""
    with transaction.atomic():
        cart = _open(cart)
        cart.client, cart.currency = client, client.currency
        cart.save(update_fields=["client", "currency"])
    return cart


@dataclass(frozen=True)
class Joined:
    """What became of the lines of another cart: how many were added, and the names of those that cannot be bought."""

    added: int
    left_out: list[str]


def join_carts(cart: Cart, other: Cart, *, actor) -> Joined:
    """Put the lines of the client's `other` cart into this one, which is kept. The same thing twice is kept once, as it
    stands in this cart; what is not sold any more, or more than is in stock, stays out. The other cart is gone."""
    with transaction.atomic():
        first, second = sorted((cart, other), key=lambda row: row.pk)
        _open(first), _open(second)
        added, left_out = 0, []
        for line in other.lines.select_related("product"):
            if _stands_in(cart, line):
                continue
            if _is_sold(cart, line, actor):
                line.cart = cart
                line.save(update_fields=["cart"])
                added += 1
            else:
                left_out.append(str(line))
        other.delete()
    return Joined(added, left_out)


def _stands_in(cart: Cart, line: CartLine) -> bool:
    if line.label:
        return cart.lines.filter(label=line.label, product__kind=line.product.kind).exists()
    return cart.lines.filter(product=line.product, cycle=line.cycle, answers=line.answers).exists()


def _is_sold(cart: Cart, line: CartLine, actor) -> bool:
    taken = cart.lines.filter(product=line.product).aggregate(sum=Sum("quantity"))["sum"] or 0
    if line.product.stock is not None and line.product.stock < taken + line.quantity:
        return False
    try:
        _check(cart, line.product, line.cycle, line.quantity, actor)
    except AppError:
        return False
    return True


def set_cart_currency(cart: Cart, *, currency: str, actor) -> Cart:
    """Price the cart in another currency."""
    with transaction.atomic():
        cart = _open(cart)
        cart.currency = currency
        cart.save(update_fields=["currency"])
    return cart


def _check(cart: Cart, product: Product, cycle: str, quantity: int, actor) -> None:
    if not Product.objects.visible_to(actor).filter(pk=product.pk).exists() and product.is_retired:
        raise AppError(_("This product is not sold any more."), code="not_sold")
    if not 1 <= quantity <= 1000:
        raise AppError(_("Choose a quantity from 1 to 1000."), code="quantity", field="quantity")
    if price_for(product, cart.currency, cycle, cart.client) is None:
        raise AppError(_("This product is not sold in that billing cycle."), code="not_sold", field="cycle")
    if product.stock is not None and product.stock < quantity:
        raise AppError(_("This product is sold out."), code="out_of_stock", field="quantity")


def _check_unique(cart: Cart, product: Product, label: str, besides: CartLine | None = None) -> None:
    """One domain cannot be set up twice from one cart."""
    others = cart.lines.filter(label=label, product__kind=product.kind).exclude(pk=besides.pk if besides else None)
    if label and others.exists():
        raise AppError(
            _("%(label)s is in your cart already.") % {"label": label}, code="duplicate_label", field="domain"
        )
