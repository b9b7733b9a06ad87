"""Pages that are about one client but not about an object yet: first for whom, then what."""

from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from clients.models import Client
from clients.queries.find import find_clients


class ForClient:
    """`?client=` names the client; without it the page asks, with a search that also works without script."""

    @cached_property
    def client(self):
        """Whom the page is about; None while that is not known."""
        return self.named_client()

    def named_client(self):
        """The client of the address, if this person may see it."""
        text = self.request.GET.get("client", "")
        known = Client.objects.visible_to(self.request.actor)
        found = known.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 18 else None
        return found and found.heir

    def choose_client(self, title: str, crumb: tuple, explain: str = "", other: tuple = ()):
        """The search; each hit leads back here with its client. `other`: (words, address) of another way."""
        text = self.request.GET.get("find", "")
        context = {
            "page_title": title,
            "page_sub": explain,
            "crumbs": [(crumb[0], reverse(crumb[1])), (title, "")],
            "text": text,
            "found": find_clients(text, self.request.actor),
            "other": other,
            "new_url": self._new_client_url(),
            "prompt": _("Newest clients") if not text.strip() else _("Clients that fit"),
        }
        return render(self.request, "billing/staff/choose_client.html", context)

    def _new_client_url(self) -> str:
        """To the form of a new client, which leads back here with them; empty without the right to add clients."""
        if not self.request.actor.may("clients.client.edit"):
            return ""
        return f"{reverse('clients_staff:client_create')}?{urlencode({'then': self.request.path})}"
