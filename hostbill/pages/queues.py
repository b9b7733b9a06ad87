"""Jobs and queues: what ran, what is next, what failed; what leaves the house; events nobody could handle."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from hostbill.core import clock, events, jobs, outgoing
from hostbill.core.access import StaffView
from hostbill.core.audit import audit
from hostbill.core.crud import (
    BulkAction,
    Choice,
    Column,
    DateColumn,
    NumberColumn,
    StaffListView,
    StateColumn,
    Tab,
    Text,
)
from hostbill.core.errors import AppError
from hostbill.core.models import Delivery, JobRun, Lane, Outgoing

VIEW, RETRY = "core.queue.view", "core.queue.retry"
#: A slot that has not begun this long after its time is late.
LATE_AFTER = timedelta(minutes=15)
RUNS_SHOWN = 30


def parts(request) -> list:
    """The three pages as tabs."""
    places = (
        (_("Jobs"), "job_list"),
        (_("Outgoing"), "outgoing_list"),
        (_("Events not handled"), "delivery_list"),
    )
    return [
        {"label": label, "url": reverse(route), "current": request.path == reverse(route)} for label, route in places
    ]


def run_state(run) -> tuple:
    """How a run stands, in words."""
    if run is None:
        return ("draft", _("Never ran"))
    failed = run.counts.get("failed", 0)
    if run.state == JobRun.State.FAILED:
        return ("failed", _("Failed"), run.error[:120])
    if run.state == JobRun.State.DONE:
        return ("attention", _("%(count)d objects failed") % {"count": failed}) if failed else ("ok", _("Done"))
    if run.state == JobRun.State.RUNNING:
        return ("running", _("Running"))
    return ("late", _("Late")) if run.slot < clock.now() - LATE_AFTER else ("pending", _("Waiting"))


def counts_words(run) -> str:
    """issued 12, charged 3."""
    return ", ".join(f"{name} {count}" for name, count in sorted(run.counts.items())) if run else ""


class JobList(StaffView, View):
    """Every job with its last run and its next; those that need a person on top."""

    permission = VIEW

    def get(self, request):
        """One query for the last runs."""
        now = clock.now()
        last = {run.name: run for run in JobRun.objects.order_by("name", "-slot").distinct("name")}
        lines = []
        for job in jobs.all_jobs():
            run = last.get(job.name)
            lines.append(
                {
                    "name": job.name,
                    "run": run,
                    "state": run_state(run),
                    "counts": counts_words(run),
                    "next": job.next_slot(now),
                }
            )
        lines.sort(key=lambda line: (line["state"][0] not in ("failed", "late", "attention"), line["name"]))
        context = {"page_title": _("Jobs and queues"), "tab_items": parts(request), "lines": lines}
        return render(request, "pages/queues/jobs.html", context)


class JobDetail(StaffView, View):
    """The runs of one job, each object that failed with its reason."""

    permission = VIEW

    def get(self, request, name):
        """Newest first."""
        job = next((job for job in jobs.all_jobs() if job.name == name), None)
        if job is None:
            raise Http404
        runs = list(JobRun.objects.filter(name=name).order_by("-slot")[:RUNS_SHOWN])
        context = {
            "page_title": name,
            "crumbs": [(_("Jobs"), reverse("job_list")), (name, "")],
            "next": job.next_slot(clock.now()),
            "runs": [(run, run_state(run), counts_words(run)) for run in runs],
            "failures": [(run, failure) for run in runs for failure in run.failures][:200],
        }
        return render(request, "pages/queues/job.html", context)


def outgoing_state(row) -> tuple:
    """How a row stands, in words."""
    words = {
        "queued": ("attention", _("Will be tried again"), row.error[:160]) if row.error else ("pending", _("Waiting")),
        "sending": ("running", _("Being sent")),
        "unknown": ("attention", _("Answer lost, being looked up"), row.error[:160]),
        "done": ("ok", _("Done")),
        "failed": ("failed", _("Given up"), row.error[:160]),
    }
    return words[row.state]


def retry_outgoing(row, *, actor):
    """Let it be tried again now. AppError when there is nothing to try."""
    if row.state in (Outgoing.State.DONE, Outgoing.State.SENDING):
        raise AppError(_("It is done or being sent."), code="not_retryable")
    outgoing.retry(row)
    audit(actor, "core.outgoing_retried", row)


class OutgoingList(StaffListView):
    """Calls to the outside: charges, panel calls, mails."""

    model = Outgoing
    permission = VIEW
    title = gettext_lazy("Jobs and queues")
    template_name = "pages/queues/outgoing.html"
    columns = [
        Column("kind", gettext_lazy("What"), strong=True, second=lambda row: row.key),
        StateColumn("state", gettext_lazy("State"), value=outgoing_state),
        Column("lane", gettext_lazy("Lane"), muted=True),
        NumberColumn("attempts", gettext_lazy("Tries")),
        DateColumn("next_try_at", gettext_lazy("Next try"), sort="next_try_at", relative=True),
        DateColumn("created_at", gettext_lazy("Since"), sort="created_at", relative=True),
    ]
    filters = [
        Choice("state", gettext_lazy("State"), Outgoing.State.choices),
        Text("kind", gettext_lazy("What")),
        Text("lane", gettext_lazy("Lane")),
    ]
    search = ["key__icontains", "kind__icontains"]
    sort = "next_try_at"
    tabs = [
        Tab(
            "trouble",
            gettext_lazy("In trouble"),
            Q(state__in=["failed", "unknown"]) | Q(state="queued", attempts__gt=0),
            count=True,
            tone="bad",
        ),
        Tab("waiting", gettext_lazy("Waiting"), Q(state__in=["queued", "sending", "unknown"])),
        Tab("done", gettext_lazy("Done"), Q(state="done")),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    bulk = [BulkAction("retry", gettext_lazy("Try again now"), retry_outgoing, permission=RETRY, icon="rotate")]
    empty = (gettext_lazy("Nothing here"), gettext_lazy("Whatever leaves the house is a row here until it is done."))

    def get_queryset(self):
        """All; the permission guards the page."""
        return Outgoing.objects.all()

    def get_context(self):
        """With the lanes that rest or are stopped."""
        lanes = Lane.objects.filter(Q(stopped=True) | Q(open_until__gt=clock.now())).order_by("name")
        more = {"part_items": parts(self.request), "lanes": lanes, "may_retry": self.request.actor.may(RETRY)}
        return {**super().get_context(), **more}


class LaneReopen(StaffView, View):
    """The remote system is mended."""

    permission = RETRY
    http_method_names = ["post"]

    def post(self, request):
        """Let the waiting rows go."""
        lane = get_object_or_404(Lane, pk=request.POST.get("lane", ""))
        outgoing.reopen_lane(lane.pk)
        audit(request.actor, "core.lane_reopened", changes={"lane": [lane.pk, lane.pk]}, reason=lane.reason)
        messages.success(request, _("Lane %(name)s is open again.") % {"name": lane.pk})
        return redirect("outgoing_list")


def delivery_state(row) -> tuple:
    """How a delivery stands, in words."""
    if row.state == Delivery.State.DEAD:
        return ("failed", _("Given up"), row.error[:160])
    if row.state == Delivery.State.DONE:
        return ("ok", _("Done"))
    return ("attention", _("Will be tried again"), row.error[:160]) if row.error else ("pending", _("Waiting"))


def retry_delivery(row, *, actor):
    """Let the handler try again. AppError when it is done."""
    if row.state == Delivery.State.DONE:
        raise AppError(_("It is done."), code="not_retryable")
    events.retry_delivery(row.pk)
    audit(actor, "core.delivery_retried", row)


class DeliveryList(StaffListView):
    """Events that a handler could not take."""

    model = Delivery
    permission = VIEW
    title = gettext_lazy("Jobs and queues")
    template_name = "pages/queues/outgoing.html"
    select = ("event",)
    columns = [
        Column("handler", gettext_lazy("Handler"), strong=True, second=lambda row: str(row.event)),
        StateColumn("state", gettext_lazy("State"), value=delivery_state),
        NumberColumn("attempts", gettext_lazy("Tries")),
        DateColumn("next_try_at", gettext_lazy("Next try"), relative=True),
        DateColumn("event.created_at", gettext_lazy("Happened"), relative=True),
    ]
    search = ["handler__icontains", "event__name__icontains"]
    sort = "-pk"
    tabs = [
        Tab("dead", gettext_lazy("Given up"), Q(state="dead"), count=True, tone="bad"),
        Tab("waiting", gettext_lazy("Waiting"), Q(state="waiting"), count=True),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    bulk = [BulkAction("retry", gettext_lazy("Try again now"), retry_delivery, permission=RETRY, icon="rotate")]
    empty = (gettext_lazy("Nothing here"), gettext_lazy("Every event was handled."))

    def get_queryset(self):
        """All; the permission guards the page."""
        return Delivery.objects.all()

    def get_context(self):
        """With the other queues as tabs."""
        return {**super().get_context(), "part_items": parts(self.request)}


urls = [
    path("staff/jobs/", JobList.as_view(), name="job_list"),
    path("staff/jobs/<str:name>/", JobDetail.as_view(), name="job_detail"),
    path("staff/outgoing/", OutgoingList.as_view(), name="outgoing_list"),
    path("staff/outgoing/lanes/reopen/", LaneReopen.as_view(), name="lane_reopen"),
    path("staff/deliveries/", DeliveryList.as_view(), name="delivery_list"),
]
