"""The home page of a client: is it up, what do I owe; then the ways to act."""

from dataclasses import dataclass

from django.db.models import Case, Count, Sum, When
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views import View

from billing.models import Charge, Invoice, PaymentMethod
from billing.queries.one_click import one_click_method
from billing.queries.pay_link import AT_ONCE, pay_token, total_of
from billing.queries.shown_price import PriceTag
from hostbill.core import clock
from hostbill.core.access import PortalView, client_of
from hostbill.core.localized import date_text
from hostbill.core.models import Message
from hostbill.core.money import Money
from hostbill.core.ui.words import day_words, local, money
from hostbill.pages.links import address
from hostbill.pages.service_words import lines_of
from support.models import Ticket

LINES_SHOWN = 6
SERVICES_SHOWN = 50
RUNNING = ("pending", "active", "suspended")


@dataclass(frozen=True)
class Due:
    """The card on top: the sum of the open invoices, what it is for, and one click to pay it. Of very many only the
    oldest (`invoices`, `payable` together) go into one payment."""

    amount: object
    count: int
    invoices: list
    payable: object
    lines: list
    taxes: list
    more_lines: int
    days: int
    state: tuple
    pay_label: str
    pay_url: str
    method: object
    under_way: bool

    @property
    def first(self):
        """The one that has waited longest."""
        return self.invoices[0]


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


class PortalHome(PortalView, View):
    """Cards: due now, services, tickets, notices."""

    def dispatch(self, request, *args, **kwargs):
        """Staff have a home of their own; a login without any account is told so."""
        if request.user.is_authenticated:
            if request.actor.kind == "staff":
                return redirect("staff_home")
            if client_of(request) is None:
                return render(request, "pages/portal_no_account.html", {"page_title": _("No account yet")})
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        """Show what this person may see of the chosen account."""
        client, actor = request.client, request.actor
        may = {area: actor.may_in_area(client.pk, area) for area in ("billing", "services", "support", "account")}
        due = _due(client) if may["billing"] else None
        services, more = _services(client, due, may["billing"]) if may["services"] else ([], 0)
        context = {
            "page_title": headline(services, due),
            "today": date_text(local(clock.now()).date(), get_language() or "en", weekday=True),
            "may": may,
            "services": services,
            "more_services": more,
            "is_moving": any(row.kind == "running" for row in services) or bool(due and due.under_way),
            "due": due,
            "hints": _hints(client) if may["billing"] else [],
            "order_url": address("store:plans"),
            "tickets": _tickets(client, actor) if may["support"] else [],
            "mails": _mails(client, actor) if may["account"] else [],
        }
        return render(request, "pages/portal_home.html", context)


def _services(client, due, may_pay):
    """(rows, how many more there are): what needs the client first."""
    found = client.subscriptions.filter(state__in=RUNNING)
    order = Case(When(state="suspended", then=0), When(state="pending", then=1), default=2)
    lines = lines_of(found.order_by(order, "-pk")[:SERVICES_SHOWN])
    total = found.count() if len(lines) == SERVICES_SHOWN else len(lines)
    tag, unpaid = PriceTag(client), _unpaid_by_subscription(due) if may_pay else {}
    return [_row(line, tag, unpaid.get(line.subscription.pk)) for line in lines], total - len(lines)


def _unpaid_by_subscription(due) -> dict:
    """The oldest open invoice that bills each subscription."""
    found = {}
    for invoice in due.invoices if due else ():
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


def _tickets(client, actor):
    """Open tickets, those that wait for the client first."""
    rows = list(Ticket.objects.visible_to(actor).filter(client=client).not_closed()[:20])
    rows.sort(key=lambda ticket: ticket.waits_for_us)
    return rows[:4]


def _mails(client, actor):
    """What we wrote last."""
    rows = Message.objects.visible_to(actor).filter(client_id=client.pk).exclude(kind__startswith="support.")
    return rows.defer("html", "text").order_by("-pk")[:3]


def _hints(client) -> list[Hint]:
    """A card that will fail, an attempt that failed or waits for its owner."""
    hints, url = [], address("billing_portal:payment_method_list")
    method = PaymentMethod.objects.usable().filter(client=client, is_default=True).first()
    if method and method.state_words[0] != "ok":
        title = _("%(card)s: %(state)s") % {"card": method, "state": method.state_words[1]}
        text = _("Add a new card, so that renewals go through by themselves.")
        hints.append(Hint("credit-card", title, text, url))
    charge = client.charges.exclude(state="open").select_related("invoice", "payment_method").order_by("-pk").first()
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


def _due(client):
    """The open invoices as one card; None when nothing is open."""
    open_ones = Invoice.objects.filter(client=client, state="issued").order_by("due_on", "pk")
    invoices = list(open_ones.prefetch_related("lines", "taxes")[:AT_ONCE])
    if not invoices:
        return None
    first, payable = invoices[0], total_of(invoices)
    lines = list(first.lines.all())
    if len(invoices) < AT_ONCE:
        count, amount, label = len(invoices), payable, _("Pay %(amount)s")
    else:
        whole = open_ones.aggregate(count=Count("pk"), sum=Sum("open_amount"))
        count, amount, label = whole["count"], Money(whole["sum"], payable.currency), _("Pay %(amount)s of it")
    under_way = Charge.objects.of_any(invoices).filter(state__in=["queued", "unknown", "processing"])
    return Due(
        amount=amount,
        count=count,
        invoices=invoices,
        payable=payable,
        lines=lines[:LINES_SHOWN],
        taxes=[tax for tax in first.taxes.all() if tax.tax_amount],
        more_lines=max(len(lines) - LINES_SHOWN, 0),
        days=-first.days_overdue,
        state=due_words(first),
        pay_label=label % {"amount": money(payable)},
        pay_url=address("store:pay", pay_token(*invoices)),
        method=one_click_method(client),
        under_way=under_way.exists(),
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
    paused = [row for row in services if row.kind == "paused"]
    if len(paused) == 1:
        return _("%(service)s is suspended.") % {"service": paused[0].line.name}
    if paused:
        return _("%(count)d services are suspended.") % {"count": len(paused)}
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


def _due_sentence(due):
    if due is None:
        return _("Nothing to pay.")
    if due.count > 1:
        return _("%(count)d invoices are open.") % {"count": due.count}
    if due.days < 0:
        return _("One invoice is overdue.")
    return _("One invoice is due on %(day)s.") % {"day": day_words(due.first.due_on)}


urls = [path("account/", PortalHome.as_view(), name="portal_home")]
