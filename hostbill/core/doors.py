"""Which pages a person may open. Asked of the views themselves, so that no link or button leads to "not allowed"."""

import re
from functools import lru_cache

from django.urls import Resolver404, resolve

NUMBER = re.compile(r"\d+")


def opens(actor, url: str) -> bool:
    """Whether the actor holds the permission that the page at this address of ours asks for."""
    needed = _needed(NUMBER.sub("0", url.partition("?")[0].partition("#")[0])) if url else None
    return not needed or actor.may(needed)


def open_to(actor, url: str) -> str:
    """The address for those who may open it, else an empty text: templates then show plain words."""
    return url if opens(actor, url) else ""


@lru_cache(maxsize=4096)
def _needed(path: str) -> str:
    """The permission of the view there. All objects of a kind have one address but for their number, hence the ``0``."""
    try:
        found = resolve(path)
    except Resolver404:
        return ""
    view = getattr(found.func, "view_class", None)
    return view.permission_for(**found.kwargs) if hasattr(view, "permission_for") else ""
