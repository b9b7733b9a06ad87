"""What the API says about an object: facts of its model, each of a known kind, so that the document and the answers agree."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django_countries.fields import CountryField

from hostbill.core.audit import HIDDEN
from hostbill.core.fields import MoneyOf
from hostbill.core.money import Money
from hostbill.core.secrets import EncryptedJSONField, EncryptedTextField


class NoFact(LookupError):
    """The model has no such value, or it is a secret."""


def money(value: Money) -> dict:
    """Never a float: programs would round it."""
    return {"amount": str(value.amount), "currency": value.currency}


def moment(value: datetime) -> str:
    """In UTC."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def decimal(value) -> str:
    """As it is, without an exponent."""
    return f"{value:f}"


def plain(value):
    """A value out of a JSON column, made safe to be written: words are spoken."""
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(entry) for entry in value]
    return value if isinstance(value, str | int | bool | None) else str(value)


@dataclass(frozen=True)
class Kind:
    """``write`` makes JSON of a value that is there; ``schema`` describes it."""

    write: Callable
    schema: dict


def _ref(name: str) -> dict:
    return {"$ref": f"#/components/schemas/{name}"}


KINDS = {
    "integer": Kind(int, {"type": "integer"}),
    "text": Kind(str, {"type": "string"}),
    "boolean": Kind(bool, {"type": "boolean"}),
    "decimal": Kind(decimal, _ref("Decimal")),
    "money": Kind(money, _ref("Money")),
    "date": Kind(lambda value: value.isoformat(), {"type": "string", "format": "date"}),
    "moment": Kind(moment, {"type": "string", "format": "date-time"}),
    "json": Kind(plain, {}),
    "list": Kind(plain, {"type": "array", "items": {}}),
    "related": Kind(None, _ref("Related")),
    "several": Kind(None, {"type": "array", "items": _ref("Related")}),
    "rows": Kind(None, {"type": "array"}),
}
#: What a property says it returns -> kind.
RETURNED = {"bool": "boolean", "int": "integer", "str": "text", "date": "date", "datetime": "moment", "Decimal": "decimal",
            "Money": "money", "list": "list", "dict": "json", "tuple": "list"}  # fmt: skip
BY_TYPE = {bool: "boolean", int: "integer", str: "text", date: "date", datetime: "moment", Decimal: "decimal", Money: "money",
           list: "list", dict: "json", tuple: "list"}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """One value of an object. ``kind``: see KINDS. ``get(obj)`` instead of the attribute. ``parts``: facts of each of "rows"."""

    name: str
    kind: str = "text"
    get: Callable | None = None
    nullable: bool = True
    choices: tuple = ()
    help: str = ""
    model: type | None = None
    parts: tuple = ()
    #: To whom it is told: addresses of other objects are those that this audience knows.
    audience: str = "staff"

    def value(self, obj):
        """The value behind it, None when it is not there."""
        found = self.get(obj) if self.get else getattr(obj, self.name, None)
        return found() if callable(found) and self.kind not in ("rows", "several") else found


def words_of(obj) -> str:
    """The object's state as people read it."""
    shown = getattr(obj, "state_words", None)
    return ", ".join(str(part) for part in shown[1:] if part) if shown else ""


def fact(model, name: str) -> Fact:
    """The fact of this name with its kind, found in the model. Raises NoFact."""
    try:
        return _of_column(model, model._meta.get_field(name))
    except FieldDoesNotExist:
        return _of_attribute(model, name)


def _of_column(model, field) -> Fact:
    if isinstance(field, EncryptedTextField | EncryptedJSONField) or any(word in field.name for word in HIDDEN):
        raise NoFact(f"{model._meta.label}.{field.name} is a secret")
    if field.many_to_many:
        return Fact(field.name, "several", nullable=False, model=field.related_model)
    if field.is_relation and field.concrete:
        return Fact(field.name, "related", nullable=field.null, model=field.related_model)
    if field.is_relation:
        raise NoFact(f"{model._meta.label}.{field.name} leads to other rows")
    return replace(_of_plain(field), nullable=field.null, help=str(field.help_text or ""))


def _of_plain(field) -> Fact:
    choices = tuple(value for value, _label in field.flatchoices) if not isinstance(field, CountryField) else ()
    kinds = (
        (models.BooleanField, "boolean"),
        (models.DateTimeField, "moment"),
        (models.DateField, "date"),
        (models.DecimalField, "decimal"),
        (models.IntegerField, "integer"),
    )
    if isinstance(field, models.JSONField):
        return Fact(field.name, "list" if field.default in (list, tuple) else "json")
    kind = next((kind for column, kind in kinds if isinstance(field, column)), "text")
    if choices and field.blank and kind == "text" and "" not in choices:
        choices = ("", *choices)
    return Fact(field.name, kind, choices=choices)


def _of_attribute(model, name: str) -> Fact:
    if any(word in name for word in HIDDEN) or name.startswith("_"):
        raise NoFact(f"{model._meta.label}.{name}")
    found = getattr(model, name, None)
    if isinstance(found, MoneyOf):
        return Fact(name, "money", nullable=model._meta.get_field(found.column).null)
    function = getattr(found, "fget", None) or getattr(found, "func", None)  # property, cached_property
    if function is None:
        raise NoFact(f"{model._meta.label}.{name}")
    said = getattr(function, "__annotations__", {}).get("return")
    return Fact(name, BY_TYPE.get(said) or RETURNED.get(str(said).split("[")[0].split(" ")[0], "text"))


def told_to(audience: str, found: Fact) -> Fact:
    """The same fact, for others."""
    return replace(found, audience=audience, parts=tuple(told_to(audience, part) for part in found.parts))


def rows(name: str, model, names: str, get: Callable | None = None) -> Fact:
    """A collection of the object's own, such as an invoice's lines: shown with the object, not in lists."""
    return Fact(name, "rows", nullable=False, get=get, model=model, parts=tuple(fact(model, part) for part in names.split()))


def shape(found: Fact) -> dict:
    """The fact in the document."""
    schema = dict(KINDS[found.kind].schema)
    if found.kind == "rows":
        schema["items"] = object_shape(found.parts)
    if found.choices:
        schema["enum"] = [*found.choices, *([None] if found.nullable else [])]
    if found.nullable:
        schema = {"oneOf": [schema, {"type": "null"}]} if "$ref" in schema else schema | _nullable(schema)
    return schema | ({"description": found.help} if found.help else {})


def _nullable(schema: dict) -> dict:
    return {"type": [schema["type"], "null"]} if "type" in schema else {}


def object_shape(facts) -> dict:
    """An object of these facts, all of them there."""
    return {
        "type": "object",
        "properties": {found.name: shape(found) for found in facts},
        "required": [f.name for f in facts],
    }
