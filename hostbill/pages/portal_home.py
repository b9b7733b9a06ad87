"""The home page of a client: is it up, what do I owe; then the ways to act."""

from dataclasses import dataclass

from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from billing.models import Invoice, PaymentMethod
from billing.queries.pay_link import pay_token
from hostbill.core import clock
from hostbill.core.access import PortalView, client_of
from hostbill.core.models import Message
from hostbill.core.ui.words import day_words, money
from hostbill.pages.links import address
from hostbill.pages.service_words import lines_of
from support.models import Ticket

LINES_SHOWN = 6
RUNNING = ("pending", "active", "suspended")


@dataclass(frozen=True)
class Due:
    """The card on top: the sum of the open invoices, and the first of them to pay."""

    amount: object
    invoices: list
    first: object
    lines: list
    taxes: list
    more_lines: int
    days: int
    state: tuple
    pay_url: str
    pay_label: str
    first_url: str
    list_url: str
    method: object


class PortalHome(PortalView, View):
    """Cards: due now, services, tickets, notices."""

    def dispatch(self, request, *args, **kwargs):
        """Staff have a home of their own; a login without any account is told so."""
        if request.user.is_authenticated:
            if request.user.is_staff:
                return redirect("staff_home")
            if client_of(request) is None:
                return render(request, "pages/portal_no_account.html", {"page_title": _("No account yet")})
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        """Show what this person may see of the chosen account."""
        client, actor = request.client, request.actor
        may = {area: actor.may_in_area(client.pk, area) for area in ("billing", "services", "support", "account")}
        services = _services(client) if may["services"] else []
        due = _due(client) if may["billing"] else None
        context = {
            "page_title": headline(services, due),
            "today": clock.now().astimezone(request.user.zone or clock.seller_zone()),
            "may": may,
            "services": services,
            "due": due,
            "order_url": address("store:plans"),
            "tickets": _tickets(client, actor) if may["support"] else [],
            "mails": _mails(client, actor) if may["account"] else [],
        }
        return render(request, "pages/portal_home.html", context)


def _services(client):
    return lines_of(client.subscriptions.filter(state__in=RUNNING).order_by("-pk"))


def _tickets(client, actor):
    """Open tickets, those that wait for the client first."""
    rows = list(Ticket.objects.visible_to(actor).filter(client=client).not_closed()[:20])
    rows.sort(key=lambda ticket: ticket.waits_for_us)
    return rows[:4]


def _mails(client, actor):
    """What we wrote last."""
    rows = Message.objects.visible_to(actor).filter(client_id=client.pk).exclude(kind__startswith="support.")
    return rows.defer("html", "text").order_by("-pk")[:3]


def _due(client):
    """The open invoices as one card; None when nothing is open."""
    invoices = list(
        Invoice.objects.filter(client=client, state="issued").order_by("due_on", "pk").prefetch_related("lines", "taxes")
    )
    if not invoices:
        return None
    first = invoices[0]
    amount = sum((invoice.open for invoice in invoices[1:]), first.open)
    lines = list(first.lines.all())
    label = _("Pay %(amount)s") if len(invoices) == 1 else _("Pay %(amount)s of it")
    return Due(
        amount=amount,
        invoices=invoices,
        first=first,
        lines=lines[:LINES_SHOWN],
        taxes=[tax for tax in first.taxes.all() if tax.tax_amount],
        more_lines=max(len(lines) - LINES_SHOWN, 0),
        days=-first.days_overdue,
        state=due_words(first),
        pay_url=address("store:pay", pay_token(first)),
        pay_label=label % {"amount": money(first.open)},
        first_url=address("billing_portal:invoice_detail", first.pk),
        list_url=address("billing_portal:invoice_list"),
        method=PaymentMethod.objects.usable().filter(client=client, is_default=True).first(),
    )


def due_words(invoice):
    """When, in words."""
    days = -invoice.days_overdue
    day = day_words(invoice.due_on)
    if days < 0:
        words = ngettext("Overdue for %(count)d day", "Overdue for %(count)d days", -days) % {"count": -days}
        return ("failed", words, _("since %(day)s") % {"day": day})
    if days == 0:
        return ("attention", _("Due today"), "")
    return ("pending", _("Due %(day)s") % {"day": day}, ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days})


def headline(services, due):
    """Both answers in one title."""
    return f"{_services_sentence(services)} {_due_sentence(due)}".strip()


def _services_sentence(services):
    if not services:
        return _("Welcome.")
    paused = [line for line in services if line.kind == "paused"]
    if len(paused) == 1:
        return _("%(service)s is suspended.") % {"service": paused[0].name}
    if paused:
        return _("%(count)d services are suspended.") % {"count": len(paused)}
    growing = [line for line in services if line.kind == "running"]
    if growing:
        return _("%(service)s is being set up.") % {"service": growing[0].name}
    if all(line.kind == "ok" for line in services):
        return ngettext("Your site is online.", "All your sites are online.", len(services))
    unpaid = [line for line in services if line.subscription.state == "pending"]
    if unpaid:
        return _("%(service)s starts when it is paid.") % {"service": unpaid[0].name}
    return _("We look after something for you.")


def _due_sentence(due):
    if due is None:
        return _("Nothing to pay.")
    if len(due.invoices) > 1:
        return _("%(count)d invoices are open.") % {"count": len(due.invoices)}
    if due.days < 0:
        return _("One invoice is overdue.")
    return _("One invoice is due on %(day)s.") % {"day": day_words(due.first.due_on)}


urls = [path("account/", PortalHome.as_view(), name="portal_home")]
