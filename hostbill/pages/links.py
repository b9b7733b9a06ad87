"""Addresses of other apps' pages, as far as they exist."""

from django.urls import NoReverseMatch, reverse


def address(route, *args):
    """The URL of a route, or an empty text while no app offers it; templates then show plain words."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""
