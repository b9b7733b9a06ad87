"""What staff may settle in an order otherwise than the shop does: who may, and how it stands in the snapshot."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from billing.models import DiscountKind
from billing.queries.discount import Granted
from billing.queries.price import price_for
from billing.queries.quote import Quote
from hostbill.core.access import require
from hostbill.core.errors import AppError


@dataclass(frozen=True)
class Terms:
    """What staff may settle otherwise than the shop does; the defaults are the shop's.

    `own_prices` as for `quote`, with a reason. `begin_now`: set up at once, paid or not. `invoice`: "issue" writes and sends
    it, "draft" leaves it to be looked at and issued by hand, "none" gives the first period away, so nothing waits for a
    payment. `mail` False: the client hears nothing of order and invoice. `waits`: nothing of it begins before somebody accepts
    the order, paid or not. `said`: plain facts that a program told about it, kept as they are."""

    own_prices: dict = field(default_factory=dict)
    reason: str = ""
    begin_now: bool = False
    invoice: str = "issue"
    mail: bool = True
    discount: Granted | None = None
    codes: tuple = ()
    waits: bool = False
    said: dict = field(default_factory=dict)


SHOP = Terms()


def check_terms(terms: Terms, actor) -> None:
    """Rights and sense. AppError: "no_reason", "negative", "nothing_to_pay"; PermissionDenied."""
    if terms == SHOP:
        return
    require(actor, "billing.order.create")
    for permission in _needed(terms):
        require(actor, permission)
    if terms.own_prices:
        if not terms.reason.strip():
            raise AppError(_("Say why the price is another."), code="no_reason", field="reason")
        if any(part < 0 for pair in terms.own_prices.values() for part in pair):
            raise AppError(_("A price cannot be negative."), code="negative", field="amount")
    if terms.discount:
        _check_discount(terms)
    if terms.invoice == "none" and not terms.begin_now:
        raise AppError(
            _("Without an invoice no payment will come to begin with: set it up now."), code="nothing_to_pay", field="begin"
        )


def _check_discount(terms: Terms) -> None:
    if not terms.reason.strip():
        raise AppError(_("Say why there is a discount."), code="no_reason", field="reason")
    if terms.discount.kind not in (DiscountKind.PERCENT, DiscountKind.FIXED):
        raise AppError(_("Percent, or an amount."), code="kind", field="discount_kind")
    if terms.discount.value <= 0 or (terms.discount.kind == DiscountKind.PERCENT and terms.discount.value > 100):
        raise AppError(_("A discount is more than nothing, and at most 100 percent."), code="value", field="discount_value")


def _needed(terms: Terms) -> list[str]:
    """The rights beyond placing orders. A period given away is a price too."""
    asked = {
        "billing.order.price": bool(terms.own_prices) or terms.invoice == "none",
        "billing.order.begin": terms.begin_now,
        "billing.subscription.discount": terms.discount is not None,
        "billing.invoice.create": terms.invoice == "draft",
    }
    return [permission for permission, is_asked in asked.items() if is_asked]


def _discount_as_seen(terms: Terms) -> dict | None:
    given = terms.discount
    return {"kind": given.kind, "value": str(given.value), "periods": given.periods} if given else None


def terms_as_seen(found: Quote, terms: Terms, client) -> dict:
    """What staff settled otherwise, with the catalogue's prices beside their own."""
    if terms == SHOP:
        return {}
    own = [line for line in found.lines if line.cart_line.pk in terms.own_prices]
    listed = [price_for(line.product, found.currency, line.cycle, client) for line in own]
    return {
        "terms": {
            "begin_now": terms.begin_now,
            "invoice": terms.invoice,
            "mail": terms.mail,
            "waits": terms.waits,
            "said": terms.said,
            "reason": terms.reason,
            "discount": _discount_as_seen(terms),
            "list_prices": [
                {"product": line.product.name, "unit": str(price.amount), "setup": str(price.setup_amount)}
                for line, price in zip(own, listed, strict=True)
            ],
        }
    }
