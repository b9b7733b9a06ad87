"""What a client's page says first: the badge beside the name, the one thing to do, the balance, the open invoices."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import F, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Invoice, Subscription, Suspension
from billing.models.cycle import months
from hostbill.core import clock
from hostbill.core.compiled import Compiled
from hostbill.core.money import Money
from hostbill.core.ui.words import day_words
from hostbill.pages.links import address
from support.models import Ticket

#: So many suspended services are named.
SHOWN_PAUSED = 3
WAITING_TICKET = Compiled(
    lambda client: Ticket.objects.waiting_for_us().filter(client_id=client).order_by("waiting_since")[:1], client=int
)
HELP, WAITING = ("paused", "failed"), ("attention", "pending", "running", "late")


@dataclass(frozen=True)
class InvoiceLine:
    """An invoice as drawn."""

    invoice: object
    state: tuple
    purpose: str
    url: str


@dataclass(frozen=True)
class Band:
    """The one thing to do for this client today."""

    tone: str
    title: str
    text: str
    url: str
    label: str


def badge(client, actor, services, sums: "Figures", total):
    """Beside the name, the worst first: what is down, what is overdue, what waits, what is unpaid; else that all is well. `total`: of
    all services, should `services` be the first of many."""
    if client.is_closed:
        return client.state_words
    account = getattr(client, "billing_account", None)
    if account and account.parked_at:
        return ("attention", _("Automation is stopped"))
    down = [line for line in services if line.kind in HELP]
    if down:
        words = ngettext("%(some)d of %(all)d service needs help", "%(some)d of %(all)d services need help", total)
        return (down[0].kind, words % {"some": len(down), "all": total})
    sees_money = actor.may("billing.invoice.view")
    if sees_money and sums.overdue_count:
        words = ngettext("%(count)d invoice overdue", "%(count)d invoices overdue", sums.overdue_count)
        return ("failed", words % {"count": sums.overdue_count})
    waiting = [line for line in services if line.kind in WAITING]
    if waiting:
        words = ngettext("%(some)d of %(all)d service waits", "%(some)d of %(all)d services wait", total)
        return (waiting[0].kind, words % {"some": len(waiting), "all": total})
    if sees_money and sums.unpaid_count:
        words = ngettext("%(count)d invoice to pay", "%(count)d invoices to pay", sums.unpaid_count)
        return ("pending", words % {"count": sums.unpaid_count})
    if not (actor.may("billing.subscription.view") and sees_money):
        return None  # who may not see services and invoices is told nothing about them
    return ("ok", _("All well")) if services else ("draft", _("No services yet"))


def with_purposes(rows):
    """Invoices with all that `invoice_lines` says of them; two queries whatever their number."""
    return rows.select_related("client").prefetch_related("lines")


def invoice_lines(rows) -> list[InvoiceLine]:
    """Invoices as drawn."""
    return [
        InvoiceLine(row, invoice_state(row), _purpose(row), address("billing_staff:invoice_detail", row.pk)) for row in rows
    ]


def invoice_state(invoice):
    """Overdue for how long, due when, or its own words."""
    if invoice.state != Invoice.State.ISSUED:
        return invoice.state_words
    late = invoice.days_overdue
    if late > 0:
        return ("failed", ngettext("Overdue %(count)d day", "Overdue %(count)d days", late) % {"count": late})
    return ("pending", _("Due %(day)s") % {"day": day_words(invoice.due_on)})


def _purpose(invoice):
    """What the first line says, and how many more there are."""
    lines = list(invoice.lines.all())
    first = lines[0].description if lines else ""
    more = len(lines) - 1
    return f"{first} +{more}" if more > 0 else first


@dataclass(frozen=True)
class Figures:
    """Sums over all of a client's rows, in the currency of the account; counts of invoices to be paid, of those overdue, of ended
    subscriptions and of issued invoices."""

    paid: Decimal
    overdue: Decimal
    unpaid_count: int
    overdue_count: int
    ended: int
    invoices: int


def figures(client) -> Figures:
    """All of them in one question to the database."""
    account = getattr(client, "billing_account", None)
    values = {"client": client.pk, "currency": account.currency if account else "", "today": clock.today()}
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, values)
        return Figures(*cursor.fetchone())


FIGURES = """SELECT
  (SELECT coalesce(sum(amount), 0) FROM billing_payment WHERE client_id = %(client)s AND currency = %(currency)s),
  open.overdue, open.unpaid_count, open.overdue_count,
  (SELECT count(*) FROM billing_subscription
    WHERE client_id = %(client)s AND state NOT IN ('pending', 'active', 'suspended')),
  (SELECT count(*) FROM billing_invoice WHERE client_id = %(client)s AND state <> 'draft')
  FROM (SELECT coalesce(sum(open_amount) FILTER (WHERE due_on < %(today)s AND currency = %(currency)s), 0) AS overdue,
      count(*) AS unpaid_count, count(*) FILTER (WHERE due_on < %(today)s) AS overdue_count
    FROM billing_invoice WHERE client_id = %(client)s AND state = 'issued') AS open"""


def balance(client, actor, sums: Figures):
    """(label, value, note) rows of the money card; nothing for those who may not see invoices."""
    account = getattr(client, "billing_account", None)
    if account is None or not actor.may("billing.invoice.view"):
        return []
    currency = account.currency
    since = _("Since %(year)s") % {"year": client.created_at.year}
    return [
        (_("Owes"), account.balance, ""),
        *([(_("of it overdue"), Money(sums.overdue, currency), "")] if sums.overdue else []),
        (_("Credit"), account.credit, ""),
        (_("Pays us"), Money(monthly(client, currency), currency), _("a month, on average")),
        (since, Money(sums.paid, currency), ""),
    ]


def _sums_by_cycle(client, currency):
    rows = Subscription.objects.filter(client_id=client, currency=currency, state__in=["active", "suspended"]).order_by()
    return rows.values("cycle").annotate(total=Sum(F("price_amount") * F("quantity"))).values_list("cycle", "total")


SUMS_BY_CYCLE = Compiled(_sums_by_cycle, client=int, currency=str)


def monthly(client, currency):
    """The recurring prices as one month, net."""
    by_cycle = SUMS_BY_CYCLE(client=client.pk, currency=currency)
    return sum((total / months(cycle) for cycle, total in by_cycle if months(cycle)), Decimal(0))


def local_time(members) -> str:
    """The clock on the owner's wall, when their zone is known and is not ours."""
    owner = next((member for member in members if member.is_owner), None)
    zone = owner.user.zone if owner else None
    if zone is None or str(zone) == str(clock.seller_zone()):
        return ""
    return f"{clock.now().astimezone(zone):%H:%M}"


def band(client, actor, services, invoices):
    """The worst thing first: something broken, money long due, a question that waits."""
    account = getattr(client, "billing_account", None)
    if account and account.parked_at:
        return Band("warn", _("Automation is stopped for this client."), account.parked_reason, "", "")
    broken = next((line for line in services if line.kind == "failed"), None)
    if broken:
        title = _("%(service)s needs a person.") % {"service": broken.name}
        return Band("bad", title, broken.service.attention, broken.staff_url, _("Look and mend"))
    late = [line for line in invoices if line.invoice.days_overdue > 0]
    if late:
        return _late_band(late[0], actor)
    return _ticket_band(client, actor)


def _late_band(line, actor):
    """What is suspended for this very invoice, and the way to book the money for those who may."""
    held = Suspension.objects.filter(invoice=line.invoice, lifted_at=None).select_related("subscription__product")
    paused = [str(row.subscription.label or row.subscription) for row in held.order_by("pk")[:SHOWN_PAUSED]]
    title = _("Invoice %(number)s is unpaid.") % {"number": line.invoice}
    text = _("Due since %(day)s.") % {"day": day_words(line.invoice.due_on)}
    if paused:
        text += " " + _("%(services)s is suspended for it and resumes within a minute of payment.") % {
            "services": ", ".join(paused)
        }
    url = address("billing_staff:payment_match")
    if url and actor.may("billing.payment.book"):
        return Band("bad", title, text, f"{url}?invoice={line.invoice.pk}", _("Book a payment"))
    return Band("bad", title, text, line.url, _("Open the invoice"))


def _ticket_band(client, actor):
    ticket = WAITING_TICKET.first(client=client.pk) if actor.may("support.ticket.view") else None
    if ticket is None:
        return None
    late = ticket.reply_due_at and ticket.reply_due_at < clock.now()
    title = _("A question waits for us.") if not late else _("A question waits longer than promised.")
    return Band("warn" if late else "info", title, ticket.subject, ticket.get_absolute_url(), _("Answer"))
