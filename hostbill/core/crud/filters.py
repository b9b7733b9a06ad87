"""Typed filters: each reads its parameters from the URL, narrows the queryset and shows itself as chips."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from hostbill.core.ui import words


@dataclass(frozen=True)
class Chip:
    """A filter in force, read as a sentence: field, relation, value; and the URL without it."""

    label: str
    relation: str
    value: str
    remove: str


@dataclass(frozen=True)
class Filter:
    """``key``: the ORM path and the parameter's name. Wrong input in a URL is ignored, never an error."""

    key: str
    label: str
    kind: str = field(default="", init=False)

    @property
    def params(self) -> tuple[str, ...]:
        """Names of the URL's parameters."""
        return (self.key,)

    def apply(self, rows: QuerySet, params: QueryDict) -> QuerySet:
        """The rows that pass."""
        condition = self.condition(params)
        return rows if condition is None else rows.filter(condition)

    def condition(self, params: QueryDict) -> Q | None:
        """The look-up, or None when the filter is not used."""
        raise NotImplementedError

    def sentence(self, params: QueryDict) -> tuple[str, str] | None:
        """(relation, value) in words."""
        raise NotImplementedError

    def chip(self, params: QueryDict) -> Chip | None:
        """How it shows when in force."""
        if self.condition(params) is None:
            return None
        relation, value = self.sentence(params)
        rest = params.copy()
        for name in (*self.params, "after", "before"):
            rest.pop(name, None)
        return Chip(str(self.label), relation, value, f"?{rest.urlencode()}")


@dataclass(frozen=True)
class Choice(Filter):
    """One or more of fixed values: ``choices`` = [(value, label)]."""

    choices: list | tuple = ()
    kind: str = field(default="choice", init=False)

    def picked(self, params):
        """The known values asked for."""
        known = {str(value) for value, _label in self.choices}
        return [value for value in params.getlist(self.key) if value in known]

    def condition(self, params):
        picked = self.picked(params)
        return Q(**{f"{self.key}__in": picked}) if picked else None

    def sentence(self, params):
        picked = self.picked(params)
        labels = [str(label) for value, label in self.choices if str(value) in picked]
        return _("is"), _(" or ").join(labels)

    def options(self, params):
        """(value, label, chosen) for the form."""
        picked = self.picked(params)
        return [(value, label, str(value) in picked) for value, label in self.choices]


@dataclass(frozen=True)
class DateRange(Filter):
    """From and to, both days included. ``moment``: the column is a date with time."""

    moment: bool = False
    kind: str = field(default="range", init=False)

    @property
    def params(self):
        return (f"{self.key}_from", f"{self.key}_to")

    def bounds(self, params) -> tuple[date | None, date | None]:
        """The two days; None where not given or not a day."""
        return tuple(_day(params.get(name, "")) for name in self.params)

    def condition(self, params):
        first, last = self.bounds(params)
        path = f"{self.key}__date" if self.moment else self.key
        if not first and not last:
            return None
        return (Q(**{f"{path}__gte": first}) if first else Q()) & (Q(**{f"{path}__lte": last}) if last else Q())

    def sentence(self, params):
        first, last = self.bounds(params)
        if first and last:
            return _("between"), f"{words.day_words(first)} – {words.day_words(last)}"
        return (_("from"), words.day_words(first)) if first else (_("up to"), words.day_words(last))

    def values(self, params):
        """(name, value) of both fields."""
        return [(name, params.get(name, "")) for name in self.params]


@dataclass(frozen=True)
class Text(Filter):
    """Contains these letters."""

    lookup: str = "icontains"
    kind: str = field(default="text", init=False)

    def condition(self, params):
        text = params.get(self.key, "").strip().replace("\x00", "")
        return Q(**{f"{self.key}__{self.lookup}": text}) if text else None

    def sentence(self, params):
        return _("contains") if self.lookup == "icontains" else _("is"), params.get(self.key, "").strip()


@dataclass(frozen=True)
class YesNo(Filter):
    """A boolean column."""

    kind: str = field(default="yesno", init=False)

    def condition(self, params):
        return {"1": Q(**{self.key: True}), "0": Q(**{self.key: False})}.get(params.get(self.key, ""))

    def sentence(self, params):
        return _("is"), _("yes") if params.get(self.key) == "1" else _("no")


@dataclass(frozen=True)
class Related(Filter):
    """Belongs to one object. ``model`` is asked for its name; with ``offer`` up to 200 of them are offered in the form."""

    model: type[Model] | None = None
    offer: bool = False
    kind: str = field(default="related", init=False)

    def condition(self, params):
        number = params.get(self.key, "")
        return Q(**{f"{self.key}_id": int(number)}) if number.isdecimal() and len(number) < 18 else None

    def sentence(self, params):
        found = self.model.objects.filter(pk=int(params[self.key])).first()
        return _("is"), str(found) if found else _("unknown")

    def options(self, params):
        """(value, label, chosen) for the form."""
        if not self.offer:
            return []
        return [(row.pk, str(row), str(row.pk) == params.get(self.key)) for row in self.model.objects.all()[:200]]


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
