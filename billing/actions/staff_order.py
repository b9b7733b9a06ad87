"""An order that staff place for a client: several products at once, on the terms they may settle."""

from dataclasses import dataclass, field, replace

from django.db.models import prefetch_related_objects

from billing.models import Cart, CartLine, Order, Product, Subscription
from billing.queries.chosen import WITH_OPTIONS
from billing.queries.quote import Quote, quote_rows
from hostbill.core.errors import AppError
from hostbill.core.locks import joined

from .account import open_and_lock
from .cart import Belongs, new_line, twice
from .order import check_account, standing_order
from .order_terms import Terms, check_terms
from .order_writing import Placing, write_order
from .promotion import codes_of


@dataclass(frozen=True)
class Ordered:
    """One line as staff enter it; `options` as `clean_choices` takes them, `choices` what of them holds for a preview.
    `own_price`: (price a piece, set-up fee, perhaps whether they include tax) instead of the catalogue's, or None. `belongs`: the
    client's service that an addon is for, where it was said."""

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
    with joined():
        account = open_and_lock(client)
        if standing := standing_order(key, client):
            return standing
        check_account(account, client)
        rows = basket(lines, account.currency, None, client, actor)
        own = {row.pk: line.own_price for row, line in zip(rows, lines, strict=True) if line.own_price}
        terms, codes = replace(terms, own_prices=own), codes_of(terms.codes)
        check_terms(terms, actor)

        def priced(buyer) -> Quote:
            return checked(quote_rows(account.currency, rows, client=buyer, own_prices=own, granted=terms.discount, codes=codes))

        return write_order(account, priced, Placing(key, actor, terms))


def basket(lines: list[Ordered], currency: str, shopper, client, actor) -> list[CartLine]:
    """The lines of a cart that is not stored: it is ordered at once. `shopper`: whose prices they must be sold at, None: anybody's."""
    cart, rows = Cart(currency=currency, client=shopper), []
    prefetch_related_objects([line.product for line in lines], "prices", "parents", WITH_OPTIONS)
    for index, line in enumerate(lines):
        rows.append(add_ordered(cart, rows, client, index, line, actor))
    return rows


def checked(found: Quote) -> Quote:
    """A code that gives nothing is told at once: nobody looks at a basket here."""
    for code in found.codes:
        if code.refusal:
            raise AppError(f"{code.text}: {code.refusal}", code="promotion", field="code")
    return found


def _belongs(rows: list[CartLine], product: Product, client) -> Belongs:
    """An addon goes with the line before it that it fits, else with the newest service of the client that has none yet."""
    parents = {row.pk for row in product.parents.all()}
    if not parents:
        return Belongs()
    line = next((row for row in reversed(rows) if row.product_id in parents), None)
    if line:
        return Belongs(line=line)
    running = Subscription.objects.running().filter(client=client, product__in=parents).exclude(addons__product=product)
    return Belongs(subscription=running.order_by("-pk").first())


def add_ordered(cart: Cart, rows: list[CartLine], client, index: int, line: Ordered, actor) -> CartLine:
    """One line beside those before it, not stored. AppError as `add_line`, with details["line"]."""
    try:
        row = new_line(
            cart,
            product=line.product,
            cycle=line.cycle,
            quantity=line.quantity,
            answers=line.answers,
            options=line.options,
            belongs=Belongs(subscription=line.belongs) if line.belongs else _belongs(rows, line.product, client),
            actor=actor,
        )
        if _is_twice(rows, row):
            raise twice(row.label)
    except AppError as error:
        error.details["line"] = index
        raise
    row.pk = index + 1
    return row


def _is_twice(rows: list[CartLine], row: CartLine) -> bool:
    """One domain cannot be set up twice by one order; an addon has its line's name."""
    same = (row.label, row.product.kind, None, None)
    found = [(each.label, each.product.kind, each.parent_id, each.for_subscription_id) for each in (row, *rows)]
    return bool(row.label) and found[0] == same and same in found[1:]
