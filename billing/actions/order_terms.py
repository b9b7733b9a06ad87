"""What staff may settle in an order otherwise than the shop does: who may, and how it stands in the snapshot."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from billing.queries.quote import Quote
from hostbill.core.access import require
from hostbill.core.errors import AppError


@dataclass(frozen=True)
class Terms:
    """What staff may settle otherwise than the shop does; the defaults are the shop's.

    `own_prices` as for `quote`, with a reason. `begin_now`: set up at once, paid or not. `invoice` False: the first period
    is given away, so nothing waits for a payment. `mail` False: the client hears nothing of order and invoice."""

    own_prices: dict = field(default_factory=dict)
    reason: str = ""
    begin_now: bool = False
    invoice: bool = True
    mail: bool = True


SHOP = Terms()


def check_terms(terms: Terms, actor) -> None:
    """Rights and sense. AppError: "no_reason", "negative", "nothing_to_pay"; PermissionDenied."""
    if terms == SHOP:
        return
    require(actor, "billing.order.create")
    if terms.own_prices or not terms.invoice:
        require(actor, "billing.order.price")
    if terms.own_prices:
        if not terms.reason.strip():
            raise AppError(_("Say why the price is another."), code="no_reason", field="reason")
        if any(part < 0 for pair in terms.own_prices.values() for part in pair):
            raise AppError(_("A price cannot be negative."), code="negative", field="amount")
    if not terms.invoice and not terms.begin_now:
        raise AppError(
            _("Without an invoice no payment will come to begin with: set it up now."), code="nothing_to_pay", field="begin"
        )


def terms_as_seen(found: Quote, terms: Terms) -> dict:
    """What staff settled otherwise, with the catalogue's prices beside their own."""
    if terms == SHOP:
        return {}
    own = [line for line in found.lines if line.cart_line.pk in terms.own_prices]
    listed = [line.product.price_for(found.currency, line.cycle) for line in own]
    return {
        "terms": {
            "begin_now": terms.begin_now,
            "invoice": terms.invoice,
            "mail": terms.mail,
            "reason": terms.reason,
            "list_prices": [
                {"product": line.product.name, "unit": str(price.amount), "setup": str(price.setup_amount)}
                for line, price in zip(own, listed, strict=True)
            ],
        }
    }
