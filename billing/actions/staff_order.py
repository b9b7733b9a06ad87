"""An order that staff place for a client: several products at once, on the terms they may settle."""

from dataclasses import dataclass, field, replace

from django.db import transaction

from billing.models import Order, Product, Subscription
from billing.queries.quote import Quote, quote
from hostbill.core.errors import AppError

from .account import open_account
from .cart import Belongs, add_line, create_cart
from .order import place_order
from .order_terms import Terms
from .promotion import add_code


@dataclass(frozen=True)
class Ordered:
    """One line as staff enter it; `options` as `clean_choices` takes them, `choices` what of them holds for a preview.
    `own_price`: (net price a piece, net set-up fee) instead of the catalogue's, or None. `belongs`: the client's service that an
    addon is for, where it was said."""

    product: Product
    cycle: str
    quantity: int = 1
    answers: dict = field(default_factory=dict)
    own_price: tuple | None = None
    options: dict = field(default_factory=dict)
    choices: dict = field(default_factory=dict)
    belongs: Subscription | None = None


def order_for_client(client, lines: list[Ordered], *, terms: Terms, key: str, actor) -> Order:
    """Place the lines as one order, all or nothing. The same `key` again is the order that stands.

    `terms.own_prices` is filled in from the lines. AppError as `add_line` and `place_order`; `details["line"]` is the index of
    the line that was refused."""
    with transaction.atomic():
        account = open_account(client)
        standing = Order.objects.filter(idempotency_key=key, client=client).first()
        if standing:
            return standing
        cart = create_cart(currency=account.currency, actor=actor)
        rows = [add_ordered(cart, client, index, line, actor) for index, line in enumerate(lines)]
        own = {row.pk: line.own_price for row, line in zip(rows, lines, strict=True) if line.own_price}
        terms = replace(terms, own_prices=own)
        for code in terms.codes:
            add_code(cart, text=code, actor=actor)
        total = checked(quote(cart, client=client, own_prices=own, granted=terms.discount)).total.amount
        return place_order(cart, client=client, actor=actor, idempotency_key=key, expected_total=total, terms=terms)


def checked(found: Quote) -> Quote:
    """A code that gives nothing is told at once: nobody looks at a basket here."""
    for code in found.codes:
        if code.refusal:
            raise AppError(f"{code.text}: {code.refusal}", code="promotion", field="code")
    return found


def _belongs(cart, product: Product, client) -> Belongs:
    """An addon goes with the line before it that it fits, else with the newest service of the client that has none yet."""
    parents = product.parents.all()
    if not parents:
        return Belongs()
    line = cart.lines.filter(product__in=parents).order_by("-pk").first()
    running = Subscription.objects.running().filter(client=client, product__in=parents).exclude(addons__product=product)
    return Belongs(line=line) if line else Belongs(subscription=running.order_by("-pk").first())


def add_ordered(cart, client, index: int, line: Ordered, actor):
    """Put one line into the cart. AppError as `add_line`, with details["line"]."""
    try:
        return add_line(
            cart,
            product=line.product,
            cycle=line.cycle,
            quantity=line.quantity,
            answers=line.answers,
            options=line.options,
            belongs=Belongs(subscription=line.belongs) if line.belongs else _belongs(cart, line.product, client),
            actor=actor,
        )
    except AppError as error:
        error.details["line"] = index
        raise
