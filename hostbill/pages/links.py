"""Addresses of other apps' pages, as far as they exist."""

from urllib.parse import urlencode

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.urls import NoReverseMatch, reverse


def address(route, *args):
    """The URL of a route, or an empty text while no app offers it; templates then show plain words."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


def filtered(route, **params):
    """The address of a list with its filters set; empty while no app offers the route."""
    url = address(route)
    return f"{url}?{urlencode(params)}" if url else ""


def object_url(kind: str, pk) -> str:
    """The page of an object named in a log (``billing.invoice``, 12), without asking whether it still exists; empty when it has none."""
    try:
        model = apps.get_model(kind)
    except (LookupError, ValueError):
        return ""
    if not pk or not hasattr(model, "get_absolute_url"):
        return ""
    try:
        return model(pk=pk).get_absolute_url() or ""
    except (AttributeError, NoReverseMatch, ValueError, ObjectDoesNotExist):
        return ""  # a page that is found by more than the number
