"""Files made from lists and acts on many rows: what was asked for, how far it is, what came of each row."""

from django.db.models import Q
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from hostbill.core.access import StaffView
from hostbill.core.crud import (
    Choice,
    Column,
    DateColumn,
    NumberColumn,
    StaffListView,
    StateColumn,
    Tab,
    bulk,
    exporting,
)
from hostbill.core.crud.rebuild import list_path, require_list
from hostbill.core.errors import AppError
from hostbill.core.models import BulkRow, BulkRun, Export
from hostbill.core.options import LIST_EXPORT_DAYS
from hostbill.core.ui import words


def get_it(row) -> str:
    """The link to the file, or how far it is."""
    if not row.file_id:
        return "–"
    return format_html(
        '<a class="link" href="{}" download>{}</a> <span class="muted">{}</span>',
        reverse("export_file", args=[row.pk]),
        _("Download"),
        words.size(row.file.size),
    )


class ExportList(StaffListView):
    """One's own files; those on the way move."""

    model = Export
    title = gettext_lazy("My exports")
    select = ("file",)
    columns = [
        Column("title", gettext_lazy("List"), strong=True, second=lambda row: row.get_format_display()),
        StateColumn(),
        Column("file", gettext_lazy("File"), value=lambda row: row.file.name if row.file_id else "", render=get_it),
        NumberColumn("written", gettext_lazy("Rows")),
        DateColumn("created_at", gettext_lazy("Asked for"), sort="created_at", relative=True),
    ]
    filters = [Choice("state", gettext_lazy("State"), Export.State.choices)]
    sort = "-created_at"
    export = previews = keeps = False
    empty = (
        gettext_lazy("No exports yet"),
        gettext_lazy("Long lists that you export are made in the background and kept here."),
    )

    def get_context(self):
        """Says how long they stay, and looks again while one is on its way."""
        context = super().get_context()
        sub = _("Only you see these. Files are deleted after %(count)d days.") % {"count": LIST_EXPORT_DAYS.value}
        return {**context, "page_sub": sub, "live": any(row.is_open for row in context["page"].rows)}


class ExportFile(StaffView, View):
    """The file itself, for the person who asked, as long as they may still see the list."""

    def get(self, request, pk):
        """As a download, whatever is in it."""
        row = get_object_or_404(Export.objects.visible_to(request.actor).select_related("file", "user"), pk=pk)
        if row.file is None:
            raise Http404
        exporting.reopen(row)
        try:
            content = row.file.content.open("rb")
        except FileNotFoundError as error:
            raise Http404 from error
        return FileResponse(content, as_attachment=True, filename=row.file.name, content_type=row.file.mime)


def tally(run) -> str:
    """41 of 214."""
    return _("%(done)s of %(all)s") % {"done": words.number(run.handled), "all": words.number(run.total)}


class BulkRunList(StaffListView):
    """One's own runs, newest first."""

    model = BulkRun
    title = gettext_lazy("My acts on many rows")
    columns = [
        Column("label", gettext_lazy("What"), link=True, strong=True, second=lambda run: run.title),
        StateColumn(),
        Column("handled", gettext_lazy("Rows"), value=tally, numeric=True),
        NumberColumn("done", gettext_lazy("Done")),
        NumberColumn("refused", gettext_lazy("Refused"), value=lambda run: run.refused + run.failed),
        DateColumn("created_at", gettext_lazy("Begun"), sort="created_at", relative=True),
    ]
    sort = "-created_at"
    export = previews = keeps = False
    empty = (
        gettext_lazy("Nothing yet"),
        gettext_lazy("What you do to many rows of a list at once is kept here, with each row's result."),
    )

    def get_context(self):
        """Looks again while one is on its way."""
        context = super().get_context()
        return {**context, "live": any(run.is_open for run in context["page"].rows)}


class BulkRunDetail(StaffListView):
    """One run: how far it is, and each row with its result."""

    model = BulkRow
    columns = [
        Column("label", gettext_lazy("Row"), link=True, strong=True, value=str),
        StateColumn(),
        DateColumn("at", gettext_lazy("When"), relative=True),
    ]
    search = ["label__icontains", "message__icontains"]
    sort = "pk"
    tabs = [
        Tab("all", gettext_lazy("All"), Q(), count=True),
        Tab("refused", gettext_lazy("Refused"), Q(state__in=["refused", "failed"]), count=True, tone="bad"),
        Tab("done", gettext_lazy("Done"), Q(state="done"), count=True),
        Tab("waiting", gettext_lazy("Waiting"), Q(state="waiting"), count=True),
    ]
    previews = keeps = False
    band_template = "pages/list_work/run.html"
    empty = (gettext_lazy("No rows here"), "")

    @cached_property
    def run(self):
        """The run of the URL, or 404; 403 for who may not see its list any more, since rows have names."""
        run = get_object_or_404(BulkRun.objects.visible_to(self.request.actor), pk=self.kwargs["pk"])
        require_list(self.request.actor, run)
        return run

    @property
    def title(self):
        """What was done to which list."""
        return str(self.run)

    def get_queryset(self):
        """This run's rows."""
        return super().get_queryset().filter(run=self.run)

    def get_context(self):
        """With the band, the way back, and another look while it moves."""
        context = {"run": self.run, "back_url": f"{list_path(self.run)}?{self.run.query}", "live": self.run.is_open}
        if self.run.is_collected and self.run.total:
            context["percent"] = self.run.handled * 100 // self.run.total
        context["crumbs"] = [(gettext_lazy("My acts on many rows"), reverse("bulk_run_list")), (self.title, "")]
        return {**super().get_context(), **context}


class BulkRunStop(StaffView, View):
    """No further row."""

    http_method_names = ["post"]

    def post(self, request, pk):
        """What was done stands."""
        run = get_object_or_404(BulkRun.objects.visible_to(request.actor), pk=pk)
        try:
            bulk.stop(run, actor=request.actor)
        except AppError:
            pass  # it has just ended by itself, which the page shows
        return redirect("bulk_run_detail", pk=pk)


urls = [
    path("staff/exports/", ExportList.as_view(), name="export_list"),
    path("staff/exports/<int:pk>/file/", ExportFile.as_view(), name="export_file"),
    path("staff/bulk/", BulkRunList.as_view(), name="bulk_run_list"),
    path("staff/bulk/<int:pk>/", BulkRunDetail.as_view(), name="bulk_run_detail"),
    path("staff/bulk/<int:pk>/stop/", BulkRunStop.as_view(), name="bulk_run_stop"),
]
