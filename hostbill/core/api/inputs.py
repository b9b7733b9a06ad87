"""JSON into the console's forms: the same fields, checked by the same forms, but strict about types."""

import json
import re
from base64 import b64decode
from collections.abc import Callable

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from hostbill.core.api.problems import Problem
from hostbill.core.ui.fields import MoneyField

DAY = re.compile(r"\d{4}-\d\d-\d\d")
NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,12})?")
MOST_ITEMS = 1000


class RowsField(forms.Field):
    """A list of objects, each by ``form_class``; see rows.py."""

    def __init__(self, form_class, **kwargs):
        super().__init__(**kwargs)
        self.form_class = form_class


class ListField(forms.JSONField):
    """A list as it is sent; the form looks into it."""

    api_schema = {"type": "array"}


class WrongType(ValueError):
    """A value of another kind than the field takes, in words."""


def writable(form: forms.Form) -> dict[str, forms.Field]:
    """The fields that programs may send: hidden ones are the page's own."""
    return {name: field for name, field in form.fields.items() if not field.widget.is_hidden}


def bound(make_form: Callable, body: dict, *, keeps: bool = False, whole: bool = False) -> forms.Form:
    """The form with what was sent. ``keeps``: what was not sent stays as it is; else it begins as the form does.
    ``whole``: everything must be sent.

    Raises Problem 422 for unknown names and wrong types."""
    empty = make_form()
    fields = writable(empty)
    errors = {name: [_no_field(fields)] for name in body if name not in fields}
    if whole:
        errors |= {name: [_("PUT needs every field; PATCH only what changes.")] for name in fields if name not in body}
    data, files = {}, MultiValueDict()
    for name, field in empty.fields.items():
        key = empty.add_prefix(name)
        if isinstance(field, forms.FileField):
            try:
                files.setlist(key, uploads(field, body.get(name)))
            except WrongType as error:
                errors[name] = [str(error)]
        elif name in fields and name in body:
            if isinstance(field, MoneyField) and not field.currency and isinstance(body.get("currency"), str):
                field.currency = body["currency"][:3].upper()  # a row's own, sent beside it
            try:
                data[key] = read(field, body[name])
            except WrongType as error:
                errors[name] = [str(error)]
        elif keeps or not field.required or field.widget.is_hidden:
            data[key] = empty[name].value()
        else:
            data[key] = first(field)
    if errors:
        raise Problem(422, errors=errors)
    data = {key: value for key, value in data.items() if value is not None}
    return make_form(data, files) if files else make_form(data)


def uploads(field: forms.FileField, value) -> list[SimpleUploadedFile]:
    """What was sent as ``{"name", "content"}`` with the content in base64: one, or a list where the field takes several. Raises
    WrongType."""
    several = getattr(field.widget, "allow_multiple_selected", False)
    entries = value if several and value is not None else [value] if value is not None else []
    if not isinstance(entries, list):
        raise WrongType(_("Send a list."))
    return [_upload(entry) for entry in entries]


def _upload(entry) -> SimpleUploadedFile:
    words = _("Send a file as an object of its name and its content in base64.")
    if not isinstance(entry, dict) or set(entry) != {"name", "content"} or not all(isinstance(part, str) for part in entry.values()):
        raise WrongType(words)
    if not entry["name"] or not entry["name"].isprintable():
        raise WrongType(words)
    try:
        return SimpleUploadedFile(entry["name"], b64decode(entry["content"], validate=True))
    except ValueError as error:
        raise WrongType(words) from error


def _no_field(fields) -> str:
    return _("There is no such field. There are: %(known)s.") % {"known": ", ".join(fields) or "–"}


def first(field: forms.Field):
    """What a required field is when nobody says it: its declared beginning. Which objects are meant must be said."""
    if isinstance(field, forms.ModelChoiceField):
        return None
    found = field.initial() if callable(field.initial) else field.initial
    return field.prepare_value(found)


def read(field: forms.Field, value):
    """The JSON value as the field's widget reads it. Raises WrongType."""
    several = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
    if value is None:
        return [] if several else ""
    if several:
        return _several(value)
    if isinstance(field, MoneyField) and isinstance(value, dict):
        value = _in_currency(field, value)
    for kinds, reader in READERS:
        if isinstance(field, kinds):
            return reader(value)
    return _text(value)


def _several(value):
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise WrongType(_("Send a list."))
    return [_one(entry) for entry in value]


def _objects(value):
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise WrongType(_("Send a list of objects."))
    return value


def _one(value):
    """A code or an id; an object as it was read will do."""
    if isinstance(value, dict) and "id" in value:
        value = value["id"]
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise WrongType(_("Send an id or a code."))
    return str(value)


def _boolean(value):
    if not isinstance(value, bool):
        raise WrongType(_("Send true or false."))
    return value


def _integer(value):
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongType(_("Send a whole number."))
    return value


def _in_currency(field: MoneyField, value: dict):
    """An amount as it was read."""
    if set(value) != {"amount", "currency"} or not field.currency or value["currency"] != field.currency:
        raise WrongType(_("Send an amount in %(currency)s.") % {"currency": field.currency})
    return value["amount"]


def _decimal(value):
    """An exact number: as text, or whole."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not NUMBER.fullmatch(value):
        raise WrongType(_("Send an exact number as text, such as \"12.34\"."))
    return value


def _day(value):
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise WrongType(_("Send a day as text, such as \"2027-03-12\"."))
    return value


def _as_it_is(value):
    if "\\u0000" in json.dumps(value):
        raise WrongType(_("A text has characters that cannot be stored."))
    return value


def _text(value):
    if not isinstance(value, str):
        raise WrongType(_("Send text."))
    return value


READERS = (
    ((RowsField,), _objects),
    ((forms.JSONField,), _as_it_is),
    ((forms.BooleanField,), _boolean),
    ((MoneyField, forms.DecimalField, forms.FloatField), _decimal),
    ((forms.IntegerField,), _integer),
    ((forms.ChoiceField, forms.ModelChoiceField), _one),
    ((forms.DateTimeField,), _text),
    ((forms.DateField,), _day),
)
