"""The OpenAPI document, from the same declarations by which the API answers."""

from functools import lru_cache

from django import forms
from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from hostbill.core.api.addresses import ADDRESSES, Address
from hostbill.core.api.fields import KINDS, object_shape
from hostbill.core.api.inputs import MOST_ITEMS, RowsField, first, writable
from hostbill.core.api.many import MOST_ROWS
from hostbill.core.api.nouns import AUDIENCES, PREFIX, Noun
from hostbill.core.api.problems import TYPE, USUAL
from hostbill.core.api.reading import MOST_SIZE, USUAL_SIZE, sorts_of
from hostbill.core.api.writing import CONFIRM
from hostbill.core.crud import Amount, Choice, DateRange, Related, YesNo
from hostbill.core.crud.edit import VerbView
from hostbill.core.crud.filters import SPANS
from hostbill.core.ui.fields import MoneyField

#: More choices than these say nothing in a document: time zones, products.
MOST_CHOICES = 60
EXPAND = "Other objects told whole in place of their name, such as client or lines.subscription; at most 5 of 3 steps."


AMOUNT = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
def ref(kind: str, name: str) -> dict:
    """A part that is described once."""
    return {"$ref": f"#/components/{kind}/{name}"}


SCHEMAS = {
    "Decimal": AMOUNT | {"description": "An exact number as text.", "examples": ["12.34"]},
    "Money": {
        "type": "object",
        "properties": {"amount": AMOUNT, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}},
        "required": ["amount", "currency"],
        "examples": [{"amount": "12.34", "currency": "EUR"}],
    },
    "Related": {
        "type": "object",
        "properties": {
            "id": {"type": ["integer", "string"]},
            "name": {"type": "string"},
            "url": {"type": ["string", "null"], "description": "Where the API tells about it; null where it does not."},
        },
        "required": ["id", "name", "url"],
    },
    "File": {
        "type": "object",
        "properties": {"name": {"type": "string", "minLength": 1}, "content": {"type": "string", "contentEncoding": "base64"}},
        "required": ["name", "content"],
        "additionalProperties": False,
    },
    "Bulk": {
        "type": "object",
        "properties": {
            "results": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "place": {"type": "integer"},
                        "id": {"type": ["integer", "null"]},
                        "status": {"type": "integer"},
                        "answer": {"type": "object"},
                        "problem": ref("schemas", "Problem"),
                    },
                    "required": ["place", "id", "status"],
                },
            },
            "done": {"type": "integer"},
            "failed": {"type": "integer"},
        },
        "required": ["results", "done", "failed"],
    },
    "Problem": {
        "type": "object",
        "properties": {
            **{name: {"type": "string"} for name in ("type", "title", "code", "detail", "request_id")},
            "status": {"type": "integer"},
            "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        },
        "required": ["type", "title", "status", "code", "detail", "request_id"],
    },
}


WHOSE = {
    "staff": "The console's lists, objects, forms and verbs as JSON.",
    "client": "What clients see and do in the client area, as JSON: for a token that was made there.",
}


@lru_cache(maxsize=2)
def document(audience: str = "staff") -> dict:
    """In English, whoever asks; the same for every house of this version."""
    nouns = AUDIENCES[audience]
    with translation.override("en"):
        paths = {f"/{PREFIX}": {"get": _entrance(audience)}}
        for noun in nouns.values():
            paths |= _paths(noun)
        plain = [address for address in ADDRESSES if audience == "staff" or address.view.for_clients]
        paths |= {f"/{PREFIX}{address.shown}": _plain(address) for address in plain}
        found = {
            "openapi": "3.1.0",
            "info": {"title": "HostBill", "version": "1", "description": WHOSE[audience]},
            "servers": [{"url": settings.SITE_URL}],
            "security": [{"token": []}],
            "tags": [{"name": noun.name, "description": noun.title} for noun in nouns.values()]
            + [{"name": tag} for tag in sorted({address.tag for address in plain} - set(nouns))],
            "paths": paths,
            "components": _components(nouns),
        }
        return _spoken(found)


def _spoken(value):
    """Lazy words as text, while English is spoken."""
    if isinstance(value, dict):
        return {key: _spoken(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_spoken(entry) for entry in value]
    return str(value) if isinstance(value, Promise) else value


def _components(nouns: dict) -> dict:
    shapes = {}
    for noun in nouns.values():
        shapes[noun.schema_name] = object_shape(noun.every_fact)
        shapes[f"{noun.schema_name}Row"] = object_shape(noun.facts) | {"required": ["id"]}
    content = {TYPE: {"schema": ref("schemas", "Problem")}}
    return {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "An API token."}},
        "schemas": SCHEMAS | shapes,
        "responses": {str(status): {"description": title, "content": content} for status, (_code, title) in USUAL.items()},
        "parameters": {
            "key": _header("Idempotency-Key", "The same request with the same key is done once within seven days.", 255),
            "mark": _header("If-Match", "The ETag that you read: refused when the object was changed since."),
        },
    }


def _header(name: str, text: str, most: int | None = None) -> dict:
    schema = {"type": "string"} | ({"maxLength": most, "minLength": 1} if most else {})
    return {"name": name, "in": "header", "description": text, "schema": schema}


def _rights(screen) -> dict:
    """What the screen asks for: a permission, in the client area a part of the account."""
    if code := getattr(screen, "permission", ""):
        return {"x-permission": code, "description": f"Permission: `{code}`"}
    area = getattr(screen, "area", "")
    return {"x-area": area, "description": f"Part of the account: `{area}`"} if area else {}


def _operation(name: str, summary, screen, tag: str, good: dict, *refusals: int, **more) -> dict:
    also = {str(status): ref("responses", status) for status in sorted({401, 403, 429, *refusals})}
    rights = _rights(screen)
    tags = {"tags": [tag]} if tag else {}
    return {"operationId": name, "summary": summary, **rights, **tags, "responses": good | also, **more}


def _json(schema: dict, text: str) -> dict:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _entrance(audience: str) -> dict:
    may = ["permissions"] if audience == "staff" else ["client", "areas", "reads_only"]
    schema = {"type": "object", "required": ["actor", *may, "nouns"]}
    return _operation("entrance", "Who one is here", None, "", {"200": _json(schema, "Who, rights, nouns")}, 400)


def _bulk(noun: Noun, verbs: list[str]) -> dict:
    """One verb on many, or many new ones."""
    ids = {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1, "maxItems": MOST_ROWS, "uniqueItems": True}
    doing = {"verb": {"type": "string", "enum": verbs}, "ids": ids, "values": {"type": "object", "description": "The verb's body."}}
    either = [{"type": "object", "properties": doing, "required": ["verb", "ids"], "additionalProperties": False}] if verbs else []
    if noun.create_view:
        rows = {"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": MOST_ROWS}
        either.append({"type": "object", "properties": {"create": rows}, "required": ["create"], "additionalProperties": False})
    body = {"required": True, "content": {"application/json": {"schema": {"oneOf": either}}}}
    good = {"200": _json(ref("schemas", "Bulk"), "An answer for each row")}
    return _operation(f"{noun.name}.bulk", "Many at once, each for itself", None, noun.name, good, 400, 409, 413, 415, 422,
                      parameters=[ref("parameters", "key")], requestBody=body)  # fmt: skip


def _plain(address: Address) -> dict:
    """An address that is no noun."""
    found = {}
    for method, told in address.view.told.items():
        asked = [_query(name, schema) for name, schema in (told.asked or {}).items()]
        more = {"parameters": asked} if asked else {}
        if told.body is not None:
            more = {"parameters": [ref("parameters", "key")], "requestBody": {"content": {"application/json": {"schema": told.body}}}}
        refusals = (400, 404) if told.body is None else (400, 404, 409, 413, 415, 422)
        name = f"{address.tag}.{address.name}.{method}"
        good = {"200": {"description": "Answer", "content": {told.media: {"schema": told.answer}}}}
        found[method] = _operation(name, told.summary, told.screen, address.tag, good, *refusals, **more)
    given = [{"name": name, "in": "path", "required": True, "schema": PATH_PARTS[kind]} for name, kind in address.arguments]
    return found | ({"parameters": given} if given else {})


PATH_PARTS = {"slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}, "str": {"type": "string", "pattern": "^[^/?#]+$"},
              "int": {"type": "integer", "minimum": 0}, "uuid": {"type": "string", "format": "uuid"}}  # fmt: skip


def _paths(noun: Noun) -> dict:
    """List, object and verbs."""
    place, row = f"/{PREFIX}{noun.name}/", ref("schemas", noun.schema_name)
    listed, single = {"get": _list(noun)}, {"get": _detail(noun, row), "parameters": [_id()]}
    if noun.create_view:
        good = {"201": _json(row, "Made")}
        listed["post"] = _write(f"{noun.name}.create", "Make one", noun, noun.create_view, good)
    for method, whole in (("patch", False), ("put", True)) if noun.edit_view else ():
        words = "Change all of one" if whole else "Change one"
        single[method] = _write(f"{noun.name}.{method}", words, noun, noun.edit_view, {"200": _json(row, "Changed")}, whole=whole)
    verbs = {
        f"{place}{{id}}/{key}/": {
            "post": _write(f"{noun.name}.{key}", _said(act.view, key), noun, act.view, {"200": _json(_done(row, act.view), "Done")}),
            "parameters": [_id()],
        }
        for key, act in noun.verbs.items()
    }
    return {place: listed, **_list_verbs(noun, place), f"{place}{{id}}/": single, **verbs, **_files(noun, place)}


def _list_verbs(noun: Noun, place: str) -> dict:
    """What is done with no object, and many at once."""
    verbs = [key for key, act in noun.verbs.items() if not getattr(act.view, "outside", False)]
    return ({f"{place}bulk/": {"post": _bulk(noun, verbs)}} if verbs or noun.create_view else {}) | {
        f"{place}{key}/": {"post": _write(f"{noun.name}.all.{key}", _said(view, key), noun, view, {"200": _json(view.api_answer, "Done")})}
        for key, view in noun.on_list.items()
    }


def _files(noun: Noun, place: str) -> dict:
    """Documents of one object."""
    found = {}
    for key, screen in noun.files.items():
        asked = [_query(name, {"type": "string"}) for name in getattr(screen, "api_parameters", ())]
        good = {"200": {"description": "The file", "content": {screen.api_file: {"schema": {"type": "string", "format": "binary"}}}}}
        words = f"Its file: {key}"
        get = _operation(f"{noun.name}.{key}", words, screen, noun.name, good, 400, 404, parameters=asked)
        found[f"{place}{{id}}/{key}/"] = {"get": get, "parameters": [_id()]}
    return found


def _id() -> dict:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}


def _said(view, key: str):
    title = getattr(view, "title", "")
    return title if isinstance(title, str | Promise) and title else key.replace("-", " ").capitalize()


def _done(row: dict, view) -> dict:
    """``api_result`` of a view: the shape of what its act tells, where that is no object."""
    result = getattr(view, "api_result", None) or ref("schemas", "Related")
    either = [row, {"type": "null"}], [result, {"type": "null"}]
    return {
        "type": "object",
        "properties": {"object": {"oneOf": either[0]}, "result": {"oneOf": either[1]}},
        "required": ["object", "result"],
    }


def _detail(noun: Noun, row: dict) -> dict:
    asked = [_query("fields", {"type": "string"}, "Only these facts, with commas between."), _query("expand", {"type": "string"}, EXPAND)]
    either = {"anyOf": [row, ref("schemas", f"{noun.schema_name}Row")]}
    good = {"200": _json(either, "The object"), "304": {"description": "As you know it"}}
    return _operation(f"{noun.name}.get", "One of them", noun.single_view, noun.name, good, 400, 404, parameters=asked)


def _list(noun: Noun) -> dict:
    page = {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": ref("schemas", f"{noun.schema_name}Row")},
            "next_cursor": {"type": ["string", "null"]},
            "next": {"type": ["string", "null"]},
        },
        "required": ["data", "next_cursor", "next"],
    }
    return _operation(
        f"{noun.name}.list", "All, page by page", noun.list_view, noun.name, {"200": _json(page, "A page")}, 400,
        parameters=[*_filters(noun), *_paging(noun)],
    )  # fmt: skip


def _query(name: str, schema: dict, text="", **more) -> dict:
    return {"name": name, "in": "query", "schema": schema, **({"description": text} if text else {}), **more}


def _paging(noun: Noun) -> list[dict]:
    sorts = sorted(sorts_of(noun))
    found = [
        _query("sort", {"type": "string", "enum": [*sorts, *(f"-{name}" for name in sorts)]}),
        _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_SIZE, "default": USUAL_SIZE}),
        _query("after", {"type": "string"}, "The cursor of the page before, with the same sort."),
        _query("fields", {"type": "string"}, "Only these facts, with commas between."),
        _query("expand", {"type": "string"}, EXPAND),
    ]
    if noun.list_view.search:
        found.insert(0, _query("q", {"type": "string"}, "The list's search."))
    if noun.list_view.tabs:
        found.insert(0, _query("tab", {"type": "string", "enum": [tab.key for tab in noun.list_view.tabs]}))
    return found


def _filters(noun: Noun) -> list[dict]:
    return [found for item in noun.list_view.filters for found in _filter(item)]


def _filter(item) -> list[dict]:
    """Its parameters."""
    if isinstance(item, Choice):
        schema = {"type": "array", "items": {"enum": [str(value) for value, _label in item.choices]}}
        return [_query(item.key, schema, item.label, explode=True)]
    if isinstance(item, DateRange):
        days = [_query(f"{item.key}_{end}", {"type": "string", "format": "date"}, item.label) for end in ("from", "to")]
        return [_query(item.key, {"type": "string", "enum": list(SPANS)}, item.label), *days]
    if isinstance(item, Amount):
        return [_query(name, AMOUNT, item.label) for name in item.params]
    if isinstance(item, Related):
        key, found_by = item.params
        return [_query(key, {"type": "integer"}, item.label), _query(found_by, {"type": "string"}, item.label)]
    kinds = {YesNo: {"type": "string", "enum": ["0", "1"]}}
    schema = next((schema for kind, schema in kinds.items() if isinstance(item, kind)), {"type": "string"})
    return [_query(name, schema, item.label) for name in item.params]


def _write(name, summary, noun: Noun, view, good: dict, *, whole: bool | None = None) -> dict:
    """An operation with a body. ``whole``: None for POST, True for PUT, False for PATCH."""
    headers = [ref("parameters", "key"), *([ref("parameters", "mark")] if whole is not None or issubclass(view, VerbView) else [])]
    schema = body_of(view, whole)
    body = {"required": bool(schema.get("required")), "content": {"application/json": {"schema": schema}}}
    refusals = (400, 404, 409, 412, 413, 415, 422)
    return _operation(name, summary, view, noun.name, good, *refusals, parameters=headers, requestBody=body)


def body_of(view, whole: bool | None = None) -> dict:
    """What the screen's form takes."""
    found = _form_shape(view.form_class, whole)
    if issubclass(view, VerbView) and view.type_word is not VerbView.type_word:
        found["properties"][CONFIRM] = {"type": "string", "description": "The object's name: this cannot be undone."}
        found["required"] = [*found.get("required", []), CONFIRM]
    return found


def _form_shape(form_class, whole: bool | None = None) -> dict:
    fields = _fields(form_class)
    needed = [name for name, field in fields.items() if whole or whole is None and field.required and first(field) is None
              and not isinstance(field, forms.BooleanField)]  # fmt: skip
    properties = {name: input_shape(field) for name, field in fields.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False} | ({"required": needed} if needed else {})


def _fields(form_class) -> dict:
    """Those of an empty form; of one that needs its object those of the class."""
    try:
        return writable(form_class())
    except (TypeError, AttributeError, KeyError):
        form = forms.Form()
        form.fields = dict(form_class.base_fields)
        return writable(form)


def input_shape(field: forms.Field) -> dict:
    """A form's field in the document."""
    schema = _input(field)
    if not field.required and "type" in schema and schema["type"] not in ("array", "boolean"):
        schema = schema | {"type": [schema["type"], "null"]}
        schema |= {"enum": [*schema["enum"], "", None]} if "enum" in schema else {}
    words = " ".join(str(text) for text in (field.label, field.help_text) if text)
    return schema | ({"description": words} if words else {})


def _input(field: forms.Field) -> dict:
    if hasattr(field, "api_schema"):
        return dict(field.api_schema)
    if isinstance(field, forms.FileField):
        one = ref("schemas", "File")
        return {"type": "array", "items": one} if getattr(field.widget, "allow_multiple_selected", False) else one
    if isinstance(field, RowsField):
        return {"type": "array", "items": _form_shape(field.form_class), "maxItems": MOST_ITEMS}
    if isinstance(field, forms.ModelMultipleChoiceField):
        return {"type": "array", "items": {"type": "integer"}}
    if isinstance(field, forms.ModelChoiceField):
        return {"type": "integer"}
    if isinstance(field, forms.MultipleChoiceField):
        return {"type": "array", "items": _choices(field)}
    if isinstance(field, forms.ChoiceField):
        return _choices(field)
    if isinstance(field, MoneyField):
        return {"anyOf": [AMOUNT, {"type": "integer"}, ref("schemas", "Money")]}
    for kind, schema in INPUTS:
        if isinstance(field, kind):
            return schema
    limits = {"maxLength": getattr(field, "max_length", None), "minLength": getattr(field, "min_length", None)}
    return {"type": "string"} | {name: value for name, value in limits.items() if value}


INPUTS = (
    (forms.JSONField, {"type": "object"}),
    (forms.BooleanField, KINDS["boolean"].schema),
    (forms.DecimalField, {"anyOf": [AMOUNT, {"type": "integer"}]}),
    (forms.IntegerField, KINDS["integer"].schema),
    (forms.DateTimeField, KINDS["moment"].schema),
    (forms.DateField, KINDS["date"].schema),
    (forms.EmailField, {"type": "string", "format": "email"}),
    (forms.URLField, {"type": "string", "format": "uri"}),
)


def _choices(field) -> dict:
    pairs = [pair for value, label in field.choices for pair in (label if isinstance(label, list | tuple) else [(value, label)])]
    values = [value for value, _label in pairs if value not in ("", None)]
    flat = [value for value in values if isinstance(value, str | int)]
    if not flat or len(flat) < len(values) or len(flat) > MOST_CHOICES:
        return {"type": "string"}
    return {"type": "integer" if all(isinstance(value, int) for value in flat) else "string", "enum": flat}
