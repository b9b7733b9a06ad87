"""Codes of promotions in the shop: typed into the basket, or carried by a link. Guessing is limited by address."""

from allauth.core import ratelimit
from django.contrib import messages
from django.utils.translation import gettext as _

from billing.actions.promotion import add_code, remove_code
from billing.queries.promotion import find_promotion
from billing.queries.quote import quote
from billing.views.store import visitor
from hostbill.core.errors import AppError

ACTION = "promotion"
#: What stays in the field of what somebody typed.
MOST_SHOWN = 60


def from_link(request) -> None:
    """``?promo=CODE`` behind any address of the shop: it waits in the basket, or until there is one."""
    text = request.GET.get("promo", "").strip()
    if not text or not _may_try(request):
        return
    promotion = find_promotion(text)
    if promotion is None:
        _count_guess(request)
        messages.warning(request, _("The code in this link is not known to us."))
        return
    cart = visitor.cart_of(request)
    if cart is None:
        request.session[visitor.CODE_KEY] = promotion.code
    else:
        _add(request, cart, promotion.code)
    messages.info(request, _("The code %(code)s waits in your basket.") % {"code": promotion.code})


def _add(request, cart, code: str) -> None:
    try:
        add_code(cart, text=code, actor=request.actor)
    except AppError:
        return  # gone meanwhile, or one too many: the basket shows what is in it


def enter(request, cart, text: str, country: str) -> str:
    """A code typed by somebody: kept when it holds. Returns why it does not, or nothing."""
    if not text.strip():
        return _("Enter a code.")
    if not _may_try(request):
        return _("Too many codes were tried from your address. Please wait some minutes.")
    had = list(cart.codes)
    try:
        promotion = add_code(cart, text=text, actor=request.actor)
    except AppError as refusal:
        _count_guess(request)
        return str(refusal.message)
    found = quote(cart, country=country, client=cart.client)
    why = next((code.refusal for code in found.codes if code.text == promotion.code), "")
    if why and promotion.code not in had:
        remove_code(cart, text=promotion.code, actor=request.actor)
    return why


def _may_try(request) -> bool:
    return ratelimit.consume(request, action=ACTION, dry_run=True)


def _count_guess(request) -> None:
    ratelimit.consume(request, action=ACTION)
