"""An order that a client places at once, without the shop's basket: by a program of theirs."""

from django.utils.translation import gettext as _

from billing.models import Order
from billing.queries.quote import Quote, quote_rows
from billing.queries.shop_pages import terms_version
from clients.actions.consent import record_consent
from hostbill.core.errors import AppError
from hostbill.core.locks import joined
from hostbill.core.money import Money

from .account import open_and_lock
from .order import check_account, standing_order
from .order_writing import Placing, write_order
from .promotion import codes_of
from .staff_order import Ordered, basket, checked


def order_by_client(client, lines: list[Ordered], *, codes=(), expected: Money | None = None, key: str, actor) -> Order:
    """Place the lines as one order on the shop's terms, to which the person agreed; all or nothing. The same `key` again is the
    order that stands. `expected`: the total with tax that they were shown.

    AppError as `order_for_client`, and "price_changed", "quantity"; `details["line"]` is the index of the refused line."""
    with joined():
        account = open_and_lock(client)
        if standing := standing_order(key, client):
            return standing
        check_account(account, client)
        for index, line in enumerate(lines):
            _refuse_too_many(line, index)
        rows, codes = basket(lines, account.currency, client, client, actor), codes_of(codes)

        def priced(buyer) -> Quote:
            found = checked(quote_rows(account.currency, rows, client=buyer, codes=codes))
            if expected is not None and expected != found.total:
                raise AppError(_("The price has changed since you saw it. Please check it again."), code="price_changed")
            return found

        terms = terms_version()
        record_consent(actor=actor, kind="terms", text_version=terms, client=client, ip=actor.ip)
        return write_order(account, priced, Placing(key, actor, agreed={"terms": terms}))


def _refuse_too_many(line: Ordered, index: int) -> None:
    """What the shop offers in one line at most."""
    most = line.product.max_quantity
    if line.quantity > most:
        words = _("Choose a quantity from 1 to %(most)d.") % {"most": most}
        raise AppError(words, code="quantity", field="quantity", line=index)
