"""What waits for a person, across all apps: the queue of the staff home page and the counters of the menu."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from billing.models import Account, GatewayEvent, Order
from hostbill.core import clock
from hostbill.core.models import Delivery, JobRun, Lane, Message, Outgoing
from hostbill.core.ui.words import money
from hostbill.pages.frame import counter
from hostbill.pages.links import address
from provisioning.models import Operation, Server, Service
from support.models import Ticket

SHOWN = 3
RECENT = timedelta(days=14)


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
    """Things of one kind, worst first: all counted, the first few shown."""

    title: str
    count: int
    things: list
    url: str = ""


def groups(actor):
    """The queue as far as the person may see it; kinds in the order in which they hurt."""
    found = [
        _group(_("Services down, operations stuck"), services(actor), "provisioning_staff:service_list"),
        _group(_("Tickets that wait for us"), tickets(actor), "support_staff:ticket_list"),
        _group(_("Orders to review"), orders(actor), "billing_staff:order_list"),
        _group(_("Money that needs a look"), payments(actor), "billing_staff:payment_list"),
        _group(_("Mails and calls that failed"), machinery(actor), "job_list"),
    ]
    return [group for group in found if group.count]


def _group(title, rows, route):
    """Rows may be (queryset, maker) pairs; counted whole, made only as far as shown."""
    count = sum(rows_.count() for rows_, _make in rows)
    things = [make(row) for rows_, make in rows for row in rows_[:SHOWN]]
    return Group(title, count, things[:SHOWN], address(route))


def services(actor):
    """Services that need a person, and operations that retrying did not mend."""
    if not actor.may("provisioning.service.view"):
        return []
    review = Service.objects.filter(state="review").select_related("client").order_by("updated_at")
    failed = Operation.objects.filter(state="failed", updated_at__gt=clock.now() - RECENT).exclude(
        service__state__in=["review", "terminated"]
    )
    waiting = Service.objects.filter(state="waiting", wait_reason__in=["servers_full", "staff", "setting"])
    return [
        (review, _service),
        (_latest(failed).select_related("service__client").order_by("updated_at"), _operation),
        (waiting.select_related("client").order_by("created_at"), _service),
    ]


def _latest(operations):
    """Failed operations after which nothing newer was tried on the same service."""
    newer = Operation.objects.filter(service=OuterRef("service"), pk__gt=OuterRef("pk"))
    return operations.filter(~Exists(newer))


def _service(service):
    why = service.attention or service.get_wait_reason_display() or service.get_state_display()
    url = address("provisioning_staff:service_detail", service.pk)
    title = f"{service} · {service.client.name}"
    kind = "failed" if service.state == "review" else "attention"
    return Waiting(kind, title, why, service.updated_at, url, _("Look and mend"), hurts=True)


def _operation(operation):
    title = f"{operation.get_verb_display()}: {operation.service}"
    url = address("provisioning_staff:service_detail", operation.service_id)
    return Waiting("failed", title, operation.error, operation.updated_at, url, _("Look and mend"), hurts=True)


def tickets(actor):
    """Questions of clients, the longest promised first."""
    rows = Ticket.objects.visible_to(actor).waiting_for_us().select_related("client", "department")
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
    """Accounts whose automation stopped, and messages of gateways that were not understood."""
    if not actor.may("billing.payment.view"):
        return []
    parked = Account.objects.exclude(parked_at=None).select_related("client").order_by("parked_at")
    unread = GatewayEvent.objects.filter(state="failed").order_by("received_at")
    return [(parked, _parked), (unread, _notice)]


def _parked(account):
    url = account.client.get_absolute_url()
    return Waiting("attention", account.client.name, account.parked_reason, account.parked_at, url, _("Look"), True)


def _notice(event):
    title = _("Gateway notice %(type)s was not understood") % {"type": event.type}
    return Waiting("attention", title, event.message, event.received_at, address("job_list"), _("Look"))


def machinery(actor):
    """Mails, calls, events and jobs that gave up, not older than two weeks."""
    recent = clock.now() - RECENT
    found = []
    if actor.may("core.message.view"):
        mails = Message.objects.visible_to(actor).filter(state__in=["failed", "bounced"], created_at__gt=recent)
        found.append((mails.defer("html", "text"), _mail))
    if actor.may("core.queue.view"):
        calls = Outgoing.objects.filter(state="failed", created_at__gt=recent).exclude(
            kind__in=["core.message", "provisioning.operation"]
        )
        found += [
            (Lane.objects.filter(stopped=True), _lane),
            (calls.order_by("created_at"), _call),
            (Delivery.objects.filter(state="dead").select_related("event").order_by("pk"), _delivery),
            (JobRun.objects.filter(state="failed", created_at__gt=recent), _job),
        ]
    return found


def _mail(mail):
    title = _("Mail to %(email)s came back") % {"email": mail.to_email}
    url = address("message_detail", mail.pk)
    return Waiting("failed", title, f"{mail.subject} · {mail.error}", mail.created_at, url, _("Look"), True)


def _lane(lane):
    title = _("No calls to %(name)s until somebody looks") % {"name": lane.name}
    return Waiting("failed", title, lane.reason, None, address("job_list"), _("Look and mend"), True)


def _call(row):
    return Waiting("failed", str(row), row.error, row.created_at, address("job_list"), _("Look and mend"))


def _delivery(delivery):
    title = _("%(handler)s gave up") % {"handler": delivery.handler}
    return Waiting("failed", title, delivery.error, delivery.event.created_at, address("job_list"), _("Look and mend"))


def _job(run):
    title = _("Job %(name)s failed") % {"name": run.name}
    return Waiting("failed", title, run.error, run.created_at, address("job_list"), _("Look"))


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
