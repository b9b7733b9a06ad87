"""The filter "belongs to one object", whose object is found by typing: its name, number or address, among those this person may see."""

from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_

from django.contrib import messages
from django.db.models import Model, Q
from django.http import HttpResponseRedirect, JsonResponse, QueryDict
from django.utils.translation import gettext as _

from hostbill.core import search as words
from hostbill.core.access import Actor
from hostbill.core.crud.filters import Filter

#: Objects offered while one types, and those named when a text fits several.
OFFERED, NAMED = 20, 3
#: Columns that an object may be called by, as far as its model has them.
CALLED_BY = ("number", "name", "company", "email", "hostname", "domain", "slug")
LONGEST = 200


@dataclass(frozen=True)
class Related(Filter):
    """Belongs to one object of ``model``, among those that its ``visible_to`` gives this person. With ``offer`` all of them
    (up to 200) stand in a select; else one is found by typing.

    The URL holds the object's key; ``<key>_find`` holds what was typed without choosing, until it is clear who is meant."""

    model: type[Model] | None = None
    offer: bool = False
    actor: Actor | None = None
    kind: str = field(default="related", init=False)

    @property
    def params(self):
        return (self.key, f"{self.key}_find")

    def bound(self, actor) -> "Related":
        """For one person."""
        return replace(self, actor=actor)

    def rows(self):
        """Those that may be seen; all for a filter that belongs to nobody."""
        manager = self.model.objects
        return manager.visible_to(self.actor) if self.actor and hasattr(manager.all(), "visible_to") else manager.all()

    def condition(self, params):
        number = params.get(self.key, "")
        if number.isdecimal() and len(number) < 18:
            return Q(**{f"{self.key}_id": int(number)})
        typed = self.typed(params)
        if not typed:
            return None
        found = self.resolve(typed)[0]  # a program's address; the screen puts the key into it
        return Q(**{f"{self.key}_id": found.pk}) if found else Q(pk__in=[])

    def typed(self, params) -> str:
        """What was typed and names nobody yet."""
        return params.get(f"{self.key}_find", "").strip().replace("\x00", "")[:LONGEST]

    def chosen(self, params):
        """The object of the URL; None when there is none, or not for this person."""
        number = params.get(self.key, "")
        return self.rows().filter(pk=int(number)).first() if number.isdecimal() and len(number) < 18 else None

    def sentence(self, params):
        found = self.chosen(params)
        return _("is"), str(found) if found else f"“{self.typed(params)}”" if self.typed(params) else _("unknown")

    def options(self, params):
        """For the form: the select's lines, or what stands in the field."""
        if self.offer:
            return [(row.pk, str(row), str(row.pk) == params.get(self.key)) for row in self.rows()[:200]]
        found, typed = self.chosen(params), self.typed(params)
        problem = self.resolve(typed)[1] if typed and not found else ""
        return {"pk": found.pk if found else "", "text": str(found) if found else typed, "problem": problem}

    def matching(self, text: str, most: int = OFFERED) -> list:
        """Objects that the text may mean, by number first, then by words."""
        rows = self.rows()
        if not text or rows.query.is_empty():
            return list(rows[:most])
        found = []
        if self._has("number"):
            found = list(rows.filter(Q(number__startswith=text) | Q(number__startswith=text.upper()))[:most])
        if hasattr(self.model, "SEARCH"):
            found += best(rows, text, most)
        else:
            named = [Q(**{f"{name}__icontains": text}) for name in CALLED_BY if self._has(name)]
            found += rows.filter(reduce(or_, named, Q(pk__in=[])))[:most]
        return list({row.pk: row for row in found}.values())[:most]

    def _has(self, name: str) -> bool:
        return any(column.name == name for column in self.model._meta.concrete_fields)

    def resolve(self, text: str):
        """(object, "") that the text means, else (None, why not)."""
        found = self.matching(text)
        exact = [row for row in found if text.casefold() in called(row)]
        found = exact or found
        if len(found) == 1:
            return found[0], ""
        if not found:
            return None, _("Nothing is called “%(text)s”.") % {"text": text}
        names = ", ".join(str(row) for row in found[:NAMED]) + ("…" if len(found) > NAMED else "")
        problem = _("“%(text)s” may be several: %(names)s. Write the whole name, number or e-mail address.")
        return None, problem % {"text": text, "names": names}


def understand(item: Related, params: QueryDict) -> None:
    """Put the key of the object that was typed into the parameters; what names nobody stays as it was typed."""
    find = f"{item.key}_find"
    if find not in params:
        return
    typed, chosen = item.typed(params), item.chosen(params)
    params.pop(find)
    if chosen and typed == str(chosen):
        return
    params.pop(item.key, None)
    found = item.resolve(typed)[0] if typed else None
    if found:
        params[item.key] = found.pk
    elif typed:
        params[find] = typed


def best(rows, text: str, most: int) -> list:
    """Rows of a model with a word index that hold the words, the likeliest first; one letter begins a word."""
    if len(text) < 2:
        return list(words.matching(rows, text)[:most])
    keys = words.best([rows], text, most).get(rows.model, [])
    by_key = rows.in_bulk(keys)
    return [by_key[key] for key in keys if key in by_key]


def called(row) -> set[str]:
    """What an object is called, in small letters: its words, number, name, address."""
    names = [str(row), *(getattr(row, name, "") for name in CALLED_BY)]
    return {str(name).casefold() for name in names if name}


def note(row) -> str:
    """What tells an object from another of the same name: number and address."""
    names = [str(getattr(row, name, "") or "") for name in ("number", "email", "hostname")]
    return " · ".join(name for name in names if name and name != str(row))


class PickMixin:
    """What a list does with its `Related` filters: they see what the person sees, offer objects while one types
    (``?pick=client&find=wea``), and understand a name that was typed without choosing."""

    def setup(self, request, *args, **kwargs):
        """The filters know the person."""
        super().setup(request, *args, **kwargs)
        self.filters = [item.bound(request.actor) if isinstance(item, Related) else item for item in self.filters]

    def get(self, request, *args, **kwargs):
        """Objects for a picker, the list after a typed name, or the list."""
        pickers = {item.key: item for item in self.filters if isinstance(item, Related)}
        if request.GET.get("pick") in pickers:
            return self._offer(pickers[request.GET["pick"]], request.GET.get("find", ""))
        meant = request.GET.copy()
        for item in pickers.values():
            understand(item, meant)
        if meant != request.GET:
            for name in [name for item in self.filters for name in item.params if not meant.get(name)]:
                meant.pop(name, None)
            return HttpResponseRedirect(f"{request.path}?{meant.urlencode()}")
        if not getattr(request, "htmx", None):
            self._tell_doubts(pickers.values())
        return super().get(request, *args, **kwargs)

    def _tell_doubts(self, pickers) -> None:
        for item in pickers:
            text = item.typed(self.request.GET)
            if text:
                messages.error(self.request, f"{item.label}: {item.resolve(text)[1]}")

    def _offer(self, item: Related, text: str) -> JsonResponse:
        text = text.replace("\x00", "").strip()[:LONGEST]
        found = item.matching(text, OFFERED + 1)
        rows = [[str(row.pk), str(row), note(row)] for row in found[:OFFERED]]
        return JsonResponse({"rows": rows, "more": len(found) > OFFERED})
