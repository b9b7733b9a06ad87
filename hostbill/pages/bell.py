"""Notices (the bell): what happened lately that needs this person. Made from the rows themselves, so that nothing is told twice
or forgotten; only how far each person has read is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from billing.models import GatewayEvent, Order
from hostbill.core import clock, preferences
from hostbill.core.access import StaffView
from hostbill.core.compiled import Compiled
from hostbill.core.crud import bulk
from hostbill.core.failures import short
from hostbill.core.models import BulkRun, Delivery, Export, JobRun, Message, Outgoing, WebhookEndpoint
from hostbill.core.ui.words import money
from hostbill.pages.job_words import job_label
from hostbill.pages.links import address
from provisioning.models import Operation
from support.models import Ticket

RECENT = timedelta(days=14)
EACH = 10  # newest of each kind
COUNT_SECONDS = 30  # the figure on the bell is a hint; the list behind it is exact
JOB_LATE = timedelta(minutes=15)
READ = "notices.read"


_WAITING = Ticket.objects.waiting_for_us().select_related("client")
_MINE = Compiled(
    lambda user, since: _WAITING.filter(assigned_to_id=user, waiting_since__gt=since).order_by("-waiting_since")[:EACH],
    user=int,
    since=datetime,
)
_LATE = Compiled(
    lambda since, now: _WAITING.filter(assigned_to=None, reply_due_at__range=(since, now)).order_by("-reply_due_at")[:EACH],
    since=datetime,
    now=datetime,
)
_NEWER = Operation.objects.filter(service=OuterRef("service"), pk__gt=OuterRef("pk"))
_OPERATIONS = Compiled(
    lambda since: Operation.objects.filter(~Exists(_NEWER), state="failed", updated_at__gt=since)
    .select_related("service")
    .order_by("-updated_at")[:EACH],
    since=datetime,
)
_GATEWAYS = Compiled(
    lambda since: GatewayEvent.objects.filter(state="failed", received_at__gt=since).order_by("-pk")[:EACH], since=datetime
)
_JOBS = Compiled(lambda since: JobRun.objects.filter(state="failed", created_at__gt=since).order_by("-pk")[:EACH], since=datetime)
_LATE_JOBS = Compiled(
    lambda since, before: JobRun.objects.filter(state="queued", slot__range=(since, before)).order_by("-pk")[:EACH],
    since=datetime,
    before=datetime,
)
#: Calls that tell of their failure in another way.
_TOLD = ["core.message", "provisioning.operation", "core.webhook"]
_CALLS = Compiled(
    lambda since: Outgoing.objects.filter(state="failed", created_at__gt=since).exclude(kind__in=_TOLD).order_by("-pk")[:EACH],
    since=datetime,
)
_DEAD = Compiled(
    lambda since: Delivery.objects.filter(state="dead", event__created_at__gt=since).select_related("event").order_by("-pk")[:EACH],
    since=datetime,
)


@dataclass(frozen=True)
class Note:
    """One thing that happened. ``kind``: shape and colour, as of states. ``is_new``: not marked as read yet."""

    at: datetime
    kind: str
    title: str
    why: str
    url: str
    is_new: bool = False


def notes(actor) -> list[Note]:
    """The newest first."""
    since, read = clock.now() - RECENT, read_until(actor)
    found = [
        Note(at, kind, str(title), str(why), url, at > read)
        for source in SOURCES
        for at, kind, title, why, url in source(actor, since)
    ]
    return sorted(found, key=lambda note: note.at, reverse=True)


def read_until(actor) -> datetime:
    """Up to when this person has marked notices as read; two weeks ago at first."""
    stored = preferences.read(actor, READ)
    return datetime.fromisoformat(stored) if stored else clock.now() - RECENT


def cache_key(actor) -> str:
    """Where the figure on a person's bell is kept."""
    return f"bell.{actor.user_id}"


def count_new(actor) -> int:
    """How many are not marked as read."""
    return sum(note.is_new for note in notes(actor))


def mark_read(actor) -> None:
    """Everything so far is known to this person."""
    preferences.store(actor, READ, clock.now().isoformat())
    cache.delete(cache_key(actor))


def own_tickets(actor, since):
    """The client answered on a ticket of mine, or nobody answered one in time."""
    if not actor.may("support.ticket.view"):
        return
    for ticket in _MINE(user=actor.user_id, since=since):
        yield ticket.waiting_since, "attention", ticket.subject, ticket.client.name, ticket.get_absolute_url()
    for ticket in _LATE(since=since, now=clock.now()):
        why = _("%(client)s: past the promised time") % {"client": ticket.client.name}
        yield ticket.reply_due_at, "late", ticket.subject, why, ticket.get_absolute_url()


def operations(actor, since):
    """Operations on servers that failed, unless something newer was tried."""
    for row in _OPERATIONS(since=since) if actor.may("provisioning.service.view") else ():
        title = _("%(verb)s failed: %(service)s") % {"verb": row.get_verb_display(), "service": row.service}
        yield (
            row.failed_at or row.updated_at,
            "failed",
            title,
            short(row.error_code, row.error)[:200],
            row.get_absolute_url(),
        )


def orders(actor, since):
    """Paid orders that a person must accept."""
    rows = Order.objects.visible_to(actor).filter(state="pending", placed_at__gt=since).exclude(invoice__state="issued")
    for row in rows.select_related("client").order_by("-placed_at")[:EACH]:
        title = _("Order %(number)s waits to be accepted") % {"number": row.number}
        yield row.placed_at, "attention", title, f"{row.client.name} · {money(row.total)}", row.get_absolute_url()


def mails(actor, since):
    """Mails that did not arrive."""
    if not actor.may("core.message.resend"):
        return
    rows = Message.objects.visible_to(actor).filter(state__in=["failed", "bounced"], created_at__gt=since)
    for row in rows.only("to_email", "subject", "error", "created_at").order_by("-pk")[:EACH]:
        title = _("Mail to %(email)s came back") % {"email": row.to_email}
        yield row.created_at, "failed", title, f"{row.subject} · {row.error}"[:200], row.get_absolute_url()


def gateways(actor, since):
    """Messages of payment gateways that were not understood."""
    if not actor.may("billing.gateway.view"):
        return
    for row in _GATEWAYS(since=since):
        title = _("Gateway notice %(type)s was not understood") % {"type": row.type}
        yield row.received_at, "attention", title, row.message[:200], address("job_list")


def machinery(actor, since):
    """Jobs that failed or are late, calls and events that gave up: for those who may do something about it."""
    if not actor.may("core.queue.retry"):
        return
    for run in _JOBS(since=since):
        yield (
            run.created_at,
            "failed",
            _("Job “%(name)s” failed") % {"name": job_label(run.name)},
            short("", run.error)[:200],
            _job(run),
        )
    for run in _LATE_JOBS(since=since, before=clock.now() - JOB_LATE):
        yield run.slot + JOB_LATE, "late", _("Job “%(name)s” is late") % {"name": job_label(run.name)}, "", _job(run)
    for row in _CALLS(since=since):
        title = _("A call gave up: %(kind)s") % {"kind": row.call_words}
        yield (
            row.finished_at or row.created_at,
            "failed",
            title,
            short(row.error_code, row.error)[:200],
            address("outgoing_list"),
        )
    for row in _DEAD(since=since):
        title = _("“%(handler)s” gave up") % {"handler": row.handler_words}
        yield row.event.created_at, "failed", title, short("crashed", row.error)[:200], address("delivery_list")


def _job(run):
    return address("job_detail", run.name)


def exports(actor, since):
    """Files that I asked for."""
    rows = Export.objects.visible_to(actor).filter(state__in=["done", "failed"], finished_at__gt=since)
    for row in rows.order_by("-pk")[:EACH]:
        done = row.state == Export.State.DONE
        title = _("%(what)s is ready to download") if done else _("%(what)s could not be exported")
        url = address("export_detail", row.pk) or address("export_list")
        yield row.finished_at, "ok" if done else "failed", title % {"what": row.title}, row.error, url


def bulk_runs(actor, since):
    """Acts on many rows that I began and that went on without me."""
    rows = BulkRun.objects.visible_to(actor).filter(finished_at__gt=since, total__gt=bulk.AT_ONCE)
    for run in rows.order_by("-pk")[:EACH]:
        kind, words, *rest = run.state_words
        yield run.finished_at, kind, f"{run}: {words}", " ".join(map(str, rest)), run.get_absolute_url()


def webhooks(actor, since):
    """Webhooks of mine that were stopped, and for those who look after them everybody's."""
    rows = WebhookEndpoint.objects.visible_to(actor).filter(is_on=False, stopped_at__gt=since)
    for row in rows.order_by("-stopped_at")[:EACH]:
        title = _("Webhook “%(label)s” is stopped") % {"label": row.label}
        yield row.stopped_at, "failed", title, row.stopped_words, row.get_absolute_url()


SOURCES = (own_tickets, operations, orders, mails, gateways, machinery, exports, bulk_runs, webhooks)


class NoticeList(StaffView, TemplateView):
    """The page, or only its inner part for the bell's menu. Open to all staff: each source asks for its own right."""

    permission = ""

    def get_template_names(self):
        return ["pages/notices_list.html" if self.request.GET.get("menu") else "pages/notices.html"]

    def get_context_data(self, **kwargs):
        found = notes(self.request.actor)
        most = 8 if self.request.GET.get("menu") else len(found)
        fresh = sum(note.is_new for note in found)
        return super().get_context_data(notes=found[:most], fresh=fresh, page_title=_("Notices"), **kwargs)


class NoticeRead(StaffView, View):
    """Marks all as read for this person."""

    permission = ""
    http_method_names = ["post"]

    def post(self, request):
        """Back to the list."""
        mark_read(request.actor)
        return redirect("notice_list")


urls = [
    path("staff/notices/", NoticeList.as_view(), name="notice_list"),
    path("staff/notices/read/", NoticeRead.as_view(), name="notice_read"),
]
