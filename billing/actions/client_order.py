"""An order that a client places at once, without the shop's basket: by a program of theirs."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Order
from billing.queries.quote import quote
from billing.queries.shop_pages import terms_version
from clients.actions.consent import record_consent
from hostbill.core.errors import AppError
from hostbill.core.money import Money

from .account import open_account
from .cart import create_cart
from .order import place_order
from .promotion import add_code
from .staff_order import Ordered, add_ordered, checked


def order_by_client(client, lines: list[Ordered], *, codes=(), expected: Money | None = None, key: str, actor) -> Order:
    """Place the lines as one order on the shop's terms, to which the person agreed; all or nothing. The same `key` again is the
    order that stands. `expected`: the total with tax that they were shown.

    AppError as `order_for_client`, and "price_changed", "quantity"; `details["line"]` is the index of the refused line."""
    with transaction.atomic():
        account = open_account(client)
        standing = Order.objects.filter(idempotency_key=key, client=client).first()
        if standing:
            return standing
        cart = create_cart(currency=account.currency, actor=actor, client=client)
        for index, line in enumerate(lines):
            _refuse_too_many(line, index)
            add_ordered(cart, client, index, line, actor)
        for code in codes:
            add_code(cart, text=code, actor=actor)
        total = checked(quote(cart, client=client)).total
        if expected is not None and expected != total:
            raise AppError(_("The price has changed since you saw it. Please check it again."), code="price_changed")
        terms = terms_version()
        record_consent(actor=actor, kind="terms", text_version=terms, client=client, ip=actor.ip)
        agreed = {"terms": terms}
        return place_order(cart, client=client, actor=actor, idempotency_key=key, expected_total=total.amount, agreed=agreed)


def _refuse_too_many(line: Ordered, index: int) -> None:
    """What the shop offers in one line at most."""
    most = line.product.max_quantity
    if line.quantity > most:
        words = _("Choose a quantity from 1 to %(most)d.") % {"most": most}
        raise AppError(words, code="quantity", field="quantity", line=index)
