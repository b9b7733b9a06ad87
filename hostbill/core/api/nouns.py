"""Nouns: what the API offers, found in the console's own screens.

A noun is named by its routes: ``invoice`` has ``invoice_list``, ``invoice_detail``, ``invoice_create``, ``invoice_edit``, and
each other ``invoice_*`` that is a verb. So a new verb on screen is a verb of the API; an app says what else to tell.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

from django.conf import settings
from django.urls import URLPattern

from hostbill.core.api.fields import Fact, NoFact, fact, told_to, words_of
from hostbill.core.crud import StaffDetailView, StaffEditView, StaffListView, StaffVerbView, StateColumn
from hostbill.core.models import TrackedModel

PREFIX = "api/v1/"
#: Nouns by their name in addresses, for whom; filled when the addresses are put together.
AUDIENCES: dict[str, dict[str, "Noun"]] = {"staff": {}, "client": {}}
#: Those of colleagues.
NOUNS = AUDIENCES["staff"]
#: What `noun_of` found.
_BY_MODEL: dict[tuple, "Noun | None"] = {}


@dataclass(frozen=True)
class Act:
    """A verb: its view, and from the button on screen whether it is possible now."""

    key: str
    view: type
    when: object = None


@dataclass
class Noun:
    """``name`` in addresses; ``route``: the beginning of its routes in the console.

    ``also``: facts that no column shows (names, or Facts). ``without``: columns that say nothing to programs. ``inside``:
    collections shown with one object. ``select``, ``prefetch``: relations that its facts and names read. ``acts``: verbs
    whose screens are not generic, as {key: view} (a screen's ``by_api`` takes its place by itself); ``closed``: screens that stay
    screens, each with the reason.
    ``files``: documents of one object, {key: screen that declares what kind of file it makes in ``api_file``}; found by itself.
    ``on_list``: what is done with no object of it, {key: screen whose ``act`` answers a dict of the shape ``api_answer``}.
    ``words``: its title where that of the list says too little.
    """

    name: str
    route: str
    also: str | tuple = ""
    without: str = ""
    inside: tuple = ()
    select: tuple = ()
    prefetch: tuple = ()
    acts: dict = field(default_factory=dict)
    closed: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    on_list: dict = field(default_factory=dict)
    words: str = ""
    audience: ClassVar[str] = "staff"
    list_view: type | None = None
    detail_view: type | None = None
    create_view: type | None = None
    edit_view: type | None = None

    @property
    def model(self):
        """What it is a list of."""
        return self.list_view.model

    @property
    def title(self) -> str:
        """Of many, in words."""
        return str(self.words or self.list_view.title)

    @property
    def single_view(self):
        """The screen of one of them."""
        return self.detail_view or self.list_view

    @property
    def permission(self) -> str:
        """Who may look at one."""
        return self.single_view.permission

    @property
    def schema_name(self) -> str:
        """In the document: InvoiceDraft."""
        return self.model.__name__

    def take(self, views: dict[str, type]) -> None:
        """The screens of this noun: key after its route -> view."""
        self.list_view = self.list_view or views.get("list")
        for name, base in (("detail", StaffDetailView), ("create", StaffEditView), ("edit", StaffEditView)):
            view = views.get(name)
            own = f"{name}_view"
            if getattr(self, own) is None and name not in self.closed and view and issubclass(view, base):
                setattr(self, own, view)
        whens = {verb.route.rpartition(":")[2]: verb.when for verb in getattr(self.detail_view, "verbs", ())}
        verbs = {key: getattr(view, "by_api", view) for key, view in views.items() if issubclass(view, StaffVerbView)} | self.acts
        self.verbs = {
            key.replace("_", "-"): Act(key, view, whens.get(f"{self.route}_{key}"))
            for key, view in sorted(verbs.items())
            if key not in self.closed
        }
        self.files = {key.replace("_", "-"): view for key, view in sorted(views.items()) if hasattr(view, "api_file")}
        self.facts = tuple(self._facts())

    def _facts(self):
        """Id and address, the columns that are facts of the model, and what was asked for besides; each once."""
        names = ["id"]
        for column in self.list_view.columns:
            names += (
                ["state_words"] if isinstance(column, StateColumn) and column.key == "state_words" else [column.key]
            )
        also = self.also.split() if isinstance(self.also, str) else self.also
        names += [*also, *(("created_at", "updated_at") if issubclass(self.model, TrackedModel) else ())]
        known = {}
        for entry in names:
            for found in self._found(entry, entry in also):
                if found.name not in self.without.split():
                    known.setdefault(found.name, found)
        return [*known.values(), Fact("url", "text", get=address_of, nullable=False)]

    def _found(self, entry, is_asked_for: bool) -> list[Fact]:
        """A column that only says something in words is left out; what was asked for must be there."""
        if isinstance(entry, Fact):
            return [entry]
        if entry == "state_words":
            return self._state()
        try:
            return [fact(self.model, entry)]
        except NoFact:
            if is_asked_for:
                raise
            return []

    def _state(self) -> list[Fact]:
        """The code, and the words beside it."""
        for name in ("state", "status"):
            column = next((c for c in self.model._meta.concrete_fields if c.name == name), None)
            if column is not None and column.flatchoices:
                return [fact(self.model, name), Fact(f"{name}_words", "text", get=words_of, nullable=False)]
        return [Fact("state_words", "text", get=words_of, nullable=False)]

    @property
    def every_fact(self) -> tuple:
        """Those of one object: also its collections."""
        return (*self.facts, *self.inside)


class ClientNoun(Noun):
    """What clients' programs are told and may do: what the client area shows. Nothing comes by itself.

    ``also`` names all facts; ``list_view`` and the other screens are those of the client area, whose ``area`` they ask for."""

    audience = "client"

    def __init__(self, name: str, list_view, facts, *, acts=None, files=None, **more):
        super().__init__(name, name, also=facts, acts=acts or {}, list_view=list_view, files=files or {}, **more)

    def take(self, views=()) -> None:
        """As it was declared."""
        buttons = {verb.key: verb.when for verb in getattr(self.detail_view, "verbs", ())}
        self.verbs = {key: Act(key, view, buttons.get(key)) for key, view in sorted(self.acts.items())}
        self.facts = tuple(told_to("client", found) for found in self._facts())
        self.inside = tuple(told_to("client", found) for found in self.inside)

    def _facts(self):
        """Id and address, and what was asked for; each once."""
        names = ["id", *(self.also.split() if isinstance(self.also, str) else self.also)]
        words = [part for entry in names for part in (entry.split() if isinstance(entry, str) else [entry])]
        known = {found.name: found for entry in words for found in self._found(entry, True)}
        return [*known.values(), Fact("url", "text", get=partial(address_of, audience="client"), nullable=False)]


def address_of(row, audience: str = "staff") -> str | None:
    """Where the API tells about this row; None where it does not."""
    noun = noun_of(row._meta.model, audience)
    return f"{settings.SITE_URL}/{PREFIX}{noun.name}/{row.pk}/" if noun else None


def noun_of(model, audience: str = "staff") -> Noun | None:
    """The noun of this model; looked for once."""
    key = (model, audience)
    if key not in _BY_MODEL:
        _BY_MODEL[key] = next((noun for noun in AUDIENCES[audience].values() if noun.model is model), None)
    return _BY_MODEL[key]


def views_in(patterns, namespace: str = "") -> dict[str, type]:
    """Route name without namespace -> view class, of all generic screens in these addresses."""
    found = {}
    for entry in patterns:
        if not isinstance(entry, URLPattern):
            found |= views_in(entry.url_patterns)
            continue
        view = getattr(entry.callback, "view_class", None)
        generic = StaffListView | StaffDetailView | StaffEditView | StaffVerbView
        if view and (issubclass(view, generic) or hasattr(view, "api_file")):
            found[entry.name] = view
    return found


def register_clients(nouns) -> None:
    """The nouns of clients' programs."""
    mine = AUDIENCES["client"]
    mine.clear()
    _BY_MODEL.clear()
    for noun in nouns:
        noun.take()
        mine[noun.name] = noun


def register(nouns, patterns) -> list[Noun]:
    """Give each noun its screens. Raises LookupError for one that has no list."""
    views = views_in(patterns)
    routes = [noun.route for noun in nouns]
    NOUNS.clear()
    for noun in nouns:
        mine = {
            name.removeprefix(f"{noun.route}_"): view
            for name, view in views.items()
            if _owner(name, routes) == noun.route
        }
        noun.take(mine)
        if noun.list_view is None:
            raise LookupError(f"{noun.name}: no list is called {noun.route}_list")
        NOUNS[noun.name] = noun
    return list(nouns)


def _owner(name: str, routes: list[str]) -> str | None:
    """The longest noun that the route begins with: product_group_edit is about a product group."""
    return max((route for route in routes if name.startswith(f"{route}_")), key=len, default=None)
