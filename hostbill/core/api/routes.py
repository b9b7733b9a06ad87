"""Addresses of the API, from the nouns."""

from django.urls import path, re_path

from hostbill.core.api.base import NoSuchAddress
from hostbill.core.api.me import Document, Entrance
from hostbill.core.api.nouns import Noun, register
from hostbill.core.api.reading import FileTwin
from hostbill.core.api.writing import DetailWriteTwin, ListWriteTwin, VerbTwin


def routes(nouns: list[Noun], patterns) -> list:
    """All addresses below /api/v1/. ``patterns``: the console's, in which the nouns find their screens."""
    found = [path("", Entrance.as_view(), name="entrance"), path("openapi.json", Document.as_view(), name="document")]
    for noun in register(nouns, patterns):
        found += _of(noun)
    return [*found, re_path("", NoSuchAddress.as_view(), name="nowhere")]


def _of(noun: Noun) -> list:
    """Its list, its objects, its verbs; each address takes the methods that a screen stands for."""
    listed = ["get", "head", *(["post"] if noun.create_view else [])]
    single = ["get", "head", *(["patch", "put"] if noun.edit_view else [])]
    verbs = [
        path(f"{noun.name}/<int:pk>/{key}/", VerbTwin.as_view(noun=noun, act=act), name=f"{noun.route}_{act.key}")
        for key, act in noun.verbs.items()
    ]
    files = [
        path(
            f"{noun.name}/<int:pk>/{key}/",
            FileTwin.as_view(noun=noun, screen_class=screen),
            name=f"{noun.route}_{key}",
        )
        for key, screen in noun.files.items()
    ]
    return [
        path(f"{noun.name}/", ListWriteTwin.as_view(noun=noun, http_method_names=listed), name=f"{noun.route}_list"),
        path(
            f"{noun.name}/<int:pk>/", DetailWriteTwin.as_view(noun=noun, http_method_names=single), name=f"{noun.route}_detail"
        ),
        *verbs,
        *files,
    ]
