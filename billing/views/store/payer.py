"""Who pays at checkout, as far as tax goes: the account chosen, or what a visitor has typed so far."""

from billing.actions.vat_check import ask_for_visitor
from billing.queries import vat_status
from billing.views.store.visitor import country_of
from clients.models import Client

#: Different VAT numbers that one browser may ask about.
NUMBERS_ASKED = 15


def payer_of(request, data) -> dict:
    """What `quote` needs to know, and the `vat` status to show. `data`: the form as typed so far."""
    client = account_of(request, data.get("client", ""))
    if client:
        return {"client": client, "vat": vat_status.status_of(client)}
    country = _text(data, "country", 2).upper()
    if len(country) != 2 or not (country.isascii() and country.isalpha()):
        country = country_of(request)
    places = {name: _text(data, name, 100) for name in ("postcode", "state")}
    buyer, status = vat_status.visitor(country, tax_id=_text(data, "tax_id", 40), **places)
    return {"country": country, "buyer": buyer, "vat": status}


def ask_about_typed(request, data) -> None:
    """Ask the office about the number a visitor typed; each one once, and no more than a few."""
    if request.client:
        return
    number, country = _text(data, "tax_id", 40), _text(data, "country", 2).upper()
    asked = request.session.get("vat_numbers", [])
    if not number or (number not in asked and len(asked) >= NUMBERS_ASKED):
        return
    if ask_for_visitor(number, country) and number not in asked:
        request.session["vat_numbers"] = [*asked, number]


def accounts_of(request):
    """The accounts that the signed-in person may order for."""
    return Client.objects.filter(pk__in=request.actor.clients_with("billing"))


def account_of(request, chosen):
    """The account chosen of several, else the one looked at; None for a visitor."""
    if str(chosen).isdecimal() and len(str(chosen)) < 10:
        found = accounts_of(request).filter(pk=chosen).first()
        if found:
            return found
    return request.client if request.client else None


def _text(data, name: str, length: int) -> str:
    text = str(data.get(name, "")).strip()[:length]
    return "" if any(ord(sign) < 32 for sign in text) else text
