"""Addresses of the API, from the nouns."""

from django.urls import path, re_path

from hostbill.core.api.base import NoSuchAddress
from hostbill.core.api.me import Entrance
from hostbill.core.api.nouns import Noun, register
from hostbill.core.api.reading import DetailTwin, ListTwin


def routes(nouns: list[Noun], patterns) -> list:
    """All addresses below /api/v1/. ``patterns``: the console's, in which the nouns find their screens."""
    found = [path("", Entrance.as_view(), name="entrance")]
    for noun in register(nouns, patterns):
        found += _of(noun)
    return [*found, re_path("", NoSuchAddress.as_view(), name="nowhere")]


def _of(noun: Noun) -> list:
    return [
        path(f"{noun.name}/", ListTwin.as_view(noun=noun), name=f"{noun.route}_list"),
        path(f"{noun.name}/<int:pk>/", DetailTwin.as_view(noun=noun), name=f"{noun.route}_detail"),
    ]
