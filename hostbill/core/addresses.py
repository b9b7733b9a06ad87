"""Addresses of pages that are found by a number, of which a list needs hundreds."""

from functools import lru_cache

from django.urls import reverse

#: Stands for the number while the address of a route is looked up.
_NUMBER = 987654321


def address(route: str, pk: int) -> str:
    """``reverse(route, args=[pk])``, looked up once per route. Raises NoReverseMatch for a route that takes no number."""
    before, behind = _frame(route)
    return f"{before}{int(pk)}{behind}"


@lru_cache(maxsize=500)
def _frame(route: str) -> tuple[str, str]:
    before, _number, behind = reverse(route, args=[_NUMBER]).partition(str(_NUMBER))
    return before, behind
