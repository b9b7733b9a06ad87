"""What a list shows of each row, on screen and in the CSV file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from django.db.models import Model
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import MoneyOf
from hostbill.core.money import Money
from hostbill.core.templatetags.ui import state
from hostbill.core.ui import words


@dataclass(frozen=True)
class Column:
    """``key``: attribute path (dots), unless ``value`` computes it. ``sort``: ORM path. ``link``: to the row's own page.

    ``phone``: where the cell stands when the table becomes a list of blocks: lead and end (first line), start and under
    (the line below), full or hide. ``beside``: a name in its own script, behind the first. ``second``: a line below.
    ``leads(obj)``: the page of what the cell names, where the value is no object. ``shown``: False for one that people
    add themselves. ``needs``: relations that only this column reads.
    """

    key: str
    label: str
    value: Callable | None = None
    render: Callable | None = None
    link: bool = False
    second: Callable | None = None
    sort: str = ""
    strong: bool = False
    muted: bool = False
    phone: str = ""
    numeric: bool = False
    shown: bool = True
    needs: tuple = ()
    beside: Callable | None = None
    leads: Callable | None = None

    def get(self, obj):
        """The value behind the cell; None when a step of the path is missing."""
        if self.value:
            return self.value(obj)
        found = obj
        for step in self.steps:
            found = getattr(found, step, None)
            if found is None:
                return None
        return found() if callable(found) and not isinstance(found, Model) else found

    @cached_property
    def steps(self) -> list[str]:
        """The attribute path."""
        return self.key.split(".")

    def html(self, obj, url: str = "", opens: Callable | None = None) -> SafeString:
        """The cell as HTML: words, linked to the row or to the object it names, with a second line. ``opens(url)``: whether to
        link to that object; None: never."""
        value = self.get(obj)
        shown = words.html(self.render(obj) if self.render else self.show(value))
        if isinstance(value, Model | str) and not isinstance(value, SafeString) and not self.render:
            shown = _fitted(shown)
        target = url if self.link else self.target(obj, value) if opens else ""
        if target and (self.link or opens(target)):
            shown = f'<a href="{words.html(target)}">{shown}</a>'
        also = self.beside(obj) if self.beside else None
        if also and str(also) != str(value):
            shown = f'{shown} <bdi class="beside">{words.html(also)}</bdi>'
        below = self.second(obj) if self.second else None
        return SafeString(f'{shown}<span class="second">{words.html(below)}</span>' if below else shown)

    def target(self, obj, value) -> str:
        """The page of the object that the cell names; empty when it has none."""
        if self.leads:
            return self.leads(obj)
        return value.get_absolute_url() if isinstance(value, Model) and hasattr(value, "get_absolute_url") else ""

    def show(self, value):
        """The value in words, without link."""
        return words.plain(value)

    def text(self, obj):
        """For files: raw numbers and ISO dates, else words."""
        value = self.get(obj)
        if isinstance(value, Money):
            return value.amount
        if isinstance(value, date | datetime):
            return value.isoformat()
        return "" if value is None else value if isinstance(value, int | float | Decimal) else str(value)

    @property
    def directions(self) -> tuple[str, str]:
        """Ascending and descending, in words."""
        return (_("smallest first"), _("largest first")) if self.numeric else (_("A to Z"), _("Z to A"))

    @cached_property
    def css(self) -> str:
        """Classes of its cells."""
        flags = {"num": self.numeric, "strong": self.strong, "muted": self.muted, f"cell-{self.phone}": self.phone}
        flags["whole"] = "number" in (self.key, self.sort)
        return " ".join(name for name, wanted in flags.items() if wanted)

    @property
    def says_little(self) -> bool:
        """Whether a phone, which has no heads, must write the label before the value: a count, a percentage, a yes."""
        return type(self) in (Column, NumberColumn) and not (self.phone or self.link or self.second or self.render)


#: Words of so many letters are never broken; longer ones than the second take two lines at most, the whole on hover.
WHOLE, LONG = 14, 90


def _fitted(shown: str) -> str:
    """A cell's words so that neither a number falls apart nor a row grows tall."""
    if len(shown) > LONG:
        return f'<span class="clamp" title="{shown}">{shown}</span>'
    return f'<span class="whole">{shown}</span>' if len(shown) <= WHOLE and ("-" in shown or " " in shown) else shown


@dataclass(frozen=True)
class MoneyColumn(Column):
    """Figure with its small code, right-aligned. In files: amount; the currency follows in its own column."""

    numeric: bool = True

    def show(self, value):
        return words.money_staff(value)

    def path(self, model) -> str:
        """The amount's database column, for sums; empty when the value is computed."""
        found = getattr(model, self.key, None) if not self.value else None
        return found.column if isinstance(found, MoneyOf) and found.currency == "currency" else ""


@dataclass(frozen=True)
class NumberColumn(Column):
    """A count, right-aligned."""

    numeric: bool = True


@dataclass(frozen=True)
class DateColumn(Column):
    """A day, or with ``relative`` how long ago; exact on hover."""

    numeric: bool = True
    relative: bool = False
    phone: str = "hide"

    @property
    def directions(self):
        return (_("oldest first"), _("newest first"))

    def show(self, value):
        return words.ago(value) if self.relative and isinstance(value, datetime) else words.day(value)


@dataclass(frozen=True)
class StateColumn(Column):
    """The model's ``state_words``: (kind, words) or (kind, words, rest)."""

    key: str = "state_words"
    label: str = _("State")
    phone: str = "full"

    def show(self, value):
        return state(value)

    def text(self, obj):
        shown = words.state_words(self.get(obj))
        return f"{shown.words}{words.joined(shown.words, shown.rest)}"
