"""Addresses that are no noun: settings, jobs, reports. Each says in ``told`` what its methods do."""

import re
from dataclasses import dataclass

from django.http import Http404
from rest_framework.exceptions import MethodNotAllowed

from hostbill.core.api.base import ApiView, answer
from hostbill.core.api.idempotency import once
from hostbill.core.api.inputs import bound
from hostbill.core.api.writing import invalid

#: Filled when the addresses are put together.
ADDRESSES: list["Address"] = []


@dataclass(frozen=True)
class Told:
    """One method: what it does in words, the shape of its answer, the screen whose right it asks, and of a write the shape of its
    body (empty: nothing is sent). ``asked``: parameters, {name: schema}. ``media``: of what kind the answer is."""

    summary: str
    screen: type
    answer: dict
    asked: dict | None = None
    body: dict | None = None
    media: str = "application/json"


@dataclass(frozen=True)
class Address:
    """``path`` below the prefix, with Django's arguments in it; ``tag``: its chapter in the document."""

    path: str
    name: str
    view: type
    tag: str

    @property
    def shown(self) -> str:
        """As the document writes it."""
        return re.sub(r"<\w+:(\w+)>", r"{\1}", self.path)

    @property
    def arguments(self) -> list[tuple[str, str]]:
        """(name, kind)."""
        return [(name, kind) for kind, name in re.findall(r"<(\w+):(\w+)>", self.path)]


class Plain(ApiView):
    """An address of colleagues' programs. ``told``: method -> Told; the method of the same name answers."""

    told: dict = {}
    http_method_names = ["get", "head", "post", "patch"]

    def initial(self, request, *args, **kwargs):
        """As every address; then the right that the method asks for."""
        super().initial(request, *args, **kwargs)
        told = self.of_method(request)
        if told is None:
            raise MethodNotAllowed(request.method)
        self.admit(told.screen)

    def of_method(self, request) -> Told | None:
        """HEAD is as GET."""
        return self.told.get(request.method.lower().replace("head", "get"))

    def known_parameters(self):
        """Those of this method."""
        told = self.of_method(self.request)
        return set(told.asked or ()) if told else set()

    def once(self, act):
        """In one transaction, and once for each idempotency key; ``act`` answers JSON."""
        return once(self.http, self.sent(), lambda: answer(act()))

    def checked(self, make_form, **how) -> dict:
        """What was sent, through a form. Problem 422."""
        form = bound(make_form, self.sent(), **how)
        if not form.is_valid():
            raise invalid(form)
        return form.cleaned_data


def found(row):
    """The row, or 404."""
    if row is None:
        raise Http404
    return row


def listed(**parts) -> dict:
    """The shape of a list of such objects."""
    return {"type": "object", "properties": {"data": {"type": "array", "items": shaped(**parts)}}, "required": ["data"]}


def shaped(**parts) -> dict:
    """The shape of an object with all of these."""
    return {"type": "object", "properties": parts, "required": list(parts)}


TEXT, WHOLE, YES = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
MAYBE_TEXT, MOMENT = {"type": ["string", "null"]}, {"type": ["string", "null"], "format": "date-time"}
