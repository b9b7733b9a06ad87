"""The home page of a client: is it up, what do I owe; then the ways to act."""

from dataclasses import dataclass

from django.db.models import Case, When
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views import View

from billing.actions.account import open_account
from billing.models import Charge, Invoice
from billing.queries.one_click import default_method, one_click_method
from billing.queries.pay_link import pay_token
from billing.queries.shown_price import PriceTag, fetch_priced
from hostbill.core import clock
from hostbill.core.access import PortalView
from hostbill.core.compiled import Compiled
from hostbill.core.localized import date_text
from hostbill.core.models import Message
from hostbill.core.ui.words import in_digits, local, money
from hostbill.pages.links import address
from hostbill.pages.portal_due import due_sentence, heaps
from hostbill.pages.service_words import lines_of, running, with_services
from support.models import Ticket

SERVICES_SHOWN = 50


@dataclass(frozen=True)
class Row:
    """A service: its words, its price as the client reads it, and the one verb it most likely needs."""

    line: object
    price: object
    url: str
    label: str
    is_post: bool = False

    @property
    def kind(self):
        """The state's kind."""
        return self.line.kind


@dataclass(frozen=True)
class Hint:
    """Something to know: whether there is anything to do, and where."""

    icon: str
    title: str
    text: str
    url: str = ""


NEEDS_CLIENT_FIRST = Case(When(state="suspended", then=0), When(state="pending", then=1), default=2)
SERVICES = Compiled(
    lambda client: with_services(running(client).order_by(NEEDS_CLIENT_FIRST, "-pk")[:SERVICES_SHOWN]), client=int
)
TICKETS = Compiled(lambda client: Ticket.objects.filter(client_id=client).not_closed()[:20], client=int)
LAST_MAILS = Compiled(
    lambda client: Message.objects.filter(client_id=client, audience="client")
    .exclude(kind__startswith="support.")
    .defer("html", "text")
    .order_by("-pk")[:3],
    client=int,
)
LAST_CHARGE = Compiled(
    lambda client: Charge.objects.filter(client_id=client)
    .exclude(state="open")
    .select_related("invoice", "payment_method")
    .order_by("-pk")[:1],
    client=int,
)


class PortalHome(PortalView, View):
    """Cards: due now, services, tickets, notices."""

    def dispatch(self, request, *args, **kwargs):
        """Staff have a home of their own; a login without any account is told so."""
        if request.user.is_authenticated:
            if request.actor.kind == "staff":
                return redirect("staff_home")
            if not request.client:
                return render(request, "pages/portal_no_account.html", {"page_title": _("No account yet")})
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        """Show what this person may see of the chosen account."""
        client, actor = request.client, request.actor
        may = {area: actor.may_in_area(client.pk, area) for area in ("billing", "services", "support", "account")}
        due, ahead = heaps(client) if may["billing"] else (None, None)
        services, more = _services(client, (due, ahead), may["billing"]) if may["services"] else ([], 0)
        context = {
            "page_title": headline(services, [due_sentence(due, ahead)] if may["billing"] else []),
            "today": date_text(local(clock.now()).date(), get_language() or "en", weekday=True),
            "may": may,
            "services": services,
            "more_services": more,
            "is_moving": any(row.kind == "running" for row in services) or any(heap and heap.under_way for heap in (due, ahead)),
            "due": due,
            "ahead": ahead,
            "taken_from": self.taken_from(client) if ahead else None,
            "hints": _hints(client) if may["billing"] else [],
            "order_url": address("store:plans"),
            "tickets": _tickets(client) if may["support"] else [],
            "mails": LAST_MAILS(client=client.pk) if may["account"] else [],
        }
        return render(request, "pages/portal_home.html", context)

    def taken_from(self, client):
        """The card that pays by itself on the day; None where the client pays."""
        return one_click_method(client.pk) if open_account(client).auto_charge else None


def _services(client, heaps, may_pay):
    """(rows, how many more there are): what needs the client first."""
    lines = lines_of(SERVICES(client=client.pk))
    total = running(client.pk).count() if len(lines) == SERVICES_SHOWN else len(lines)
    fetch_priced([line.subscription for line in lines])
    tag, unpaid = PriceTag(client), _unpaid_by_subscription(heaps) if may_pay else {}
    return [_row(line, tag, unpaid.get(line.subscription.pk)) for line in lines], total - len(lines)


def _unpaid_by_subscription(heaps) -> dict:
    """The oldest open invoice that bills each subscription."""
    found = {}
    for invoice in (invoice for heap in heaps if heap for invoice in heap.invoices):
        for line in invoice.lines.all():
            found.setdefault(line.subscription_id, invoice)
    return found


def _row(line, tag, invoice) -> Row:
    price = tag.of(line.subscription)
    if invoice and (line.kind == "paused" or line.subscription.state == "pending"):
        label = _("Pay %(amount)s") % {"amount": money(invoice.open)}
        return Row(line, price, address("store:pay", pay_token(invoice)), label)
    if line.panel_url:
        return Row(line, price, line.panel_url, _("Open panel"), is_post=True)
    return Row(line, price, line.portal_url, _("Manage"))


def _tickets(client):
    """Open tickets, those that wait for the client first."""
    return sorted(TICKETS(client=client.pk), key=lambda ticket: ticket.waits_for_us)[:4]


def _hints(client) -> list[Hint]:
    """A card that will fail, an attempt that failed or waits for its owner."""
    hints, url = [], address("billing_portal:payment_method_list")
    method = default_method(client.pk)
    if method and method.state_words[0] != "ok":
        title = _("%(card)s: %(state)s") % {"card": method, "state": method.state_words[1]}
        text = _("Add a new card, so that renewals go through by themselves.")
        hints.append(Hint("credit-card", title, text, url))
    charge = LAST_CHARGE.first(client=client.pk)
    if charge is None or charge.invoice.state != Invoice.State.ISSUED:
        return hints
    if charge.state == "needs_action":
        title = _("Your bank asks you to confirm %(amount)s") % {"amount": money(charge.money)}
        link = address("store:pay", pay_token(*charge.invoices.all()))
        hints.append(Hint("lock", title, _("It takes a minute; without it nothing is paid."), link))
    elif charge.state == "failed":
        title = _("The last payment did not go through")
        hints.append(
            Hint("alert-triangle", title, charge.refusal or _("Pay with another card, or ask your bank."), url)
        )
    return hints


def headline(services, owed):
    """Both answers in one title, as far as the person may know them."""
    return " ".join([_services_sentence(services), *owed])


def _services_sentence(services):
    if not services:
        return _("Welcome.")
    paused = [row for row in services if row.kind == "paused"]
    if len(paused) == 1:
        return _("%(service)s is suspended.") % {"service": paused[0].line.name}
    if paused:
        return in_digits(_("%(count)d services are suspended.") % {"count": len(paused)})
    growing = [row for row in services if row.kind == "running"]
    if growing:
        back = growing[0].line.service.live_at is not None
        words = _("%(service)s is coming back online.") if back else _("%(service)s is being set up.")
        return words % {"service": growing[0].line.name}
    if all(row.kind == "ok" for row in services):
        return ngettext("Your site is online.", "All your sites are online.", len(services))
    unpaid = [row for row in services if row.line.subscription.state == "pending"]
    if unpaid:
        return _("%(service)s starts when it is paid.") % {"service": unpaid[0].line.name}
    return _("We look after something for you.")


urls = [path("account/", PortalHome.as_view(), name="portal_home")]
