"""What the shop knows of a visitor: the cart, the currency, the country prices are shown for."""

from billing.actions.cart import create_cart
from billing.models import Cart, Price
from hostbill.core.money import Money
from hostbill.core.options import COMPANY_COUNTRY, COMPANY_CURRENCY

CART_KEY = "cart"


def currency_of(request) -> str:
    """The client's own, else the one chosen in the shop, else the seller's."""
    if request.client:
        return request.client.currency
    return request.session.get("currency") or COMPANY_CURRENCY.value


def country_of(request) -> str:
    """Where the visitor pays from, as far as known: decides the tax shown."""
    if request.client and request.client.country:
        return str(request.client.country)
    return COMPANY_COUNTRY.value


def choose_currency(request) -> None:
    """``?currency=USD`` in the shop, when something is sold in it."""
    wanted = request.GET.get("currency", "").upper()
    if len(wanted) == 3 and wanted.isalpha() and Price.objects.filter(currency=wanted).exists():
        request.session["currency"] = wanted


def cart_of(request):
    """The visitor's open cart, or None."""
    token = request.session.get(CART_KEY)
    return Cart.objects.filter(token=token, ordered_at=None).first() if token else None


def make_cart(request):
    """The open cart, made when there is none or when it is in another currency than now chosen."""
    cart = cart_of(request)
    if cart is None or cart.currency != currency_of(request):
        cart = create_cart(currency=currency_of(request), actor=request.actor)
        request.session[CART_KEY] = cart.token
    return cart


def tax_rows(quote) -> list:
    """(group, its tax as Money) for groups with tax; empty without a quote."""
    return [(group, Money(group.tax, quote.currency)) for group in quote.taxes if group.tax] if quote else []
