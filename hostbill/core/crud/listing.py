"""The list screen: tabs and saved views, search, filters, sort, columns, keyset pages, acts on rows, previews, files."""

import secrets
from functools import partial

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from hostbill.core import clock
from hostbill.core.access import PortalView, StaffView, require
from hostbill.core.addresses import address
from hostbill.core.crud import bulk, paging
from hostbill.core.crud.bulk import BulkAction
from hostbill.core.crud.bundles import Bundle
from hostbill.core.crud.columns import Column, DateColumn, MoneyColumn
from hostbill.core.crud.exporting import ExportMixin
from hostbill.core.crud.pickers import PickMixin
from hostbill.core.crud.preview import PreviewMixin
from hostbill.core.crud.saved import SavedViewsMixin
from hostbill.core.crud.state import ROW_CHOICES, ListState, Tab, plain
from hostbill.core.crud.table import Table
from hostbill.core.doors import open_to, opens
from hostbill.core.models import BulkRow
from hostbill.core.money import Money
from hostbill.core.templatetags.kept import hashable
from hostbill.core.ui.words import number

__all__ = ["BulkAction", "ListView", "PortalListView", "StaffListView", "Tab"]

#: Chosen rows that one form may name; more are named by "all that match".
MOST_CHOSEN = 1000
#: Refusals told at once; with more, the page with each row's result is better.
TOLD = 8
#: Rows named on the page that asks before an act.
NAMED = 12


class BulkMixin:
    """What a list does with ``bulk=<key>``."""

    def bulk_actions(self) -> list[BulkAction]:
        """Those this person may use."""
        return [item for item in self.bulk if not item.permission or self.request.actor.may(item.permission)]

    def post_bulk(self):
        """An act on the chosen rows, or on all that match; each row succeeds or fails alone."""
        chosen = next((item for item in self.bulk if item.key == self.request.POST.get("bulk")), None)
        if chosen is None:
            return self.here()
        if chosen.permission:
            require(self.request.actor, chosen.permission)
        if not self.everything and not self.chosen_ids:
            messages.info(self.request, _("Nothing was selected."))
            return self.stay()
        if isinstance(chosen, Bundle):
            return self.post_bundle(chosen)
        sure = bool(self.request.POST.get("sure"))
        form = chosen.form_class(self.request.POST if sure else None) if chosen.form_class else None
        if (chosen.asks or self.is_many) and (not sure or form is not None and not form.is_valid()):
            return self.ask(chosen, form, 422 if sure else 200)
        return self.run(chosen, form)

    @property
    def everything(self) -> bool:
        """Whether all that match are meant."""
        return bool(self.request.POST.get("all"))

    @property
    def chosen_ids(self) -> list[int]:
        """Keys of the rows named by the form."""
        ids = self.request.POST.getlist("ids")[:MOST_CHOSEN]
        return [int(value) for value in ids if value.isdecimal() and len(value) < 18]

    @property
    def is_many(self) -> bool:
        """More than are seen on the page: asked about before."""
        return self.everything

    def meant(self):
        """The rows meant by the form."""
        return self.matching if self.everything else self.rows.filter(pk__in=self.chosen_ids)

    def ask(self, chosen: BulkAction, form, status: int):
        """The page between the button and the act: what will be done to which rows, and what else is to be said."""
        rows = self.meant()
        total, more = paging.count(rows)
        context = {
            "view": self,
            "frame": self.frame,
            "page_title": chosen.label,
            "crumbs": [*self.trail, (self.title, self.request.path), (chosen.label, "")],
            "chosen": chosen,
            "form": form,
            "named": [str(row) for row in rows.order_by("pk")[:NAMED]],
            "total": total,
            "total_words": f"{number(total)}+" if more else number(total),
            "more": max(0, total - NAMED),
            "sums": self.sums(rows),
            "everything": self.everything,
            "ids": self.chosen_ids,
            "once": self.request.POST.get("once", ""),
            "back_url": f"{self.request.path}{self.url()}",
        }
        return render(self.request, "components/bulk_ask.html", context, status=status)

    def run(self, chosen: BulkAction, form):
        """At once for a handful, else in the background with a page that shows how far it is."""
        answers = QueryDict(mutable=True)
        for name in form.fields if form is not None else ():
            answers.setlist(name, self.request.POST.getlist(name))
        ids = [] if self.everything else self.chosen_ids
        token = self.request.POST.get("once", "")
        started = bulk.start(self, chosen, ids=ids, everything=self.everything, answers=answers, token=token)
        if not started.is_new:
            messages.info(self.request, _("That was sent already; it was done once."))
        if not started.is_new or started.is_open or started.handled > TOLD and started.done < started.total:
            return HttpResponseRedirect(started.get_absolute_url())
        self.report(started)
        return self.stay()

    def stay(self) -> HttpResponseRedirect:
        """The same page of the list."""
        return HttpResponseRedirect(self.request.get_full_path())

    def report(self, run) -> None:
        """Tell what was done, and for each refusal why."""
        if run.done:
            text = ngettext("%(label)s: done for %(count)s.", "%(label)s: done for %(count)s.", run.done)
            messages.success(self.request, text % {"label": run.label, "count": number(run.done)})
        for row in run.rows.exclude(state=BulkRow.State.DONE).order_by("pk"):
            messages.warning(self.request, f"{row}: {row.message}")
        if run.error:
            messages.error(self.request, run.error)
        if not run.total:
            messages.info(self.request, _("Nothing was selected."))


class ListView(ListState, SavedViewsMixin, BulkMixin, ExportMixin, PreviewMixin, View):
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
    prefetch_drawn: dict = {}  # relation -> Compiled, instead of it where rows are only shown: see `attach`
    create_url = ""
    create_label = ""
    create_permission = ""
    previews = True
    band_template = ""
    #: Links to neighbouring lists, above this one.
    places_template = ""
    empty: tuple = ()
    crumbs: list = []
    row_url = ""
    link_related = True
    frame = "base/staff.html"
    template_name = "components/list_page.html"
    #: What forms of a list may ask for: ``do`` -> method.
    posts = {
        "bulk": "post_bulk",
        "export": "post_export",
        "columns": "post_columns",
        "density": "post_density",
        "rows": "post_rows",
        "view_save": "post_view_save",
        "view_update": "post_view_update",
        "view_rename": "post_view_rename",
        "view_delete": "post_view_delete",
        "view_start": "post_view_start",
    }

    def get_queryset(self):
        """All rows this person may see, before tab, filters and search."""
        return self.model.objects.visible_to(self.request.actor)

    def get(self, request, *args, **kwargs):
        """The list, its inner part for htmx, a row's preview, or the sums of all that match."""
        htmx = getattr(request, "htmx", None)
        if htmx and "sums" in request.GET:
            return render(request, "components/list_sums.html", {"sums": self.sums(self.matching)})
        if htmx and self.previews and "preview" in request.GET and htmx.target == "list-peek":
            return self.show_preview()
        start = self.start_url() if self.keeps and not request.GET and not htmx else ""
        return self.go(start) if start else self.show()

    def post(self, request, *args, **kwargs):
        """One of the list's own forms."""
        do = request.POST.get("do") or ("bulk" if "bulk" in request.POST else "")
        name = self.posts.get(do)
        if name is None or (do.startswith(("view", "columns", "density", "rows")) and not (self.keeps and request.actor.user_id)):
            return self.stay()
        return getattr(self, name)()

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
        page = self.make_page()
        lazy = SimpleLazyObject  # what stands in a kept piece is worked out only when that is drawn anew
        return {
            "view": self,
            "frame": self.frame,
            "page_title": self.title,
            "crumbs": self.trail,
            "page": page,
            "lines": Table(self).html(page.rows),
            "heads": lazy(self.heads),
            "tab_items": self.all_tabs,
            "view_menu": self.view_menu(),
            "column_items": lazy(self.column_items) if self.keeps else [],
            "sort_items": lazy(self.sort_items),
            "chips": lazy(self.chips),
            "filter_items": lazy(self.filter_items),
            "narrowed": self.is_narrowed,
            "query": self.query,
            "kept": self.kept("q"),
            "filter_kept": self.kept(*[name for item in self.filters for name in item.params]),
            "clear_url": f"?tab={self.tab.key}" if self.tab else "?",
            "bulk_actions": self.bulk_actions(),
            "once": secrets.token_hex(8),
            "create": self.create_link(),
            "total_words": self.total_words(page),
            "all_words": self.all_words(page),
            "row_choices": self.row_choices() if page.next_url or page.shown > ROW_CHOICES[0] else (),
            "peek": self.peek(self.previewed) if self.previews and self.previewed else None,
        }

    @cached_property
    def tools_key(self) -> tuple:
        """All that head and tools of this list depend on besides its rows, so that they are kept: see `kept`."""
        actor = self.request.actor
        return hashable(
            (
                self.list_key,
                plain(self.params).urlencode(),
                [column.key for column in self.shown_columns],
                self.is_compact,
                self.all_tabs,
                self.view_menu(),
                (actor.kind, actor.permissions, actor.superuser),
                clock.today(),
                # Names of other objects stand in the tools: what is made or renamed shows within a minute.
                clock.now().replace(second=0, microsecond=0) if self.names_objects else None,
            )
        )

    @property
    def names_objects(self) -> bool:
        """Whether the tools offer rows to choose from, or say which was chosen."""
        return self.is_narrowed or any(getattr(item, "offer", False) for item in self.filters)

    def heads(self) -> list[dict]:
        """The column heads."""
        return [self.head(column) for column in self.shown_columns]

    def chips(self) -> list:
        """The filters in force."""
        return [chip for chip in (item.chip(self.params) for item in self.filters) if chip]

    def filter_items(self) -> list[tuple]:
        """Each filter with what its fields in the menu hold."""
        return [(item, self.filter_value(item)) for item in self.filters]

    @property
    def is_narrowed(self) -> bool:
        """Whether less than the whole tab is asked for."""
        return bool(self.query) or any(self.params.get(name) for item in self.filters for name in item.params)

    @property
    def sums_url(self) -> str:
        """Where the sums of all that match are."""
        return self.url(sums=1) if self.sum_column and self.sum_column.path(self.model) else ""

    @property
    def trail(self) -> list:
        """Breadcrumb: the class's ``crumbs`` (label, route or address)."""
        return [
            (label, reverse(place) if place and not place.startswith("/") else place) for label, place in self.crumbs
        ]

    def make_page(self):
        """The page of rows, and in one query how many match here and under each counted tab."""
        page = paging.take(self.matching, self.order, self.params, self.page_size, self.draw)
        counted = [tab for tab in self.tabs if tab.count]
        totals = paging.counts([self.matching, *(self.rows.filter(tab.condition(self.request)) for tab in counted)])
        page.total, page.more = totals[0]
        shown = {tab.key: capped(*total) for tab, total in zip(counted, totals[1:], strict=True)}
        self.all_tabs = [self.tab_item(tab, shown.get(tab.key)) for tab in self.tabs] + self.view_tabs(
            capped(*totals[0])
        )
        page.previous_label, page.next_label = self.page_labels()
        return page

    def tab_item(self, tab: Tab, total: str | None) -> dict:
        """A tab with its count; filters do not carry over."""
        current = tab == self.tab and self.saved is None
        tone = tab.tone if total not in (None, number(0)) else ""
        return {"label": tab.label, "url": f"?tab={tab.key}", "count": total, "current": current, "tone": tone}

    def page_labels(self) -> tuple[str, str]:
        """The ways to the pages before and after, named by the sort where it is one of time."""
        column = next((column for column in self.every_column if column.sort == self.order.path), None)
        if not isinstance(column, DateColumn):
            return _("Previous"), _("Next")
        earlier, later = _("Earlier"), _("Later")
        return (later, earlier) if self.order.descending else (earlier, later)

    def filter_value(self, item):
        """What the filter's form fields hold."""
        if hasattr(item, "options"):
            return item.options(self.params)
        if hasattr(item, "spans"):
            return {"spans": item.spans(self.params), "days": item.values(self.params)}
        return item.values(self.params) if hasattr(item, "values") else self.params.get(item.key, "")

    @cached_property
    def sum_column(self) -> Column | None:
        """The amounts that are added up for chosen rows: the strong ones, else the last."""
        amounts = [column for column in self.shown_columns if isinstance(column, MoneyColumn)]
        return next((column for column in amounts if column.strong), amounts[-1] if amounts else None)

    def sums(self, rows) -> list[Money]:
        """Totals of these rows by currency, never over currencies."""
        path = self.sum_column.path(self.model) if self.sum_column else ""
        if not path:
            return []
        found = rows.order_by().values("currency").annotate(sum_of_rows=Sum(path)).order_by("currency")
        return [Money(line["sum_of_rows"], line["currency"]) for line in found]

    def url_of(self, row) -> str:
        """The row's page: ``row_url`` names a route taking the pk, else get_absolute_url()."""
        if self.row_url:
            return address(self.row_url, row.pk)
        return row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""

    def open_url(self, row) -> str:
        """The row's page, if this person may open it."""
        return open_to(self.request.actor, self.url_of(row))

    @property
    def opens(self):
        """``opens(url)``: whether a cell links to the object that it names; None where none does."""
        return partial(opens, self.request.actor) if self.link_related else None

    def head(self, column) -> dict:
        """A column head, a link when it sorts."""
        current = bool(column.sort) and column.sort == self.order.path
        flipped = paging.Order(column.sort, current and not self.order.descending)
        direction = ("descending" if self.order.descending else "ascending") if current else ""
        return {"column": column, "url": self.url(sort=str(flipped)) if column.sort else "", "direction": direction}

    def total_words(self, page) -> str:
        """How many match, in words."""
        if page.more:
            return _("more than %(count)s match") % {"count": number(page.total)}
        return ngettext("%(count)s matches", "%(count)s match", page.total) % {"count": number(page.total)}

    def all_words(self, page) -> str:
        """Offer to take all that match, when they are more than are seen."""
        if not page.next_url and not page.previous_url:
            return ""
        if page.more:
            return _("All that match, more than %(count)s") % {"count": number(page.total)}
        return _("All %(count)s that match") % {"count": number(page.total)}

    def create_link(self) -> tuple[str, str] | None:
        """(url, label) of the one filled button."""
        allowed = not self.create_permission or self.request.actor.may(self.create_permission)
        return (reverse(self.create_url), self.create_label or _("New")) if self.create_url and allowed else None


def capped(total: int, more: bool) -> str:
    """``214`` or ``1,000+``."""
    return number(total) + ("+" if more else "")


class StaffListView(StaffView, PickMixin, ListView):
    """A list in the console; ``permission`` guards it."""

    keeps = True


class PortalListView(PortalView, ListView):
    """A list in the client area: only the chosen client's rows. ``client_path`` leads from the row to its client."""

    frame = "base/portal.html"
    client_path = "client"
    link_related = False
    export = False
    previews = False

    def get_queryset(self):
        return super().get_queryset().filter(**{self.client_path: self.request.client.pk})
