"""The API's document as a page that people can read, made from the same words that programs get."""

from dataclasses import dataclass, field

from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hostbill.core.api.document import document
from hostbill.core.api.nouns import AUDIENCES
from hostbill.core.webhooks.catalogue import all_types


@dataclass
class Operation:
    """One method of one address."""

    method: str
    address: str
    summary: str
    permission: str
    asked: list = field(default_factory=list)
    sent: list = field(default_factory=list)


@dataclass
class Chapter:
    """One noun."""

    name: str
    title: str
    operations: list
    facts: list


def words(schema: dict) -> str:
    """The kind of a value in a word or two."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2].lower()
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return " | ".join(dict.fromkeys(words(entry) for entry in schema[choice]))
    kind = schema.get("type", _("any"))
    kinds = [str(entry) for entry in (kind if isinstance(kind, list) else [kind])]
    if "array" in kinds:
        return f"[{words(schema.get('items', {}))}]"
    return " | ".join([schema.get("format", kinds[0]), *kinds[1:]])


def rows_of(schema: dict) -> list[tuple]:
    """(name, kind, codes, text, whether it must be there) of an object's values."""
    needed = schema.get("required", [])
    return [
        (name, words(part), [code for code in part.get("enum", ()) if code], part.get("description", ""), name in needed)
        for name, part in schema.get("properties", {}).items()
    ]


def chapter_of(name: str, found: dict, audience: str) -> Chapter:
    """A noun's addresses and facts."""
    noun, operations = AUDIENCES[audience].get(name), []
    for address, methods in found["paths"].items():
        for method, told in methods.items():
            if method != "parameters" and name in told.get("tags", ()):
                operations.append(_operation(method, address, told))
    facts = rows_of(found["components"]["schemas"][noun.schema_name]) if noun else []
    return Chapter(name, noun.title if noun else name.capitalize(), operations, facts)


def _operation(method: str, address: str, told: dict) -> Operation:
    asked = [
        (part["name"], words(part["schema"]), part["schema"].get("enum") or part["schema"].get("items", {}).get("enum", ()),
         part.get("description", ""), False)
        for part in told.get("parameters", ()) if "name" in part and part["in"] == "query"
    ]  # fmt: skip
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return Operation(method.upper(), address, told["summary"], told.get("x-permission") or told.get("x-area", ""), asked, rows_of(content))


@require_safe
def api_docs(request, audience="staff"):
    """For everybody; in the console's frame for those who work there."""
    found = document(audience)
    context = {
        "frame": "base/staff.html" if request.actor.kind == "staff" else "base/store.html",
        "page_title": _("The API"),
        "chapters": [chapter_of(name, found, audience) for name in sorted(tag["name"] for tag in found["tags"])],
        "events": [event for event in all_types() if audience == "staff" or event.is_for_clients],
        "audience": audience,
        "document_url": reverse("api:document_client" if audience == "client" else "api:document"),
        "server": found["servers"][0]["url"],
    }
    return render(request, "pages/api_docs.html", context)


urls = [
    path("api/v1/docs/", api_docs, name="api_docs"),
    path("api/v1/docs/client/", api_docs, {"audience": "client"}, name="api_docs_client"),
]
