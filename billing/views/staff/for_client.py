"""Pages that are about one client but not about an object yet: first for whom, then what."""

from django.shortcuts import render
from django.utils.functional import cached_property

from clients.queries.choosing import CHOOSE, choice_of_client, named_client


class ForClient:
    """`?client=` names the client; without it the page asks, with a search that also works without script."""

    @cached_property
    def client(self):
        """Whom the page is about; None while that is not known."""
        return self.named_client()

    def named_client(self):
        """The client of the address, if this person may see it."""
        return named_client(self.request)

    def choose_client(self, title: str, crumb: tuple, explain: str = "", other: tuple = ()):
        """The search; each hit leads back here with its client. `other`: (words, address) of another way."""
        return render(self.request, CHOOSE, choice_of_client(self.request, title, crumb, explain, other))
