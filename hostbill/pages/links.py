"""Addresses of other apps' pages, as far as they exist."""

from urllib.parse import urlencode

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
