"""What waits for a person, across all apps: the queue of the staff home page and the counters of the menu."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Account, BankLine, GatewayEvent, Invoice, Order, Payment
from hostbill.core import clock, preferences
from hostbill.core.crud import paging
from hostbill.core.doors import opens
from hostbill.core.failures import short
from hostbill.core.models import Delivery, JobRun, Lane, Message, Outgoing
from hostbill.core.ui.words import moment_words, money
from hostbill.pages.frame import counter
from hostbill.pages.job_words import job_label, late_jobs
from hostbill.pages.lane_words import lane_name
from hostbill.pages.links import address
from provisioning.models import Drift, Operation, Server, Service
from provisioning.queries.drift import AT_RISK, RUNS_UNPAID, STANDING, usual
from support.models import Ticket

SHOWN = 3
#: Counting stops here: more than a thousand of a kind is not counted but mended.
MOST = 1000
#: Whose queue: of all, or of the person who looks.
EVERYONE, MINE = "everyone", "mine"
PREFERENCE = "home.queue"
ALL_OF_THEM = Q()
RECENT = timedelta(days=14)
MATCHABLE = timedelta(days=60)


@dataclass(frozen=True)
class Waiting:
    """One thing: what, why it needs a person, since when, and the one verb. `hurts` when a client feels it."""

    kind: str
    title: str
    why: str
    since: object
    url: str
    verb: str
    hurts: bool = False


@dataclass(frozen=True)
class Group:
    """Things of one kind, worst first: all counted (up to MOST), the first few shown. ``url``: all of them."""

    key: str
    title: str
    count: int
    things: list
    oldest: object = None
    url: str = ""


def whose(actor) -> str:
    """MINE or EVERYONE, as the person chose."""
    return MINE if preferences.read(actor, PREFERENCE) == MINE else EVERYONE


def choose(actor, which: str) -> None:
    """Remember whose queue the person wants to see."""
    preferences.store(actor, PREFERENCE, MINE if which == MINE else EVERYONE)


def groups(actor) -> list[Group]:
    """The queue as far as the person may see it and wants to; kinds in the order in which they hurt. All are counted in one
    query, and only of those that have any the first are read."""
    which = whose(actor)
    pairs = [(key, *pair) for key in kinds() for pair in pairs_of(actor, key, which)]
    made = [rows for _key, rows, _make in pairs if not isinstance(rows, list)]
    counted = dict(zip(map(id, made), paging.counts(made, MOST), strict=True))
    found: dict = {key: [] for key in kinds()}
    for key, rows, make in pairs:
        count = len(rows) if isinstance(rows, list) else counted[id(rows)][0]
        if count:
            found[key].append((count, [offered(actor, make(row)) for row in rows[:SHOWN]]))
    return [_group(key, kinds()[key][0], parts) for key, parts in found.items() if parts]


def pairs_of(actor, key: str, which: str) -> list:
    """What waits of one kind. Mine is what I may do something about, but for tickets that a colleague has."""
    _title, source, verb = kinds()[key]
    if which == EVERYONE:
        return source(actor)
    if not actor.may(verb):
        return []
    return tickets(actor, Q(assigned_to=None) | Q(assigned_to=actor.user_id)) if key == "tickets" else source(actor)


def kinds() -> dict:
    """{key: (title, source, permission)}; a source gives pairs of (rows, oldest first; maker of a Waiting). With the permission one
    can do something about it."""
    return {
        "services": (gettext_lazy("Services down, operations stuck"), services, "provisioning.operation.retry"),
        "money": (gettext_lazy("Money that needs a look"), payments, "billing.payment.book"),
        "tickets": (gettext_lazy("Tickets that wait for us"), tickets, "support.ticket.reply"),
        "orders": (gettext_lazy("Orders to review"), orders, "billing.order.accept"),
        "differences": (gettext_lazy("Books and servers differ"), differences, "provisioning.service.edit"),
        "mails": (gettext_lazy("Mails that did not arrive"), mails, "core.message.resend"),
        "machinery": (gettext_lazy("Jobs late, calls that failed"), machinery, "core.queue.retry"),
    }


def _group(key, title, parts) -> Group:
    """Of (count, the first things) of each source."""
    things = [thing for _count, first in parts for thing in first]
    oldest = min((thing.since for thing in things if thing.since), default=None)
    return Group(
        key, str(title), sum(count for count, _first in parts), things[:SHOWN], oldest, address("waiting_list", key)
    )


def everything(actor, key: str) -> list[Waiting]:
    """All things of one kind, as far as MOST of each source."""
    return [offered(actor, make(row)) for rows, make in pairs_of(actor, key, whose(actor)) for row in rows[:MOST]]


def offered(actor, thing: Waiting) -> Waiting:
    """Without its button for those who may not open the page behind it."""
    return thing if opens(actor, thing.url) else replace(thing, url="")


def services(actor):
    """Servers that do not answer, services that need a person, and operations that retrying did not mend."""
    if not actor.may("provisioning.service.view"):
        return []
    troubled = Server.objects.filter(health="problem") if actor.may("provisioning.server.view") else Server.objects.none()
    review = Service.objects.filter(state="review").select_related("client").order_by("updated_at")
    failed = Operation.objects.filter(state="failed", updated_at__gt=clock.now() - RECENT).exclude(
        service__state__in=["review", "terminated"]
    )
    waiting = Service.objects.stuck()
    return [
        (troubled.order_by("last_error_at"), _server),
        (review, _service),
        (_latest(failed).select_related("service__client").order_by("updated_at"), _operation),
        (waiting.select_related("client").order_by("created_at"), _service),
    ]


def _latest(operations):
    """Failed operations after which nothing newer was tried on the same service."""
    newer = Operation.objects.filter(service=OuterRef("service"), pk__gt=OuterRef("pk"))
    return operations.filter(~Exists(newer))


def _server(server):
    title = f"{server.name}: {server.state_words[1]}"
    url = server.get_absolute_url()
    return Waiting("failed", title, server.last_error, server.last_error_at, url, _("Look and mend"), hurts=True)


def _service(service):
    why = service.attention or service.get_wait_reason_display() or service.get_state_display()
    url = address("provisioning_staff:service_detail", service.pk)
    title = f"{service} · {service.client.name}"
    kind = "failed" if service.state == "review" else "attention"
    return Waiting(kind, title, why, service.updated_at, url, _("Look and mend"), hurts=True)


def _operation(operation):
    title = f"{operation.get_verb_display()}: {operation.service}"
    url = address("provisioning_staff:service_detail", operation.service_id)
    return Waiting(
        "failed",
        title,
        short(operation.error_code, operation.error),
        operation.updated_at,
        url,
        _("Look and mend"),
        hurts=True,
    )


def tickets(actor, only=ALL_OF_THEM):
    """Questions of clients, the longest promised first."""
    rows = Ticket.objects.visible_to(actor).waiting_for_us().filter(only).select_related("client", "department")
    return [(rows.order_by("reply_due_at"), _ticket)]


def _ticket(ticket):
    late = bool(ticket.late_by)
    why = f"{ticket.client.name} · {ticket.department.name}"
    if late:
        why += " · " + _("past the promised time")
    kind = "late" if late else "attention"
    return Waiting(kind, ticket.subject, why, ticket.waiting_since, ticket.get_absolute_url(), _("Answer"), late)


def orders(actor):
    """Orders that a person must accept: those already paid, or that need no payment first."""
    rows = Order.objects.visible_to(actor).filter(state="pending").exclude(invoice__state="issued")
    return [(rows.select_related("client").order_by("placed_at"), _order)]


def _order(order):
    title = f"{order.client.name}, {money(order.total)}"
    url = address("billing_staff:order_detail", order.pk)
    why = _("Order %(number)s waits to be accepted") % {"number": order.number}
    return Waiting("attention", title, why, order.placed_at, url, _("Review"))


def payments(actor):
    """Accounts whose automation stopped, messages of gateways that were not understood, money without an invoice."""
    if not actor.may("billing.payment.view"):
        return []
    parked = Account.objects.exclude(parked_at=None).select_related("client").order_by("parked_at")
    unread = GatewayEvent.objects.filter(state="failed").order_by("received_at")
    bank = BankLine.objects.filter(state="open").order_by("booked_on", "pk")
    return [(parked, _parked), (unread, _notice), (unmatched(), _unmatched), (bank, _bank_line)]


def _bank_line(line):
    title = _("%(amount)s from %(client)s") % {"amount": money(line.money), "client": line.payer or "–"}
    why = " · ".join(filter(None, [_("On the bank statement, not booked yet"), line.text[:80]]))
    return Waiting("attention", title, why, clock.start_of(line.booked_on), line.get_absolute_url(), _("Book"))


def unmatched():
    """Money of the last weeks kept as credit although its client has an invoice to pay."""
    owes = Invoice.objects.unpaid().filter(client_id=OuterRef("client_id"))
    rows = Payment.objects.filter(
        received_on__gte=clock.today() - MATCHABLE, credited_amount__gt=0, credited_amount=F("amount")
    )
    rows = rows.filter(Exists(owes), refunded_amount=0, account__credit_amount__gt=0)
    return rows.select_related("client").order_by("received_at")


def _unmatched(payment):
    title = _("%(amount)s from %(client)s") % {"amount": money(payment.money), "client": payment.client.name}
    why = _("Kept as credit, although an invoice is unpaid · %(reference)s") % {"reference": payment.remote_id}
    return Waiting("attention", title, why, payment.received_at, payment.get_absolute_url(), _("Match"), True)


def _parked(account):
    url = account.client.get_absolute_url()
    return Waiting("attention", account.client.name, account.parked_reason, account.parked_at, url, _("Look"), True)


def _notice(event):
    title = _("Gateway notice %(type)s was not understood") % {"type": event.type}
    return Waiting("attention", title, event.message, event.received_at, address("delivery_list"), _("Look"))


def differences(actor):
    """What the nightly comparison found: the client's loss first, then ours."""
    if not actor.may("provisioning.server.view"):
        return []
    rows = Drift.objects.filter(STANDING, mended_at=None).select_related("server", "service__client")
    rows = rows.order_by("found_at")
    make = partial(_difference, actor)
    return [(rows.filter(AT_RISK), make), (rows.filter(RUNS_UNPAID), make)]


def _difference(actor, drift):
    title = f"{drift.service or drift.domain or drift.username}: {drift.get_kind_display()}"
    why = f"{drift.server} · {drift.ours or '–'} / {drift.theirs or '–'}"
    mend = usual(drift)
    url, label = address("provisioning_staff:drift_mend", drift.pk, mend.key), mend.label
    if not opens(actor, url):
        url, label = address("provisioning_staff:drift_list"), _("Look")
    kind = "failed" if drift.kind in ("missing", "unpaid") else "attention"
    return Waiting(kind, title, why, drift.found_at, url, label, drift.kind in ("missing", "state"))


def mails(actor):
    """Mails that came back or were given up, not older than two weeks."""
    if not actor.may("core.message.view"):
        return []
    rows = Message.objects.visible_to(actor).filter(
        state__in=["failed", "bounced"], created_at__gt=clock.now() - RECENT
    )
    return [(rows.defer("html", "text").order_by("created_at"), _mail)]


def machinery(actor):
    """Jobs, lanes, calls and events that gave up or stand still, not older than two weeks."""
    if not actor.may("core.queue.view"):
        return []
    recent = clock.now() - RECENT
    calls = Outgoing.objects.filter(state="failed", created_at__gt=recent).exclude(
        kind__in=["core.message", "provisioning.operation"]
    )
    return [
        (late_jobs(), _late_job),
        (Lane.objects.filter(stopped=True).order_by("name"), _lane),
        (calls.order_by("created_at"), _call),
        (Delivery.objects.filter(state="dead").select_related("event").order_by("pk"), _delivery),
        (JobRun.objects.filter(state="failed", created_at__gt=recent).order_by("created_at"), _job),
    ]


def _late_job(late):
    title = _("“%(name)s” is late") % {"name": late.label}
    why = _("It should have begun %(at)s.") % {"at": moment_words(late.due)}
    return Waiting("late", title, why, late.due, address("job_detail", late.name), _("Look and mend"), True)


def _mail(mail):
    title = _("Mail to %(email)s came back") % {"email": mail.to_email}
    url = address("message_detail", mail.pk)
    return Waiting("failed", title, f"{mail.subject} · {mail.error}", mail.created_at, url, _("Look"), True)


def _lane(lane):
    title = _("No calls to %(name)s until somebody looks") % {"name": lane_name(lane.name)}
    return Waiting("failed", title, lane.reason, None, address("outgoing_list"), _("Look and mend"), True)


def _call(row):
    return Waiting(
        "failed",
        str(row),
        short(row.error_code, row.error),
        row.created_at,
        address("outgoing_detail", row.pk),
        _("Look and mend"),
    )


def _delivery(delivery):
    title = _("“%(handler)s” gave up") % {"handler": delivery.handler_words}
    url = address("delivery_detail", delivery.pk)
    return Waiting(
        "failed", title, short("crashed", delivery.error), delivery.event.created_at, url, _("Look and mend")
    )


def _job(run):
    title = _("“%(name)s” failed") % {"name": job_label(run.name)}
    return Waiting(
        "failed", title, short("crashed", run.error), run.created_at, address("job_detail", run.name), _("Look")
    )


@counter("support_staff:ticket_list")
def waiting_tickets():
    """Beside "Tickets" in the menu."""
    return Ticket.objects.waiting_for_us().count()


@counter("billing_staff:order_list")
def waiting_orders():
    """Beside "Orders" in the menu."""
    return Order.objects.filter(state="pending").exclude(invoice__state="issued").count()


@counter("provisioning_staff:service_list")
def broken_services():
    """Beside "Services" in the menu."""
    return Service.objects.filter(state="review").count()


@counter("provisioning_staff:server_list")
def troubled_servers():
    """Beside "Servers" in the menu."""
    return Server.objects.filter(health="problem").count()
