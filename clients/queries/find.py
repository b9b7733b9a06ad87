"""Finding a client by what people know of one: number, name in any script, mail address, place."""

from django.db.models import Q

from clients.models import Client

COLUMNS = ("number__istartswith", "company__icontains", "first_name__icontains", "last_name__icontains",
           "native_name__icontains", "email__icontains", "city__istartswith", "phone__icontains")  # fmt: skip
MOST_WORDS = 6


def find_clients(text: str, actor, limit: int = 12) -> list[Client]:
    """Clients in which every word is found, the newest first; an empty text finds the newest. Who was merged is found as the
    kept client."""
    rows = Client.objects.visible_to(actor).select_related("merged_into")
    for word in text.split()[:MOST_WORDS]:
        rows = rows.filter(_any(word[:80]))
    return list(dict.fromkeys(row.heir for row in rows.order_by("-pk")[:limit]))


def _any(word: str) -> Q:
    found = Q()
    for column in COLUMNS:
        found |= Q(**{column: word})
    return found
