"""Addresses of the API, from the nouns."""

from django.urls import path, re_path

from hostbill.core.api.addresses import ADDRESSES, Address
from hostbill.core.api.base import NoSuchAddress
from hostbill.core.api.many import BulkTwin
from hostbill.core.api.me import Document, Entrance
from hostbill.core.api.nouns import AUDIENCES, NOUNS, Noun, register, register_clients
from hostbill.core.api.reading import FileTwin
from hostbill.core.api.writing import DetailWriteTwin, ListVerbTwin, ListWriteTwin, VerbTwin


def routes(nouns: list[Noun], patterns, mine: list[Noun] = (), plain: list[Address] = ()) -> list:
    """All addresses below /api/v1/. ``patterns``: the console's, in which the nouns find their screens. ``mine``: those of
    clients' programs, at the same addresses. ``plain``: those that are no noun."""
    ADDRESSES[:] = plain
    register(nouns, patterns)
    register_clients(mine)
    found = [
        path("", Entrance.as_view(), name="entrance"),
        path("openapi.json", Document.as_view(), name="document"),
        path("openapi-client.json", Document.as_view(audience="client"), name="document_client"),
    ]
    for name in dict.fromkeys([*NOUNS, *AUDIENCES["client"]]):
        found += _of(name, NOUNS.get(name), AUDIENCES["client"].get(name))
    for address in plain:
        methods = [method for name in address.view.told for method in ((name, "head") if name == "get" else (name,))]
        found.append(path(address.path, address.view.as_view(http_method_names=methods), name=address.name))
    return [*found, re_path("", NoSuchAddress.as_view(), name="nowhere")]


def _of(name: str, noun: Noun | None, mine: Noun | None) -> list:
    """Its list, its objects, its verbs and files; each address takes the methods that a screen stands for."""
    both, route = [found for found in (noun, mine) if found], (noun or mine).route.replace("-", "_")
    whose = {"noun": noun, "mine": mine}
    listed = ["get", "head", *(["post"] if any(found.create_view for found in both) else [])]
    single = ["get", "head", *(["patch", "put"] if any(found.edit_view for found in both) else [])]
    found = [
        path(f"{name}/", ListWriteTwin.as_view(**whose, http_method_names=listed), name=f"{route}_list"),
        path(f"{name}/<int:pk>/", DetailWriteTwin.as_view(**whose, http_method_names=single), name=f"{route}_detail"),
    ]
    if any(one.verbs or one.create_view for one in both):
        found.append(path(f"{name}/bulk/", BulkTwin.as_view(**whose), name=f"{route}_bulk"))
    for key in dict.fromkeys(key for one in both for key in one.on_list):
        found.append(path(f"{name}/{key}/", ListVerbTwin.as_view(**whose, key=key), name=f"{route}_{key}"))
    for kind, twin in (("verbs", VerbTwin), ("files", FileTwin)):
        for key in dict.fromkeys(key for one in both for key in getattr(one, kind)):
            found.append(path(f"{name}/<int:pk>/{key}/", twin.as_view(**whose, key=key), name=f"{route}_{key}"))
    return found
