"""Acts of the log in words: which fields, by the labels of their model, with what they were and what they became."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from hostbill.core import options
from hostbill.core.audit import HIDDEN
from hostbill.core.fields import AmountField
from hostbill.core.labels import field_label
from hostbill.core.models import Change
from hostbill.core.money import Money
from hostbill.core.ui import words

#: Fields that tell nothing: keys, and moments that the act itself has.
SILENT = ("id", "created_at", "updated_at")
LONGEST = 400
NOTHING = (None, "", [], {})


@dataclass(frozen=True)
class Line:
    """One field: its label, what it was, what it became; plain text."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One act with its fields. ``made``: the object came to be, so nothing was before."""

    change: Change
    lines: list[Line] = field(default_factory=list)
    made: bool = False


def entries(changes, actor, obj=None) -> list[Entry]:
    """The acts with their fields in words. ``obj``: the row they are about, when it is one: its currency is the amounts'.

    Objects that fields point to are named as far as the actor may see them: one query for each kind. Without an actor they
    stay numbers and nothing is asked: lists cost the same whatever is on them."""
    changes = list(changes)
    names = _Names(changes, actor)
    return [_entry(change, names, obj) for change in changes]


def _entry(change: Change, names, obj) -> Entry:
    fields = change.fields
    made = "id" in fields and all(before in NOTHING for before, _after in fields.values())
    model, money = _model(change), _currency(change, obj)
    lines = []
    for name in _in_order(model, fields):
        before, after = fields[name]
        if name in SILENT or (before in NOTHING and after in NOTHING) or (made and after in (False, 0)):
            continue
        lines += _lines(model, name, before, after, lambda c, v: _say(c, v, money, names))
    return Entry(change, lines, made)


def _lines(model, name, before, after, say) -> list[Line]:
    """One line; of a structured value one for each part that differs."""
    column = _column(model, name)
    label = _label(model, name, column)
    if isinstance(before or {}, dict) and isinstance(after or {}, dict) and (before or after):
        before, after = before or {}, after or {}
        parts = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        return [_line(f"{label}: {_plain_name(key)}", key, None, before.get(key), after.get(key), say) for key in parts]
    return [_line(label, name, column, before, after, say)]


def _line(label, name, column, before, after, say) -> Line:
    if "." not in name and any(word in name.lower() for word in HIDDEN):
        return Line(label, *("–" if value in NOTHING else _("not shown") for value in (before, after)))
    return Line(label, say(column, before), say(column, after))


def _say(column, value, money: str, names) -> str:
    """A stored value as people read it."""
    if value in NOTHING:
        return "–"
    if isinstance(column, models.ForeignKey):
        return names.of(column.related_model, value)
    if column is not None and column.flatchoices:
        return str(dict(column.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    for kind, spoken in SPOKEN:
        if isinstance(column, kind):
            return spoken(value, money)
    return _text(value)


def _amount(value, money: str) -> str:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return _text(value)
    return words.money(Money(amount, money)) if money else words.number(amount)


def _number(value, _money: str) -> str:
    return _amount(value, "")


def _moment(value, _money: str) -> str:
    found = parse_datetime(str(value))
    return words.exact_words(found) if isinstance(found, datetime) and found.tzinfo else _text(value)


def _day(value, _money: str) -> str:
    found = parse_date(str(value))
    return words.day_words(found, year=True) if found else _text(value)


SPOKEN = (
    (AmountField, _amount),
    (models.DecimalField, _number),
    (models.DateTimeField, _moment),
    (models.DateField, _day),
)


def _text(value) -> str:
    if isinstance(value, dict):
        veiled = {key: inner for key, inner in value.items() if not any(word in key.lower() for word in HIDDEN)}
        text = ", ".join(f"{_plain_name(key)} {_text(inner)}" for key, inner in veiled.items())
    elif isinstance(value, list):
        text = ", ".join(_text(item) for item in value)
    else:
        text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _label(model, name: str, column) -> str:
    """What the model calls its field; of a setting its own label."""
    if "." in name:
        try:
            return str(options.find(name).label)
        except KeyError:
            return name
    return _plain_name(field_label(model, column, name))


def _plain_name(name: str) -> str:
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def _model(change: Change):
    try:
        return apps.get_model(change.object_kind)
    except (LookupError, ValueError):
        return None


def _column(model, name: str):
    """The field of a column's name (``client_id`` is the field ``client``); None when the model has none. What merely points to
    the model (the amounts of a promotion) is no field of it."""
    if model is None:
        return None
    try:
        found = model._meta.get_field(name.removesuffix("_id") if name.endswith("_id") and name != "id" else name)
        return found if isinstance(found, models.Field) else None
    except FieldDoesNotExist:
        return next((column for column in model._meta.concrete_fields if column.attname == name), None)


def _in_order(model, fields: dict) -> list[str]:
    """As the model declares them; what it does not know comes last."""
    declared = [column.attname for column in model._meta.concrete_fields] if model else []
    return sorted(fields, key=lambda name: declared.index(name) if name in declared else len(declared))


def _currency(change: Change, obj) -> str:
    known = change.fields.get("currency")
    return (known[1] or known[0] or "") if known else getattr(obj, "currency", "") or ""


class _Names:
    """Names of the objects that fields point to, looked up once for all acts of a page."""

    def __init__(self, changes, actor):
        wanted: dict = {}
        for change in changes if actor else ():
            model = _model(change)
            for name, pair in change.fields.items():
                column = _column(model, name)
                if isinstance(column, models.ForeignKey):
                    wanted.setdefault(column.related_model, set()).update(v for v in pair if isinstance(v, int))
        self.found = {model: self._look_up(model, keys, actor) for model, keys in wanted.items() if keys}

    def _look_up(self, model, keys, actor) -> dict:
        rows = model._default_manager.all()
        rows = rows.visible_to(actor) if hasattr(rows, "visible_to") else rows
        return {pk: str(row) for pk, row in rows.in_bulk(keys).items()}

    def of(self, model, key) -> str:
        """Its name, else its row number: it is gone, or not for this person."""
        return self.found.get(model, {}).get(key) or _("number %(key)s") % {"key": key}
