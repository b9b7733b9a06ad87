"""For whom, then what: the first step of pages that are about a client who is not known yet."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Client
from clients.queries.find import find_clients

CHOOSE = "clients/staff/choose_client.html"


def named_client(request) -> Client | None:
    """The client of `?client=`, if this person may see it."""
    text = request.GET.get("client", "")
    known = Client.objects.visible_to(request.actor)
    found = known.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 18 else None
    return found and found.heir


def choice_of_client(request, title: str, crumb: tuple, explain: str = "", other: tuple = ()) -> dict:
    """What `CHOOSE` shows: the search, whose hits lead back here with their client. `other`: (words, address) of another way."""
    text = request.GET.get("find", "")
    return {
        "page_title": title,
        "page_sub": explain,
        "crumbs": [(crumb[0], reverse(crumb[1])), (title, "")],
        "text": text,
        "found": find_clients(text, request.actor),
        "other": other,
        "new_url": _new_client_url(request),
        "prompt": _("Newest clients") if not text.strip() else _("Clients that fit"),
    }


def _new_client_url(request) -> str:
    """To the form of a new client, which leads back here with them; empty without the right to add clients."""
    if not request.actor.may("clients.client.edit"):
        return ""
    return f"{reverse('clients_staff:client_create')}?{urlencode({'then': request.path})}"
