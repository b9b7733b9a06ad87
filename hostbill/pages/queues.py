"""Jobs and queues: what ran, what is next, what failed; what leaves the house; events nobody could handle."""

import json
import re

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from hostbill.core import clock, events, jobs, labels, outgoing
from hostbill.core.access import StaffView
from hostbill.core.audit import audit
from hostbill.core.crud import (
    BulkAction,
    Choice,
    Column,
    DateColumn,
    NumberColumn,
    StaffDetailView,
    StaffListView,
    StateColumn,
    Tab,
    detail,
)
from hostbill.core.crud.named import Named, family, with_words
from hostbill.core.errors import AppError
from hostbill.core.failures import explain, short
from hostbill.core.labels import CALL, EVENT, HANDLER, kind_of
from hostbill.core.models import Change, Delivery, JobRun, Lane, Outgoing
from hostbill.core.ui.words import moment_words
from hostbill.pages.job_words import counts_words, job_label, last_runs, late_jobs, run_state
from hostbill.pages.lane_words import lane_choices, lane_name, lane_words
from hostbill.pages.links import object_url

VIEW, RETRY = "core.queue.view", "core.queue.retry"
RUNS_SHOWN = 30
CALL_STATES = [
    ("queued", gettext_lazy("Waiting")),
    ("sending", gettext_lazy("Being sent")),
    ("unknown", gettext_lazy("Answer lost")),
    ("done", gettext_lazy("Done")),
    ("failed", gettext_lazy("Given up")),
]
#: Names of values that are never shown.
SECRET = re.compile(r"secret|password|token|url\b|link", re.I)


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


class JobList(StaffView, View):
    """Every job with its last run and its next; those that need a person on top."""

    permission = VIEW

    def get(self, request):
        """One query for the last runs."""
        now, last = clock.now(), last_runs()
        late = {job.name: job.due for job in late_jobs(last)}
        lines = []
        for job in jobs.all_jobs():
            run = last.get(job.name)
            state = run_state(run)
            if job.name in late:
                state = ("late", _("Late"), _("should have begun %(at)s") % {"at": moment_words(late[job.name])})
            lines.append(
                {
                    "name": job.name,
                    "label": job_label(job.name),
                    "run": run,
                    "state": state,
                    "counts": counts_words(run),
                    "next": job.next_slot(now),
                }
            )
        lines.sort(key=lambda line: (line["state"][0] not in ("failed", "late", "attention"), line["label"]))
        trouble = sum(line["state"][0] in ("failed", "late", "attention") for line in lines)
        context = {
            "page_title": _("Jobs and queues"),
            "tab_items": parts(request),
            "lines": lines,
            "trouble": trouble,
            "may_run": request.actor.may(RETRY),
        }
        return render(request, "pages/queues/jobs.html", context)


def find_job(name: str):
    """Raises Http404."""
    job = next((job for job in jobs.all_jobs() if job.name == name), None)
    if job is None:
        raise Http404
    return job


class JobDetail(StaffView, View):
    """The runs of one job, each object that failed with its reason."""

    permission = VIEW

    def get(self, request, name):
        """Newest first."""
        job = find_job(name)
        runs = list(JobRun.objects.filter(name=name).order_by("-slot")[:RUNS_SHOWN])
        timed = [run for run in reversed(runs) if run.seconds is not None]
        context = {
            "page_title": job_label(name),
            "name": name,
            "crumbs": [(_("Jobs"), reverse("job_list")), (job_label(name), "")],
            "next": job.next_slot(clock.now()),
            "is_running": any(run.state in (JobRun.State.QUEUED, JobRun.State.RUNNING) for run in runs),
            "runs": [(run, run_state(run), counts_words(run)) for run in runs],
            "chart": [(moment_words(run.slot), run.seconds) for run in timed] if len(timed) > 2 else [],
            "failures": [
                (run, row, kind_of(kind), object_url(kind, row.get("id")), explain("", row["error"]))
                for run in runs
                for row in run.failures
                for kind in [row.get("object", "")]
            ][:200],
            "may_run": request.actor.may(RETRY),
        }
        return render(request, "pages/queues/job.html", context)


class JobRunNow(StaffView, View):
    """Not at its time, but now."""

    permission = RETRY
    http_method_names = ["post"]

    def post(self, request, name):
        """A slot of its own; a worker takes it at once."""
        find_job(name)
        try:
            jobs.run_now(name, actor=request.actor)
            messages.success(request, _("%(job)s: begins now.") % {"job": job_label(name)})
        except AppError as error:
            messages.info(request, error.message)
        return redirect("job_detail", name)


def outgoing_state(row) -> tuple:
    """How a row stands, in words."""
    said = short(row.error_code, row.error)[:160]
    words = {
        "queued": ("attention", _("Will be tried again"), said) if row.error else ("pending", _("Waiting")),
        "sending": ("running", _("Being sent")),
        "unknown": ("attention", _("Answer lost, being looked up"), said),
        "done": ("ok", _("Done")),
        "failed": ("failed", _("Given up"), said),
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
    row_url = "outgoing_detail"
    title = gettext_lazy("Jobs and queues")
    template_name = "pages/queues/outgoing.html"
    columns = [
        Column(
            "kind",
            gettext_lazy("What"),
            value=lambda row: row.call_words,
            strong=True,
            link=True,
            second=lambda row: f"{row.kind} {row.key}",
        ),
        StateColumn("state", gettext_lazy("State"), value=outgoing_state),
        Column("lane", gettext_lazy("Lane"), value=lambda row: getattr(row, "lane_words", row.lane), muted=True),
        NumberColumn("attempts", gettext_lazy("Tries")),
        DateColumn("next_try_at", gettext_lazy("Next try"), sort="next_try_at", relative=True),
        DateColumn("created_at", gettext_lazy("Since"), sort="created_at", relative=True),
    ]
    filters = [
        Choice("state", gettext_lazy("State"), CALL_STATES),
        Named("kind", gettext_lazy("What"), family(CALL)),
        Named("lane", gettext_lazy("Lane"), lane_choices),
    ]
    search = ["key__icontains"]
    sort = "-pk"
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

    def search_condition(self, text):
        """By key, kind, and what the kind is called."""
        return super().search_condition(text) | with_words("kind", labels.choices(CALL), text)

    def make_page(self):
        """With what its lanes are called."""
        page = super().make_page()
        called = lane_words(row.lane for row in page.rows)
        for row in page.rows:
            row.lane_words = called[row.lane]
        return page

    def get_context(self):
        """With the lanes that rest or are stopped."""
        lanes = list(Lane.objects.filter(Q(stopped=True) | Q(open_until__gt=clock.now())).order_by("name"))
        called = lane_words(lane.name for lane in lanes)
        lanes = [(lane, called[lane.name]) for lane in lanes]
        more = {"part_items": parts(self.request), "lanes": lanes, "may_retry": self.request.actor.may(RETRY)}
        return {**super().get_context(), **more}


class OutgoingDetail(StaffDetailView):
    """One call: what was asked, what was answered, and the way to try again."""

    model = Outgoing
    permission = VIEW
    template_name = "pages/queues/outgoing_row.html"
    crumbs = [(gettext_lazy("Outgoing"), "outgoing_list")]

    def get_queryset(self):
        """All; the permission guards the page."""
        return Outgoing.objects.all()

    def facts(self, row):
        """The row as it stands."""
        return [
            (_("What"), row.call_words),
            (_("Kind"), row.kind),
            (_("Key"), row.key),
            (_("Object"), row.object_id),
            (_("Lane"), lane_name(row.lane)),
            (_("Tries"), row.attempts),
            (_("Since"), row.created_at),
            (_("Next try"), row.next_try_at if row.state in ("queued", "unknown") else None),
            (_("Ended"), row.finished_at),
            (_("Request"), row.request_id or "–"),
        ]

    def more_context(self, row):
        """The conversation with the outside, and the changes that belong to the same request."""
        same = Change.objects.filter(request_id=row.request_id).order_by("-pk")[:20] if row.request_id else []
        return {
            "row": row,
            "state_words": outgoing_state(row)[:2],
            "told": explain(row.error_code, row.error),
            "may_retry": self.request.actor.may(RETRY) and row.state not in ("done", "sending"),
            "payload": pretty(row.payload),
            "answer": pretty(row.answer),
            "changes": same,
        }


def pretty(value) -> str:
    """JSON to be read, without what opens something; empty for nothing."""
    return json.dumps(_veiled(value), indent=2, ensure_ascii=False, default=str) if value else ""


def _veiled(value):
    if isinstance(value, dict):
        return {key: _("hidden") if SECRET.search(str(key)) else _veiled(inner) for key, inner in value.items()}
    return [_veiled(inner) for inner in value] if isinstance(value, list) else value


class _Retry(StaffView, View):
    """One row is tried again now."""

    permission = RETRY
    http_method_names = ["post"]
    model = None
    action = None
    back = ""

    def post(self, request, pk):
        """Refusals are told."""
        row = get_object_or_404(self.model, pk=pk)
        try:
            type(self).action(row, actor=request.actor)
            messages.success(request, _("It is tried again now."))
        except AppError as error:
            messages.info(request, error.message)
        return redirect(self.back, pk)


class OutgoingRetry(_Retry):
    """A call."""

    model, action, back = Outgoing, staticmethod(retry_outgoing), "outgoing_detail"


class LaneReopen(StaffView, View):
    """The remote system is mended."""

    permission = RETRY
    http_method_names = ["post"]

    def post(self, request):
        """Let the waiting rows go."""
        lane = get_object_or_404(Lane, pk=request.POST.get("lane", ""))
        outgoing.reopen_lane(lane.pk)
        audit(request.actor, "core.lane_reopened", changes={"lane": [lane.pk, lane.pk]}, reason=lane.reason)
        messages.success(request, _("Lane %(name)s is open again.") % {"name": lane_name(lane.pk)})
        return redirect("outgoing_list")


def delivery_state(row) -> tuple:
    """How a delivery stands, in words."""
    if row.state == Delivery.State.DEAD:
        return ("failed", _("Given up"), short("crashed", row.error)[:160])
    if row.state == Delivery.State.DONE:
        return ("ok", _("Done"))
    return ("attention", _("Will be tried again"), short("crashed", row.error)[:160]) if row.error else ("pending", _("Waiting"))


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
    row_url = "delivery_detail"
    title = gettext_lazy("Jobs and queues")
    template_name = "pages/queues/outgoing.html"
    select = ("event",)
    columns = [
        Column(
            "handler",
            gettext_lazy("What"),
            value=lambda row: row.handler_words,
            strong=True,
            link=True,
            second=lambda row: row.handler,
        ),
        Column(
            "event", gettext_lazy("After"), value=lambda row: row.event.words, second=lambda row: row.event, muted=True
        ),
        StateColumn("state", gettext_lazy("State"), value=delivery_state),
        NumberColumn("attempts", gettext_lazy("Tries")),
        DateColumn("next_try_at", gettext_lazy("Next try"), relative=True),
        DateColumn("event.created_at", gettext_lazy("Happened"), relative=True),
    ]
    filters = [
        Named("handler", gettext_lazy("What"), family(HANDLER)),
        Named("event__name", gettext_lazy("After"), family(EVENT)),
    ]
    search = ["handler__iexact"]
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

    def search_condition(self, text):
        """By the handler and the event, and what they are called."""
        handler = with_words("handler", labels.choices(HANDLER), text)
        return handler | with_words("event__name", labels.choices(EVENT), text)

    def get_context(self):
        """With the other queues as tabs."""
        return {**super().get_context(), "part_items": parts(self.request)}


class DeliveryDetail(StaffDetailView):
    """One event for one handler: what happened, why it was not taken."""

    model = Delivery
    permission = VIEW
    select = ("event",)
    template_name = "pages/queues/delivery_row.html"
    crumbs = [(gettext_lazy("Events not handled"), "delivery_list")]

    def get_queryset(self):
        """All; the permission guards the page."""
        return Delivery.objects.select_related("event")

    def title(self, row):
        return row.handler_words

    def facts(self, row):
        """The event and its tries."""
        return [
            (_("Event"), row.event.words),
            (_("Name of the event"), row.event.name),
            (_("Name of the handler"), row.handler),
            (_("Happened"), row.event.created_at),
            (_("Tries"), row.attempts),
            (_("Next try"), row.next_try_at if row.state == "waiting" else None),
            (_("Done"), row.done_at),
            (_("Request"), row.event.request_id or "–"),
        ]

    def more_context(self, row):
        """The event's ids, and the others who were told of it."""
        return {
            "row": row,
            "state_words": delivery_state(row)[:2],
            "told": explain("crashed", row.error),
            "payload": pretty(row.event.payload),
            "may_retry": self.request.actor.may(RETRY) and row.state != "done",
            "others": [
                (other, delivery_state(other)) for other in row.event.deliveries.exclude(pk=row.pk).order_by("pk")[:30]
            ],
        }


class DeliveryRetry(_Retry):
    """A delivery."""

    model, action, back = Delivery, staticmethod(retry_delivery), "delivery_detail"


urls = [
    path("staff/jobs/", JobList.as_view(), name="job_list"),
    path("staff/jobs/<str:name>/", JobDetail.as_view(), name="job_detail"),
    path("staff/jobs/<str:name>/run/", JobRunNow.as_view(), name="job_run"),
    path("staff/outgoing/", OutgoingList.as_view(), name="outgoing_list"),
    *detail("staff/outgoing/<int:pk>/", OutgoingDetail, "outgoing_detail"),
    path("staff/outgoing/<int:pk>/retry/", OutgoingRetry.as_view(), name="outgoing_retry"),
    path("staff/outgoing/lanes/reopen/", LaneReopen.as_view(), name="lane_reopen"),
    path("staff/deliveries/", DeliveryList.as_view(), name="delivery_list"),
    *detail("staff/deliveries/<int:pk>/", DeliveryDetail, "delivery_detail"),
    path("staff/deliveries/<int:pk>/retry/", DeliveryRetry.as_view(), name="delivery_retry"),
]
