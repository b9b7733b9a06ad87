"""The list screen: tabs, search, filters, sort, keyset pages, bulk acts, CSV. Its state is its URL."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from hostbill.core.access import PortalView, StaffView, require
from hostbill.core.crud import paging
from hostbill.core.crud.export import csv_response
from hostbill.core.errors import AppError
from hostbill.core.ui.words import number

BULK_LIMIT = 500


@dataclass(frozen=True)
class Tab:
    """A saved view: ``q`` a Q or a function of the request. ``count`` shows how many (costs a query)."""

    key: str
    label: str
    q: Q | Callable | None = None
    count: bool = False
    tone: str = ""

    def condition(self, request) -> Q:
        """What its rows satisfy."""
        found = self.q(request) if callable(self.q) else self.q
        return Q() if found is None else found


@dataclass(frozen=True)
class BulkAction:
    """``action(obj, actor=...)`` for each selected row. ``confirm``: a question asked first."""

    key: str
    label: str
    action: Callable
    permission: str = ""
    icon: str = ""
    kind: str = ""
    confirm: str = ""


class ListView(View):
    """See docs/design.md. Subclasses declare; ``get_queryset`` may be narrowed."""

    model = None
    title = ""
    columns: list = []
    filters: list = []
    search: list = []
    search_hint = ""
    sort = "-pk"
    tabs: list = []
    bulk: list = []
    select: tuple = ()
    prefetch: tuple = ()
    page_size = 50
    create_url = ""
    create_label = ""
    create_permission = ""
    export = True
    empty: tuple = ()
    crumbs: list = []
    row_url = ""
    link_related = True
    frame = "base/staff.html"
    template_name = "components/list_page.html"

    def get_queryset(self):
        """All rows this person may see, before tab, filters and search."""
        return self.model.objects.visible_to(self.request.actor)

    @cached_property
    def rows(self):
        """The queryset with everything but tab, filters and order."""
        rows = self.get_queryset()
        rows = rows.select_related(*self.select) if self.select else rows
        return rows.prefetch_related(*self.prefetch) if self.prefetch else rows

    @cached_property
    def tab(self) -> Tab | None:
        """The view in use: the URL's, else the first."""
        asked = self.request.GET.get("tab")
        return next((tab for tab in self.tabs if tab.key == asked), self.tabs[0] if self.tabs else None)

    @cached_property
    def order(self) -> paging.Order:
        """The URL's sort when a column offers it, else the view's own."""
        asked = paging.Order.parse(self.request.GET.get("sort", ""))
        offered = {column.sort for column in self.columns if column.sort}
        return asked if asked.path in offered else paging.Order.parse(self.sort)

    @cached_property
    def query(self) -> str:
        """What is searched for."""
        return self.request.GET.get("q", "").strip().replace("\x00", "")[:200]

    @cached_property
    def matching(self):
        """Rows after tab, filters and search."""
        rows = self.rows.filter(self.tab.condition(self.request)) if self.tab else self.rows
        for item in self.filters:
            rows = item.apply(rows, self.request.GET)
        if self.query and self.search:
            rows = rows.filter(self.search_condition(self.query))
        return rows

    def search_condition(self, text: str) -> Q:
        """Any of the look-ups in ``search`` (``path__lookup``)."""
        return reduce(or_, (Q(**{lookup: text}) for lookup in self.search))

    def get(self, request, *args, **kwargs):
        """The list, its inner part for htmx, or the CSV file."""
        if self.export and request.GET.get("export") == "csv":
            rows = paging.ordered(self.matching, self.order)
            return csv_response(rows, self.columns, str(self.title))
        return self.show()

    def show(self):
        """Render; htmx asking for the list alone gets only that."""
        htmx = getattr(self.request, "htmx", None)
        partial = bool(htmx) and htmx.target == "list"
        template = "components/list.html" if partial else self.template_name
        response = render(self.request, template, self.get_context())
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    def get_context(self) -> dict:
        """Everything components/list.html needs."""
        page = paging.take(self.matching, self.order, self.request.GET, self.page_size)
        page.total, page.more = paging.count(self.matching)
        chips = [chip for chip in (item.chip(self.request.GET) for item in self.filters) if chip]
        return {
            "view": self,
            "frame": self.frame,
            "page_title": self.title,
            "crumbs": self.crumbs,
            "page": page,
            "lines": [self.line(row) for row in page.rows],
            "heads": [self.head(column) for column in self.columns],
            "tab_items": self.tab_items(),
            "chips": chips,
            "filter_items": [(item, self.filter_value(item)) for item in self.filters],
            "narrowed": bool(chips or self.query),
            "query": self.query,
            "kept": self.kept("q"),
            "filter_kept": self.kept(*[name for item in self.filters for name in item.params]),
            "clear_url": f"?tab={self.tab.key}" if self.tab else "?",
            "export_url": self.url(export="csv"),
            "bulk_actions": self.bulk_actions(),
            "create": self.create_link(),
            "total_words": self.total_words(page),
        }

    def filter_value(self, item):
        """What the filter's form fields hold."""
        if hasattr(item, "options"):
            return item.options(self.request.GET)
        return item.values(self.request.GET) if hasattr(item, "values") else self.request.GET.get(item.key, "")

    def line(self, row) -> dict:
        """A row as drawn."""
        url = self.url_of(row)
        cells = [(column, column.html(row, url, self.link_related)) for column in self.columns]
        return {"pk": row.pk, "url": url, "cells": cells, "name": str(row)}

    def url_of(self, row) -> str:
        """The row's page: ``row_url`` names a route taking the pk, else get_absolute_url()."""
        if self.row_url:
            return reverse(self.row_url, args=[row.pk])
        return row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""

    def head(self, column) -> dict:
        """A column head, a link when it sorts."""
        current = bool(column.sort) and column.sort == self.order.path
        flipped = paging.Order(column.sort, current and not self.order.descending)
        direction = ("descending" if self.order.descending else "ascending") if current else ""
        return {"column": column, "url": self.url(sort=str(flipped)) if column.sort else "", "direction": direction}

    def tab_items(self) -> list[dict]:
        """Tabs with their counts; filters do not carry over."""
        items = []
        for tab in self.tabs:
            total = self.capped(self.rows.filter(tab.condition(self.request))) if tab.count else None
            tone = tab.tone if total not in (None, "0") else ""
            items.append(
                {"label": tab.label, "url": f"?tab={tab.key}", "count": total, "current": tab == self.tab, "tone": tone}
            )
        return items

    def capped(self, rows) -> str:
        """``214`` or ``1,000+``."""
        total, more = paging.count(rows)
        return number(total) + ("+" if more else "")

    def total_words(self, page) -> str:
        """How many match, in words."""
        if page.more:
            return _("more than %(count)s match") % {"count": number(page.total)}
        return ngettext("%(count)s matches", "%(count)s match", page.total) % {"count": number(page.total)}

    def kept(self, *without) -> list[tuple[str, str]]:
        """The URL's other parameters, for hidden fields of forms."""
        gone = {*without, "after", "before", "export"}
        return [(key, value) for key in self.request.GET if key not in gone for value in self.request.GET.getlist(key)]

    def url(self, **changes) -> str:
        """This list with other parameters, from its first page."""
        params = self.request.GET.copy()
        for key in ("after", "before", "export"):
            params.pop(key, None)
        for key, value in changes.items():
            params[key] = value
        return f"?{params.urlencode()}"

    def bulk_actions(self) -> list[BulkAction]:
        """Those this person may use."""
        return [item for item in self.bulk if not item.permission or self.request.actor.may(item.permission)]

    def create_link(self) -> tuple[str, str] | None:
        """(url, label) of the one filled button."""
        allowed = not self.create_permission or self.request.actor.may(self.create_permission)
        return (reverse(self.create_url), self.create_label or _("New")) if self.create_url and allowed else None

    def post(self, request, *args, **kwargs):
        """A bulk act on the selected rows (or all that match, up to 500); each row succeeds or fails alone."""
        chosen = next((item for item in self.bulk if item.key == request.POST.get("bulk")), None)
        if chosen is None:
            return HttpResponseRedirect(request.get_full_path())
        if chosen.permission:
            require(request.actor, chosen.permission)
        done, refused = self.run_bulk(chosen)
        self.report(chosen, done, refused)
        return HttpResponseRedirect(request.get_full_path())

    def selected(self):
        """The rows meant by the form."""
        if self.request.POST.get("all"):
            return self.matching.order_by("pk")[:BULK_LIMIT]
        ids = [int(value) for value in self.request.POST.getlist("ids") if value.isdecimal()][:BULK_LIMIT]
        return self.rows.filter(pk__in=ids).order_by("pk")

    def run_bulk(self, chosen) -> tuple[int, list[tuple]]:
        """(how many succeeded, [(row, why not)])."""
        done, refused = 0, []
        for row in list(self.selected()):
            try:
                chosen.action(row, actor=self.request.actor)
                done += 1
            except AppError as error:
                refused.append((row, error.message))
        return done, refused

    def report(self, chosen, done: int, refused: list) -> None:
        """Tell what was done, and for each refusal why."""
        if done:
            text = ngettext("%(label)s: done for %(count)s.", "%(label)s: done for %(count)s.", done)
            messages.success(self.request, text % {"label": chosen.label, "count": number(done)})
        for row, why in refused[:8]:
            messages.warning(self.request, f"{row}: {why}")
        if len(refused) > 8:
            messages.warning(self.request, _("%(count)s more were refused.") % {"count": number(len(refused) - 8)})
        if not done and not refused:
            messages.info(self.request, _("Nothing was selected."))


class StaffListView(StaffView, ListView):
    """A list in the console; ``permission`` guards it."""


class PortalListView(PortalView, ListView):
    """A list in the client area: only the chosen client's rows. ``client_path`` leads from the row to its client."""

    frame = "base/portal.html"
    client_path = "client"
    link_related = False
    export = False
    page_size = 25

    def get_queryset(self):
        return super().get_queryset().filter(**{self.client_path: self.request.client.pk})
