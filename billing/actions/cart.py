"""Filling a cart. Nothing here promises anything: prices and stock are checked again when the order is placed."""

import secrets
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from billing import kinds
from billing.models import BundleItem, Cart, CartLine, Product, Subscription
from billing.queries.chosen import clean_choices
from billing.queries.price import price_for
from hostbill.core.errors import AppError
from hostbill.core.locks import lock


def create_cart(*, currency: str, actor, client=None, codes=()) -> Cart:
    """A new cart, perhaps with codes of promotions; its token belongs into the session."""
    return Cart.objects.create(token=secrets.token_urlsafe(32), currency=currency, client=client, codes=list(codes))


def _open(cart: Cart) -> Cart:
    cart = lock(cart)
    if cart.ordered_at:
        raise AppError(_("This cart was ordered already."), code="already_ordered")
    return cart


@dataclass(frozen=True)
class Belongs:
    """What a line is an addon of: another line of the cart, or what the client has; or the bundle that it came in."""

    line: CartLine | None = None
    subscription: Subscription | None = None
    bundle_item: BundleItem | None = None
    bundle_key: str = ""


ALONE = Belongs()


def add_line(
    cart: Cart, *, product: Product, cycle: str, answers: dict, actor, quantity: int = 1, options=None, belongs: Belongs = ALONE
) -> CartLine:
    """Add a product with validated answers of its kind's order form and its options as `clean_choices` takes them.

    AppError: "not_sold", "out_of_stock", "quantity", "invalid_answers", "invalid_options" (field, details["errors"]),
    "no_parent" for an addon without what it is an addon of."""
    line = new_line(cart, product=product, cycle=cycle, answers=answers, actor=actor, quantity=quantity, options=options, belongs=belongs)
    with transaction.atomic():
        line.cart = cart = _open(cart)
        if belongs.line is None and belongs.subscription is None:
            _check_unique(cart, product, line.label)
        line.save()
    return line


def new_line(
    cart: Cart, *, product: Product, cycle: str, answers: dict, actor, quantity: int = 1, options=None, belongs: Belongs = ALONE
) -> CartLine:
    """The same, not stored; a basket that is ordered at once need not be. Nothing compares it with other lines."""
    cycle = _cycle_of_addon(product, cycle, belongs)
    _check(cart, product, cycle, quantity, actor)
    check_parent(product, belongs)
    chosen = clean_choices(product, cart.currency, cycle, options or {}, defaults=True)
    clean = kinds.clean_answers(product, answers)
    return CartLine(
        cart=cart,
        product=product,
        cycle=cycle,
        quantity=quantity,
        answers=clean,
        label=_label_of(product, clean, belongs),
        options=chosen,
        parent=belongs.line,
        for_subscription=belongs.subscription,
        bundle_item=belongs.bundle_item,
        bundle_key=belongs.bundle_key,
    )


def update_line(line: CartLine, *, actor, cycle=None, quantity=None, answers=None, options=None) -> CartLine:
    """Change cycle, quantity, answers or options of a line; refusals as in add_line. Addons paid in its cycle follow it; what
    is not offered in the new cycle is refused."""
    cycle, quantity = cycle or line.cycle, quantity or line.quantity
    if line.bundle_key and (cycle, quantity) != (line.cycle, line.quantity):
        raise AppError(_("It belongs to a bundle: its price holds only so."), code="in_bundle", field="cycle")
    _check(line.cart, line.product, cycle, quantity, actor)
    chosen = clean_choices(line.product, line.cart.currency, cycle, line.options if options is None else options)
    if line.bundle_key and chosen != line.options:
        raise AppError(_("It belongs to a bundle: its options are fixed."), code="in_bundle", field="options")
    with transaction.atomic():
        line.cart = _open(line.cart)
        line.cycle, line.quantity, line.options = cycle, quantity, chosen
        if answers is not None:
            line.answers = kinds.clean_answers(line.product, answers)
            line.label = kinds.get(line.product.kind).label_from(line.answers)[:253]
            _check_unique(line.cart, line.product, line.label, besides=line)
        line.save()
        for addon in line.addons.select_related("product", "cart"):
            _follow(addon, line, actor)
    return line


def _follow(addon: CartLine, line: CartLine, actor) -> None:
    """An addon has its line's name, and its cycle when it is paid with it."""
    addon.label = line.label
    addon.save(update_fields=["label"])
    if addon.product.follows_parent and addon.cycle != line.cycle:
        update_line(addon, cycle=line.cycle, actor=actor)


def set_addons(line: CartLine, chosen: dict[int, str], *, actor) -> None:
    """Make the addons of a line exactly these: {product id: cycle}. AppError as add_line, details["addon"] the product."""
    with transaction.atomic():
        standing = {row.product_id: row for row in line.addons.select_related("product", "cart")}
        for product_id, row in standing.items():
            if product_id not in chosen:
                row.delete()
        for product in line.product.addons.filter(pk__in=chosen).order_by("sort", "name"):
            try:
                _set_addon(line, product, standing.get(product.pk), chosen[product.pk], actor)
            except AppError as error:
                error.details["addon"] = product
                raise


def _set_addon(line: CartLine, product: Product, row: CartLine | None, cycle: str, actor) -> None:
    if row is None:
        add_line(line.cart, product=product, cycle=cycle, answers={}, actor=actor, belongs=Belongs(line=line))
    elif not product.follows_parent and row.cycle != cycle:
        update_line(row, cycle=cycle, actor=actor)


def _cycle_of_addon(product: Product, cycle: str, belongs: Belongs) -> str:
    """Its parent's, when it is paid with it."""
    parent = belongs.line or belongs.subscription
    return parent.cycle if parent and product.follows_parent else cycle


def check_parent(product: Product, belongs: Belongs) -> None:
    """An addon goes with one of its parents. AppError "no_parent"."""
    parents = {row.pk for row in product.parents.all()}
    parent = belongs.line or belongs.subscription
    if not parents and parent is None:
        return
    if parent is None or parent.product_id not in parents:
        raise AppError(
            _("%(addon)s is an addon: it is sold together with what it belongs to.") % {"addon": product}, code="no_parent"
        )
    if belongs.subscription and not belongs.subscription.is_running:
        raise AppError(_("%(name)s is not running.") % {"name": belongs.subscription}, code="no_parent")


def _label_of(product: Product, answers: dict, belongs: Belongs) -> str:
    """An addon is called after what it belongs to."""
    parent = belongs.line or belongs.subscription
    return parent.label if parent else kinds.get(product.kind).label_from(answers)[:253]


def set_line_cycle(line: CartLine, *, cycle: str, actor) -> CartLine:
    """Pay the line in another rhythm."""
    return update_line(line, cycle=cycle, actor=actor)


def remove_line(line: CartLine, *, actor) -> None:
    """Take a line out, with its addons; a bundle leaves as a whole."""
    with transaction.atomic():
        _open(line.cart)
        if line.bundle_key:
            line.cart.lines.filter(bundle_key=line.bundle_key).delete()
        else:
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
        for line in other.lines.select_related("product", "parent"):
            if line.parent and line.parent.cart_id != cart.pk:
                continue
            if not line.parent and _stands_in(cart, line):
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
    if line.label and not line.for_subscription_id:
        return cart.lines.filter(parent=None, label=line.label, product__kind=line.product.kind).exists()
    same = {"product": line.product, "cycle": line.cycle, "answers": line.answers, "options": line.options}
    return cart.lines.filter(**same, for_subscription=line.for_subscription_id).exists()


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
    if product.is_retired and not Product.objects.visible_to(actor).filter(pk=product.pk).exists():
        raise AppError(_("This product is not sold any more."), code="not_sold")
    if not 1 <= quantity <= 1000:  # staff may order more in a line than the store offers
        raise AppError(_("Choose a quantity from 1 to 1000."), code="quantity", field="quantity")
    if price_for(product, cart.currency, cycle, cart.client) is None:
        raise AppError(_("This product is not sold in that billing cycle."), code="not_sold", field="cycle")
    if product.stock is not None and product.stock < quantity:
        raise AppError(_("This product is sold out."), code="out_of_stock", field="quantity")


def _check_unique(cart: Cart, product: Product, label: str, besides: CartLine | None = None) -> None:
    """One domain cannot be set up twice from one cart."""
    others = cart.lines.filter(label=label, product__kind=product.kind, parent=None, for_subscription=None)
    others = others.exclude(pk=besides.pk if besides else None)
    if label and others.exists():
        raise twice(label)


def twice(label: str) -> AppError:
    """What is said when one domain is to be set up twice."""
    return AppError(_("%(label)s is in your cart already.") % {"label": label}, code="duplicate_label", field="domain")
