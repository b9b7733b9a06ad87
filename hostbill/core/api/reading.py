"""Lists and single objects, by the declarations of the console's lists."""

from functools import partial
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import FieldError, ValidationError
from django.db import DataError
from django.http import Http404, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer

from hostbill.core.api.base import ApiView, answer
from hostbill.core.api.expand import Expansion
from hostbill.core.api.nouns import Noun
from hostbill.core.api.problems import Problem
from hostbill.core.api.represent import chosen, etag, matches, represent, with_relations
from hostbill.core.crud import paging

USUAL_SIZE, MOST_SIZE = 50, 200
#: Between the sort and the place in a cursor.
PART = "~"


class NounView(ApiView):
    """An address of one noun. ``mine``: the noun of clients' programs at this address, None when it is not theirs."""

    noun: Noun | None = None
    mine: Noun | None = None
    for_clients = True

    def perform_authentication(self, request):
        """As DRF; then it is known whose noun is asked for. 401 for nobody, 404 for one that is not theirs, 405 for what cannot be
        done with it."""
        super().perform_authentication(request)
        if not request.user.is_authenticated:
            raise NotAuthenticated
        if self.audience == "client":
            self.noun = self.mine
        methods = self.methods() if self.noun else ()
        if not methods:
            raise Http404
        if request.method.lower() not in methods:
            raise MethodNotAllowed(request.method)

    def methods(self) -> tuple:
        """What the noun takes at this address; nothing where it has none."""
        return ("get", "head")

    def view(self, view_class, **kwargs):
        """The screen, set up for this request but never shown."""
        view = view_class()
        view.setup(self.http, **kwargs)
        return view

    def screen(self):
        """The list without what is only for people: saved views, own columns, the first tab."""
        view = self.view(self.noun.list_view)
        view.keeps = False
        asked = self.http.GET.get("tab", "")
        if asked and asked not in {tab.key for tab in view.tabs}:
            raise Problem(400, "bad_parameter", errors={"tab": [_one_of(tab.key for tab in view.tabs)]})
        view.tabs = [tab for tab in view.tabs if asked and tab.key == asked]
        return view

    def rows(self):
        """The rows that exist for this actor, with what their facts read."""
        return with_relations(self.view(self.noun.single_view).get_queryset(), self.noun, self.noun.every_fact)

    def find(self, pk: int):
        """The row, or 404."""
        row = self.rows().filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def show(self, row, status: int = 200, headers=None, facts=None):
        """One object with its mark."""
        data = represent(facts or self.noun.every_fact, row)
        return answer(data, status, {"ETag": etag(self.noun, row)} | (headers or {}))


def _one_of(values) -> str:
    return _("One of: %(values)s.") % {"values": ", ".join(map(str, values))}


def sorts_of(noun: Noun) -> dict[str, str]:
    """Names to sort by -> ORM path."""
    return {column.sort.replace("__", "."): column.sort for column in noun.list_view.columns if column.sort} | {
        "id": "pk"
    }


def parameters_of(noun: Noun) -> set[str]:
    """What a list may be asked."""
    names = {"sort", "after", "limit", "fields", "expand"} | {name for item in noun.list_view.filters for name in item.params}
    return names | ({"q"} if noun.list_view.search else set()) | ({"tab"} if noun.list_view.tabs else set())


class ListTwin(NounView):
    """GET: a page of rows. POST is in writing.py."""

    def known_parameters(self):
        """The list's filters and what every list takes."""
        return parameters_of(self.noun) if self.request.method in ("GET", "HEAD") else set()

    def get(self, request):
        """One page, and where the next one is."""
        self.admit(self.noun.list_view)
        facts = chosen(self.noun.facts, self.http.GET.get("fields", ""))
        view, order, size, whole = self.screen(), self.order(), self.size(), Expansion(self, facts)
        self.check_filters(view)
        found = self.page(view, order, size + 1, facts)
        more, rows = len(found) > size, found[:size]
        cursor = self.cursor(rows[-1], order) if more else None
        return answer(
            {"data": whole.into([represent(facts, row) for row in rows]), "next_cursor": cursor, "next": self.link(cursor)}
        )

    def order(self) -> paging.Order:
        """By what the rows are sorted."""
        text = self.http.GET.get("sort", "")
        if not text:
            return paging.Order.parse(self.noun.list_view.sort)
        asked, offered = paging.Order.parse(text), sorts_of(self.noun)
        if asked.path not in offered:
            raise Problem(400, "bad_parameter", errors={"sort": [_one_of(sorted(offered))]})
        return paging.Order(offered[asked.path], asked.descending)

    def size(self) -> int:
        """Rows of a page."""
        text = self.http.GET.get("limit", "")
        if not text:
            return USUAL_SIZE
        if not (text.isascii() and text.isdecimal() and len(text) <= 9 and 1 <= int(text) <= MOST_SIZE):
            raise Problem(
                400, "bad_parameter", errors={"limit": [_("A number from 1 to %(most)d.") % {"most": MOST_SIZE}]}
            )
        return int(text)

    def check_filters(self, view) -> None:
        """On screen a senseless filter is left out; a program must hear of it. Each value for itself."""
        errors = {}
        for item in view.filters:
            for name in item.params:
                for value in filter(None, self.http.GET.getlist(name)):
                    if item.condition(_alone(name, value)) is None:
                        errors.setdefault(name, []).append(_("“%(value)s” does not fit here.") % {"value": value[:80]})
        if errors:
            raise Problem(400, "bad_parameter", errors=errors)

    def page(self, view, order, count: int, facts) -> list:
        """The rows after the cursor."""
        place = self.place(order)
        draw = partial(paging.read, with_relations(view.rows, self.noun, facts))
        try:
            return paging.find(view.matching, draw, order, place, False, count)
        except (ValidationError, FieldError, ValueError, TypeError, DataError) as error:
            if place is None:
                raise
            raise _bad_cursor() from error

    def place(self, order) -> tuple | None:
        """What the cursor says; it belongs to one sort."""
        text = self.http.GET.get("after", "")
        if not text:
            return None
        sort, _part, rest = text.partition(PART)
        place = paging.decode_cursor(rest) if sort == str(order) and rest.isascii() else None
        if place is None:
            raise _bad_cursor()
        return place

    def cursor(self, row, order) -> str:
        """Where the next page begins."""
        return f"{order}{PART}{paging.encode_cursor(paging.value_of(row, order.path), row.pk)}"

    def link(self, cursor: str | None) -> str | None:
        """The whole address of the next page."""
        if cursor is None:
            return None
        asked = [(name, value) for name, values in self.http.GET.lists() for value in values if name != "after"]
        return f"{settings.SITE_URL}{self.http.path}?{urlencode([*asked, ('after', cursor)])}"


def _alone(name: str, value: str) -> QueryDict:
    params = QueryDict(mutable=True)
    params[name] = value
    return params


def _bad_cursor() -> Problem:
    detail = _("Take the cursor from the answer before, with the same sort.")
    return Problem(400, "bad_cursor", detail, errors={"after": [detail]})


class AnyFile(BaseRenderer):
    """Whatever kind of file is asked for: the screen says what it is."""

    media_type = "*/*"
    format = "file"

    def render(self, data, *args, **kwargs):
        """Never asked: the screen's answer is whole."""
        raise NotImplementedError


class FileTwin(NounView):
    """GET: a document of one object, such as its PDF."""

    key: str = ""
    renderer_classes = [JSONRenderer, AnyFile]
    http_method_names = ["get", "head"]

    def methods(self):
        """Where there is such a file."""
        return ("get", "head") if self.key in self.noun.files else ()

    @property
    def screen_class(self) -> type:
        """The screen that makes it."""
        return self.noun.files[self.key]

    def known_parameters(self):
        """What the screen reads."""
        return set(getattr(self.screen_class, "api_parameters", ()))

    def get(self, request, pk):
        """The file, to those who may see the screen."""
        self.admit(self.screen_class)
        self.find(pk)
        view = self.view(self.screen_class, pk=pk)
        return getattr(view, "file", view.get)(self.http, pk=pk)


class DetailTwin(NounView):
    """GET: one object. PATCH and PUT are in writing.py."""

    asked = frozenset({"fields", "expand"})

    def get(self, request, pk):
        """The object; 304 when it is as the asker knows it."""
        self.admit(self.noun.single_view)
        facts = chosen(self.noun.every_fact, self.http.GET.get("fields", ""))
        whole, row = Expansion(self, facts), self.find(pk)
        if whole.paths:  # the mark says nothing of the others
            return answer(whole.into([represent(facts, row)])[0])
        mark = etag(self.noun, row)
        if matches(self.http.headers.get("If-None-Match", ""), mark):
            return HttpResponse(status=304, headers={"ETag": mark})
        return self.show(row, facts=facts)
