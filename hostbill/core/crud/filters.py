"""Typed filters: each reads its parameters from the URL, narrows the queryset and shows itself as chips."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hostbill.core import clock
from hostbill.core import search as words_index
from hostbill.core.ui import words

DAY = timedelta(days=1)


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
        for name in (*self.params, "after", "before", "preview"):
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


#: Days that move along with the calendar, so that a saved view stays true: first and last day, counted from today.
SPANS = {
    "past": (gettext_lazy("before today"), lambda today: (None, today - DAY)),
    "today": (gettext_lazy("today"), lambda today: (today, today)),
    "yesterday": (gettext_lazy("yesterday"), lambda today: (today - DAY, today - DAY)),
    "this_week": (gettext_lazy("this week"), lambda today: _week(today)),
    "next_7": (gettext_lazy("in the next 7 days"), lambda today: (today, today + 6 * DAY)),
    "last_7": (gettext_lazy("in the last 7 days"), lambda today: (today - 6 * DAY, today)),
    "this_month": (gettext_lazy("this month"), lambda today: _month(today)),
    "last_month": (gettext_lazy("last month"), lambda today: _month(today.replace(day=1) - DAY)),
    "last_30": (gettext_lazy("in the last 30 days"), lambda today: (today - 29 * DAY, today)),
    "this_year": (gettext_lazy("this year"), lambda today: (today.replace(month=1, day=1), today.replace(month=12, day=31))),
}


@dataclass(frozen=True)
class DateRange(Filter):
    """From and to, both days included, or one of ``SPANS``. ``moment``: the column is a date with time."""

    moment: bool = False
    kind: str = field(default="range", init=False)

    @property
    def params(self):
        return (self.key, f"{self.key}_from", f"{self.key}_to")

    def bounds(self, params) -> tuple[date | None, date | None]:
        """The two days; None where not given or not a day."""
        span = SPANS.get(params.get(self.key, ""))
        return span[1](clock.today()) if span else tuple(_day(params.get(name, "")) for name in self.params[1:])

    def condition(self, params):
        first, last = self.bounds(params)
        if not first and not last:
            return None
        since = {f"{self.key}__gte": self.edge(first)} if first else {}
        until = {f"{self.key}__lt": self.edge(last + DAY)} if last and last < date.max else {}
        return Q(**since, **until)

    def edge(self, day: date):
        """The day as the column holds it: the instant at which it begins for the reader, so that an index serves."""
        return datetime.combine(day, time(), timezone.get_current_timezone()) if self.moment else day

    def sentence(self, params):
        span = SPANS.get(params.get(self.key, ""))
        if span:
            return _("is"), str(span[0])
        first, last = self.bounds(params)
        if first and last:
            return _("between"), f"{words.day_words(first)} – {words.day_words(last)}"
        return (_("from"), words.day_words(first)) if first else (_("up to"), words.day_words(last))

    def values(self, params):
        """(name, value) of both fields."""
        return [(name, params.get(name, "")) for name in self.params[1:]]

    def spans(self, params):
        """(value, label, chosen) of the moving days."""
        return [(key, label, params.get(self.key) == key) for key, (label, _days) in SPANS.items()]


@dataclass(frozen=True)
class Text(Filter):
    """Contains these letters. A large table needs another ``lookup`` that an index serves, or a word index with this column."""

    lookup: str = "icontains"
    kind: str = field(default="text", init=False)

    def apply(self, rows, params):
        """The rows that pass; a word index over the column narrows them first."""
        condition = self.condition(params)
        if condition is not None and self.uses_words(rows.model):
            rows = words_index.holding(rows, params.get(self.key).strip().replace("\x00", ""))
        return rows if condition is None else rows.filter(condition)

    def uses_words(self, model) -> bool:
        """Whether the model's word index holds the column."""
        return self.lookup == "icontains" and self.key in getattr(getattr(model, "SEARCH", None), "fields", ())

    def condition(self, params):
        text = params.get(self.key, "").strip().replace("\x00", "")
        return Q(**{f"{self.key}__{self.lookup}": text}) if text else None

    def sentence(self, params):
        words_of = {"icontains": _("contains"), "istartswith": _("begins with"), "startswith": _("begins with")}
        return words_of.get(self.lookup) or _("is"), params.get(self.key, "").strip()


@dataclass(frozen=True)
class Code(Text):
    """Is this code in capital letters, as of a currency or country, however it is typed: the column's own index serves."""

    lookup: str = "exact"

    def condition(self, params):
        code = params.get(self.key, "").strip().replace("\x00", "").upper()
        return Q(**{self.key: code}) if code else None


@dataclass(frozen=True)
class YesNo(Filter):
    """A boolean column."""

    kind: str = field(default="yesno", init=False)

    def condition(self, params):
        return {"1": Q(**{self.key: True}), "0": Q(**{self.key: False})}.get(params.get(self.key, ""))

    def sentence(self, params):
        return _("is"), _("yes") if params.get(self.key) == "1" else _("no")


@dataclass(frozen=True)
class Amount(Filter):
    """A number or amount from and to, both included. ``key``: the database column."""

    kind: str = field(default="amount", init=False)

    @property
    def params(self):
        return (f"{self.key}_from", f"{self.key}_to")

    def bounds(self, params) -> tuple[Decimal | None, Decimal | None]:
        """The two numbers; None where not given or not a number."""
        return tuple(_number(params.get(name, "")) for name in self.params)

    def condition(self, params):
        least, most = self.bounds(params)
        if least is None and most is None:
            return None
        bounds = {f"{self.key}__gte": least, f"{self.key}__lte": most}
        return Q(**{lookup: value for lookup, value in bounds.items() if value is not None})

    def sentence(self, params):
        least, most = (None if value is None else words.number(value) for value in self.bounds(params))
        if least and most:
            return _("between"), f"{least} – {most}"
        return (_("at least"), least) if least else (_("at most"), most)

    def values(self, params):
        """(name, value) of both fields."""
        return [(name, params.get(name, "")) for name in self.params]


def _week(today: date) -> tuple[date, date]:
    monday = today - today.weekday() * DAY
    return monday, monday + 6 * DAY


def _month(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + 31 * DAY).replace(day=1) - DAY


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip()) if len(text) < 20 else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() and abs(value) < 10**14 else None


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
