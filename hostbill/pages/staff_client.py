"""The page of one client in the console: everything about it, whatever app it belongs to."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from billing.models import Invoice, Payment, Subscription
from billing.models.cycle import months
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import StaffView
from hostbill.core.money import Money
from hostbill.core.ui.words import day_words
from hostbill.pages.client_story import what_happened, what_will_happen
from hostbill.pages.links import address
from hostbill.pages.service_words import lines_of
from support.models import Ticket

OPEN_INVOICES = 12
RUNNING = ("pending", "active", "suspended")


@dataclass(frozen=True)
class InvoiceLine:
    """An open invoice as drawn."""

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


class StaffClient(StaffView, View):
    """See pictures: services before invoices before history, facts at the side."""

    permission = "clients.client.view"

    def get(self, request, pk):
        """Show."""
        actor = request.actor
        client = get_object_or_404(Client.objects.visible_to(actor), pk=pk)
        services = lines_of(client.subscriptions.visible_to(actor).filter(state__in=RUNNING).order_by("-pk"))
        invoices = open_invoices(client, actor)
        context = {
            "page_title": client.name,
            "crumbs": [(_("Clients"), address("clients_staff:client_list")), (client.number, "")],
            "client": client,
            "badge": badge(client, services),
            "band": band(client, actor, services, invoices),
            "services": services,
            "ended_count": client.subscriptions.visible_to(actor).exclude(state__in=RUNNING).count(),
            "invoices": invoices,
            "invoice_count": Invoice.objects.visible_to(actor).filter(client=client).exclude(state="draft").count(),
            "happened": what_happened(client, actor),
            "future": what_will_happen(client, actor),
            "balance": balance(client, actor),
            "note": client.notes.visible_to(actor).sticky().first(),
            "members": client.memberships.visible_to(actor).select_related("user"),
            "invitations": client.invitations.visible_to(actor).open(),
            "contacts": client.contacts.visible_to(actor),
            "methods": client.payment_methods.filter(removed_at=None) if actor.may("billing.payment.view") else [],
            "can": {
                "edit": actor.may("clients.client.edit"),
                "close": actor.may("clients.client.close"),
                "note": actor.may("clients.note.edit"),
                "people": actor.may("clients.member.edit"),
            },
            "new_ticket_url": address("support_staff:ticket_create") if actor.may("support.ticket.reply") else "",
            "new_invoice_url": address("billing_staff:invoice_create") if actor.may("billing.invoice.edit") else "",
            "invoice_list_url": address("billing_staff:invoice_list"),
            "ticket_list_url": address("support_staff:ticket_list"),
        }
        return render(request, "pages/staff_client.html", context)


def badge(client, services):
    """Beside the name: what is wrong, or that all is well."""
    if client.is_closed:
        return ("ended", _("Closed"))
    bad = [line for line in services if line.kind in ("paused", "failed")]
    if bad:
        words = ngettext("%(bad)d of %(all)d service needs help", "%(bad)d of %(all)d services need help", len(services))
        return (bad[0].kind, words % {"bad": len(bad), "all": len(services)})
    return ("ok", _("All well")) if services else ("draft", _("No services yet"))


def open_invoices(client, actor):
    """Unpaid invoices, soonest due first."""
    rows = Invoice.objects.visible_to(actor).filter(client=client, state="issued").order_by("due_on")
    return [
        InvoiceLine(invoice, invoice_state(invoice), _purpose(invoice), address("billing_staff:invoice_detail", invoice.pk))
        for invoice in rows.select_related("client").prefetch_related("lines")[:OPEN_INVOICES]
    ]


def invoice_state(invoice):
    """Overdue for how long, or due when."""
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


def balance(client, actor):
    """(label, value, note) rows of the money card; nothing for those who may not see invoices."""
    account = getattr(client, "billing_account", None)
    if account is None or not actor.may("billing.invoice.view"):
        return []
    currency = account.currency
    paid = Payment.objects.filter(client=client, currency=currency).aggregate(total=Sum("amount"))["total"]
    since = _("Since %(year)s") % {"year": client.created_at.year}
    return [
        (_("Owes"), account.balance, ""),
        (_("Credit"), account.credit, ""),
        (_("Pays us"), Money(monthly(client, currency), currency), _("a month, on average")),
        (since, Money(paid or Decimal(0), currency), ""),
    ]


def monthly(client, currency):
    """The recurring prices as one month, net."""
    rows = Subscription.objects.filter(client=client, currency=currency, state__in=["active", "suspended"])
    return sum((row.price_amount / months(row.cycle) for row in rows if months(row.cycle)), Decimal(0))


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
        return _late_band(late[0], services)
    return _ticket_band(client, actor)


def _late_band(line, services):
    paused = [row.name for row in services if row.kind == "paused"]
    title = _("Invoice %(number)s is unpaid.") % {"number": line.invoice}
    text = _("Due since %(day)s.") % {"day": day_words(line.invoice.due_on)}
    if paused:
        text += " " + _("%(services)s is suspended for it and resumes within a minute of payment.") % {
            "services": ", ".join(paused)
        }
    url = address("billing_staff:payment_match") or line.url
    return Band("bad", title, text, f"{url}?invoice={line.invoice.pk}", _("Book a payment"))


def _ticket_band(client, actor):
    ticket = Ticket.objects.visible_to(actor).waiting_for_us().filter(client=client).order_by("waiting_since").first()
    if ticket is None:
        return None
    late = ticket.reply_due_at and ticket.reply_due_at < clock.now()
    title = _("A question waits for us.") if not late else _("A question waits longer than promised.")
    return Band("warn" if late else "info", title, ticket.subject, ticket.get_absolute_url(), _("Answer"))


urls = [path("staff/clients/<int:pk>/", StaffClient.as_view(), name="staff_client")]
