"""What the shop knows of a visitor: the cart, the currency, the country prices are shown for.

Nothing is kept, and no cookie set, before somebody fills a basket or chooses a currency."""

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.actions.cart import claim_cart, create_cart, join_carts, set_cart_currency
from billing.models import Cart, CartLine, Order
from billing.options import NETWORK_COUNTRY_HEADER
from billing.queries.catalogue import Pricing, currencies_on_sale
from hostbill.core.errors import AppError
from hostbill.core.money import Money
from hostbill.core.options import COMPANY_COUNTRY, COMPANY_CURRENCY
from hostbill.core.ui.joined import listed
from hostbill.core.ui.words import in_digits

CART_KEY = "cart"
ORDER_KEY = "last_order"
#: A promotion's code that came by a link before there was a basket.
CODE_KEY = "promo"


def currency_of(request) -> str:
    """The client's own, else the one chosen in the shop, else the seller's."""
    if request.client:
        return request.client.currency
    return request.session.get("currency") or COMPANY_CURRENCY.value


def country_of(request) -> str:
    """Where the visitor pays from, as far as known: decides the tax shown."""
    if request.client and request.client.country:
        return str(request.client.country)
    return network_country_of(request).upper() or COMPANY_COUNTRY.value


def network_country_of(request) -> str:
    """What a trusted proxy says of the visitor's network, as the option names it; empty without."""
    name = NETWORK_COUNTRY_HEADER.value.strip()
    told = request.headers.get(name, "") if name else ""
    return told if len(told) == 2 and told.isascii() and told.isalpha() else ""


def pricing_of(request) -> Pricing:
    """Prices as this visitor pays them."""
    return Pricing(currency_of(request), country_of(request), request.client)


def choices_of_currency(request) -> list[str]:
    """What a visitor may choose between; nothing for a client, whose account has one currency."""
    found = [] if request.client else currencies_on_sale()
    return found if len(found) > 1 else []


def choose_currency(request) -> None:
    """``?currency=USD`` in the shop, when something is sold in it; a basket is priced anew."""
    wanted = request.GET.get("currency", "").upper()
    if wanted not in choices_of_currency(request) or wanted == currency_of(request):
        return
    request.session["currency"] = wanted
    cart = cart_of(request)
    if cart and cart.currency != wanted:
        set_cart_currency(cart, currency=wanted, actor=request.actor)


def cart_of(request) -> Cart | None:
    """The visitor's open cart: this browser's, else the one the client left at another sign-in. None without one."""
    token = request.session.get(CART_KEY)
    cart = Cart.objects.filter(token=token, ordered_at=None).first() if token else None
    return _cart_of_client(request, cart) if _may_buy(request) else cart


def _may_buy(request) -> bool:
    return bool(request.client) and request.actor.may_in_area(request.client.pk, "billing")


def _cart_of_client(request, cart: Cart | None) -> Cart | None:
    client = request.client
    if cart is None:
        cart = _left_by(client).first()
        if cart is not None:
            request.session[CART_KEY] = cart.token
    if cart and (cart.client_id, cart.currency) != (client.pk, client.currency):
        is_visitors = cart.client_id is None
        try:
            cart = claim_cart(cart, client=client, actor=request.actor)
            if is_visitors:
                _join_last(request, cart)
        except AppError:
            return None  # ordered this very moment in another tab
    return cart


def _left_by(client):
    """Baskets of earlier sign-ins, the last one first."""
    return Cart.objects.filter(client=client.pk, ordered_at=None).order_by("-pk")


def _join_last(request, cart: Cart) -> None:
    """Somebody filled a basket and signed in: what lay in the basket of last time is in it too, and they are told."""
    last = _left_by(request.client).exclude(pk=cart.pk).first()
    if last is None:
        return
    joined = join_carts(cart, last, actor=request.actor)
    if joined.added:
        words = ngettext(
            "One thing from your last visit is in your basket too.",
            "%(count)d things from your last visit are in your basket too.",
            joined.added,
        )
        messages.info(request, in_digits(words % {"count": joined.added}))
    if joined.left_out:
        words = _("Not to be had any more, and taken out of your basket: %(names)s")
        messages.warning(request, words % {"names": listed(joined.left_out)})


def make_cart(request) -> Cart:
    """The open cart, made when there is none."""
    cart = cart_of(request)
    if cart is None:
        client = request.client if _may_buy(request) else None
        code = request.session.pop(CODE_KEY, "")
        cart = create_cart(
            currency=currency_of(request), actor=request.actor, client=client, codes=[code] if code else []
        )
        request.session[CART_KEY] = cart.token
    return cart


def lines_in_cart(request) -> int:
    """For the button in the shop's head; without a cart, no query."""
    token = request.session.get(CART_KEY)
    return CartLine.objects.filter(cart__token=token, cart__ordered_at=None).count() if token else 0


def last_order(request) -> Order | None:
    """What this browser ordered last, as long as its person may see it and it waits for payment."""
    pk = request.session.get(ORDER_KEY)
    if not pk:
        return None
    orders = Order.objects.filter(pk=pk, client__in=request.actor.clients_with("billing"), invoice__state="issued")
    return orders.select_related("invoice").first()


def tax_rows(quote) -> list:
    """(group, its tax as Money) for groups with tax; empty without a quote."""
    return [(group, Money(group.tax, quote.currency)) for group in quote.taxes if group.tax] if quote else []
