"""What leaves the house: calls that wait, failed or lost their answer."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from hostbill.core import clock, labels, outgoing
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
)
from hostbill.core.crud.named import Named, family, with_words
from hostbill.core.errors import AppError
from hostbill.core.failures import explain, short
from hostbill.core.labels import CALL
from hostbill.core.models import Change, Lane, Outgoing
from hostbill.pages.lane_words import lane_choices, lane_name, lane_words

from .places import RETRY, VIEW, Retry, parts, pretty

CALL_STATES = [
    ("queued", gettext_lazy("Waiting")),
    ("sending", gettext_lazy("Being sent")),
    ("unknown", gettext_lazy("Answer lost")),
    ("done", gettext_lazy("Done")),
    ("failed", gettext_lazy("Given up")),
]


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
        DateColumn("next_try_at", gettext_lazy("Next try"), relative=True),
        DateColumn("created_at", gettext_lazy("Since"), sort="pk", relative=True),
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


class OutgoingRetry(Retry):
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
