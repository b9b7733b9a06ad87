"""The state of a list: which tab, filters, search, sort and columns. All of it is in the URL, or follows from it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import IntegerField, Q, prefetch_related_objects
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from hostbill.core import preferences
from hostbill.core import search as words
from hostbill.core.compiled import Compiled, array, attach
from hostbill.core.crud import paging
from hostbill.core.crud.columns import Column, DateColumn, NumberColumn
from hostbill.core.crud.narrow import drawing, narrowed
from hostbill.core.models import SavedView

#: Parameters that lead through a list and are no part of its state.
PASSING = ("after", "before", "preview", "sums")
#: The preference that holds how close rows stand: "compact", else comfortable.
DENSITY = "lists.density"
#: The preference that holds how many rows a page has, and what may be chosen. The first is what is usual: a screen and a half.
ROWS = "lists.rows"
ROW_CHOICES = (25, 50, 100)
#: Rows of another table that a search names one by one.
FEW = 300
#: As `SavedView.objects.visible_to` for staff: asked by every list.
_VIEWS = Compiled(
    lambda user, list_key: SavedView.objects.filter(Q(user_id=user) | Q(is_shared=True), list_key=list_key), user=int, list_key=str
)
#: Columns that every list offers when its rows have them. Rows are sorted by their number, which every table has in order; a list
#: that sorts by the moment says so itself and has an index for it.
COMMON = (
    NumberColumn("pk", _("Row number"), shown=False, sort="pk"),
    DateColumn("created_at", _("Made"), shown=False),
    DateColumn("updated_at", _("Changed"), shown=False),
)


@dataclass(frozen=True)
class Tab:
    """A view that ships with the list: ``q`` a Q or a function of the request. ``count`` shows how many."""

    key: str
    label: str
    q: Q | Callable | None = None
    count: bool = False
    tone: str = ""

    def condition(self, request) -> Q:
        """What its rows satisfy."""
        found = self.q(request) if callable(self.q) else self.q
        return Q() if found is None else found


def plain(params: QueryDict, *without: str) -> QueryDict:
    """A copy without what leads through the list, and without these."""
    rest = params.copy()
    for key in (*PASSING, *without):
        rest.pop(key, None)
    return rest


def look_up(lookup: str, text: str) -> Q:
    """The condition. Numbers and addresses are kept in small or in capital letters throughout, so `iexact` asks for both
    and an index serves."""
    column, _iexact, rest = lookup.partition("__iexact")
    if _iexact and not rest:
        return Q(**{f"{column}__in": sorted({text, text.upper(), text.lower()})})
    return Q(**{lookup: text})


def among(path: str, keys) -> Q:
    """The column is one of these keys. Few are named, so that indexes are used; of many one is soon met on the way through
    the sorted list."""
    keys = keys.order_by()
    few = list(keys[: FEW + 1])
    return Q(**{f"{path}__in": few if len(few) <= FEW else keys})


class ListState:
    """What a list shows, from its declaration, the URL, the saved view in use and the person's preferences."""

    #: Whether people may keep views and choose columns.
    keeps = False

    @cached_property
    def list_key(self) -> str:
        """Names this list in saved views, preferences, exports and bulk runs: its route."""
        match = getattr(self.request, "resolver_match", None)
        return match.view_name if match else f"{type(self).__module__}.{type(self).__name__}"

    @cached_property
    def saved_views(self) -> list[SavedView]:
        """Own ones first, then those of colleagues."""
        actor = self.request.actor
        if not self.keeps or not actor.user_id or actor.kind != "staff":
            return []
        rows = _VIEWS(user=actor.user_id, list_key=self.list_key)
        return sorted(rows, key=lambda row: (row.user_id != actor.user_id, row.name.lower()))

    @cached_property
    def saved(self) -> SavedView | None:
        """The saved view in use."""
        asked = self.request.GET.get("view", "")
        return next((row for row in self.saved_views if str(row.pk) == asked), None) if asked else None

    @cached_property
    def arranged(self) -> dict:
        """This person's: for this list, and for all lists."""
        known = self.keeps and self.request.actor.user_id
        return preferences.several(self.request.actor, f"list:{self.list_key}", DENSITY, ROWS) if known else {}

    @property
    def preference(self) -> dict:
        """What this person arranged for this list: ``columns`` and ``start``."""
        found = self.arranged.get(f"list:{self.list_key}")
        return found if isinstance(found, dict) else {}

    @property
    def is_compact(self) -> bool:
        """Whether this person wants narrow rows, in all lists."""
        return self.arranged.get(DENSITY) == "compact"

    @property
    def page_size(self) -> int:
        """Rows of a page: as this person chose, for all lists."""
        chosen = self.arranged.get(ROWS)
        return chosen if chosen in ROW_CHOICES else ROW_CHOICES[0]

    def row_choices(self) -> tuple[tuple[int, bool], ...]:
        """Each number of rows that a page may have, and whether it is in use; nothing where none is kept."""
        return tuple([(count, count == self.page_size) for count in ROW_CHOICES]) if self.keeps else ()

    @cached_property
    def params(self) -> QueryDict:
        """The URL's parameters. ``view=7`` alone stands for what was saved; with ``tab`` the URL says everything itself."""
        own = self.request.GET.copy()
        if "view" in own and self.saved is None:
            own.pop("view")
        if self.saved is None or "tab" in own:
            return own
        merged = QueryDict(self.saved.query, mutable=True)
        merged.setdefault("tab", "")
        for key in ("view", *PASSING, "columns"):
            if key in own:
                merged[key] = own[key]
        return merged

    @cached_property
    def is_changed(self) -> bool:
        """Whether the saved view in use was changed since it was opened."""
        if self.saved is None:
            return False
        before = QueryDict(self.saved.query, mutable=True)
        before.setdefault("tab", "")
        now = plain(self.params, "view", "columns")
        return sorted(before.lists()) != sorted(now.lists()) or "columns" in self.params

    @cached_property
    def tab(self) -> Tab | None:
        """The tab in use: the URL's, else the first."""
        asked = self.params.get("tab")
        return next((tab for tab in self.tabs if tab.key == asked), self.tabs[0] if self.tabs else None)

    @cached_property
    def every_column(self) -> list[Column]:
        """All that can be chosen, also those that every list offers."""
        names = {field.name for field in self.model._meta.concrete_fields} | {"pk"} if self.keeps else set()
        known = {column.key for column in self.columns}
        common = [column for column in COMMON if column.key in names and column.key not in known]
        return [*self.columns, *common]

    @cached_property
    def shown_columns(self) -> list[Column]:
        """Those in use, in order: by the URL, the saved view, the person, the declaration."""
        asked = self.params.get("columns", "").split(",") if self.keeps and "columns" in self.params else []
        asked = asked or (self.saved.columns if self.saved else []) or self.preference.get("columns", [])
        return self.columns_named(asked) or [column for column in self.columns if column.shown]

    def columns_named(self, keys) -> list[Column]:
        """Known ones in the asked order; the one that leads to the row is always there."""
        known = {column.key: column for column in self.every_column}
        found = [known[key] for key in dict.fromkeys(map(str, keys)) if key in known]
        lead = next((column for column in self.columns if column.link), None)
        return [lead, *found] if found and lead and lead not in found else found

    @cached_property
    def order(self) -> paging.Order:
        """The URL's sort when a column offers it, else the view's own."""
        asked = paging.Order.parse(self.params.get("sort", ""))
        offered = {column.sort for column in self.every_column if column.sort}
        return asked if asked.path in offered else paging.Order.parse(self.sort)

    @cached_property
    def query(self) -> str:
        """What is searched for."""
        return self.params.get("q", "").strip().replace("\x00", "")[:200]

    @cached_property
    def asked_rows(self):
        """What the class asks for."""
        return self.get_queryset()

    @cached_property
    def rows(self):
        """The queryset with everything but tab, filters and order."""
        rows = self.asked_rows
        more = [path for column in self.shown_columns for path in column.needs]
        if self.select or more:
            rows = rows.select_related(*dict.fromkeys([*self.select, *more]))
        return rows.prefetch_related(*self.prefetch) if self.prefetch else rows

    def draw(self, keys: list):
        """The rows with these keys, with only what a page of them shows. Who may see them was asked when the keys were found, so
        that one statement serves everybody; rows to which the database adds something (annotations) are asked for anew."""
        joined = [*self.select, *(path for column in self.shown_columns for path in column.needs)]
        steps = [column.steps for column in self.shown_columns]
        rows = self.rows
        if rows.query.annotations or self.asked_rows.query.select_related:
            return narrowed(paging.read(rows, keys), joined, steps) if joined else paging.read(rows, keys)
        found = drawing(self.model, joined, steps)(keys=array(keys))
        if self.prefetch_drawn:
            attach(found, **self.prefetch_drawn)
        else:
            prefetch_related_objects(found, *rows._prefetch_related_lookups)
        return found

    @cached_property
    def matching(self):
        """Rows after tab, filters and search."""
        rows = self.rows.filter(self.tab.condition(self.request)) if self.tab else self.rows
        for item in self.filters:
            rows = item.apply(rows, self.params)
        if self.query and self.search:
            rows = rows.filter(self.search_condition(self.query))
        return rows

    def search_condition(self, text: str) -> Q:
        """Rows found by any look-up in ``search``. Where a model keeps a word index, that answers for its columns."""
        indexed = self._word_indexes()
        found = [
            self._among(relation, words.matching(model._base_manager.all(), text))
            for relation, model in indexed.items()
        ]
        rest: dict = {}
        for lookup in self.search:
            relation, model = self._target(lookup)
            if not self._is_indexed(lookup, indexed) and (text.isdecimal() or not self._is_number(lookup)):
                own = lookup.removeprefix(f"{relation}__" if relation else "")
                rest.setdefault((relation, model), []).append(look_up(own, text))
        for (relation, model), lookups in rest.items():
            any_of = reduce(or_, lookups)
            found.append(self._among(relation, model._base_manager.filter(any_of)) if relation else any_of)
        return reduce(or_, found, Q(pk__in=[]))

    def _among(self, relation: str, rows) -> Q:
        """Belongs to one of these rows (of the list itself without a relation)."""
        return among(relation or "pk", rows.values_list("pk", flat=True))

    def _is_number(self, lookup: str) -> bool:
        relation, model = self._target(lookup)
        column = lookup.removeprefix(f"{relation}__" if relation else "").partition("__")[0]
        return isinstance(model._meta.get_field(column), IntegerField)

    def _word_indexes(self) -> dict:
        """Relation ("" for the rows themselves) -> model with a word index, as far as ``search`` names its columns."""
        found = {}
        for lookup in self.search:
            relation, model = self._target(lookup)
            if hasattr(model, "SEARCH"):
                found[relation] = model
        return found

    def _is_indexed(self, lookup: str, indexed: dict) -> bool:
        relation, model = self._target(lookup)
        column = lookup.removeprefix(f"{relation}__" if relation else "").partition("__")[0]
        return relation in indexed and column in model.SEARCH.fields

    def _target(self, lookup: str) -> tuple:
        """The one relation that a look-up goes through, and whose model its column is."""
        steps = lookup.split("__")
        field = self.model._meta.get_field(steps[0])
        if field.is_relation and field.concrete and len(steps) > 2:
            return steps[0], field.related_model
        return "", self.model

    def kept(self, *without) -> list[tuple[str, str]]:
        """The list's other parameters, for hidden fields of forms."""
        rest = plain(self.params, *without)
        return [(key, value) for key in rest for value in rest.getlist(key)]

    def url(self, **changes) -> str:
        """This list with other parameters, from its first page."""
        params = plain(self.params)
        for key, value in changes.items():
            params[key] = value
        return f"?{params.urlencode()}"

    def url_of_view(self, row: SavedView) -> str:
        """A saved view with its whole state, so that the address can be handed on."""
        params = QueryDict(row.query, mutable=True)
        params.setdefault("tab", "")
        params["view"] = row.pk
        return f"?{params.urlencode()}"

    def sort_words(self) -> str:
        """The order in use, in words."""
        return next((f"{item['label']}, {item['words']}" for item in self.sort_items() if item["current"]), "")

    def sort_items(self) -> list[dict]:
        """Every order that is offered, in words; for phones, where column heads are not seen."""
        items = []
        for column in self.every_column:
            for descending, words_ in enumerate(column.directions if column.sort else ()):
                order = paging.Order(column.sort, bool(descending))
                current = order == self.order
                items.append(
                    {"label": column.label, "words": words_, "url": self.url(sort=str(order)), "current": current}
                )
        return items
