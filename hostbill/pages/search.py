"""Search of the console (Ctrl-K): any object by what people know of it, and the places to go."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from billing.models import Invoice, Order, Payment
from clients.models import Client
from hostbill.core.access import StaffView
from hostbill.core.money import format_money
from hostbill.pages.frame import STAFF_PERSONAL, STAFF_PLACES, shown
from provisioning.models import Server, Service
from support.models import Ticket

MOST = 6
LONGEST = 100


@dataclass(frozen=True)
class Hit:
    """One line of the results."""

    title: str
    note: str
    url: str


def _clients(actor, words):
    match = Q()
    for word in words.split():
        match &= (
            Q(number__iexact=word)
            | Q(company__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(native_name__icontains=word)
            | Q(email__icontains=word)
        )
    return [Hit(row.name, f"{row.number} · {row.email}", row.get_absolute_url()) for row in _first(Client, actor, match)]


def _services(actor, words):
    match = Q(domain__icontains=words) | Q(username__iexact=words)
    found = _first(Service, actor, match, "client")
    return [Hit(row.domain, row.client.name, reverse("provisioning_staff:service_detail", args=[row.pk])) for row in found]


def _invoices(actor, words):
    found = _first(Invoice, actor, Q(number__icontains=words), "client")
    return [
        Hit(str(row), f"{row.client.name} · {format_money(row.total)}", reverse("billing_staff:invoice_detail", args=[row.pk]))
        for row in found
    ]


def _payments(actor, words):
    found = _first(Payment, actor, Q(remote_id__iexact=words), "client")
    return [Hit(str(row), row.client.name, reverse("billing_staff:payment_detail", args=[row.pk])) for row in found]


def _orders(actor, words):
    found = _first(Order, actor, Q(number__icontains=words), "client")
    return [Hit(row.number, row.client.name, reverse("billing_staff:order_detail", args=[row.pk])) for row in found]


def _tickets(actor, words):
    found = _first(Ticket, actor, Q(number__icontains=words) | Q(subject__icontains=words), "client")
    return [Hit(row.subject, row.number, reverse("support_staff:ticket_detail", args=[row.pk])) for row in found]


def _servers(actor, words):
    found = _first(Server, actor, Q(name__icontains=words) | Q(hostname__icontains=words))
    return [Hit(row.name, row.hostname, reverse("provisioning_staff:server_detail", args=[row.pk])) for row in found]


def _first(model, actor, match, *related):
    """The newest few that match and that the person may see."""
    rows = model.objects.visible_to(actor).filter(match)
    return (rows.select_related(*related) if related else rows).order_by("-pk")[:MOST]


SOURCES = (
    (gettext_lazy("Clients"), _clients),
    (gettext_lazy("Services"), _services),
    (gettext_lazy("Invoices"), _invoices),
    (gettext_lazy("Payments"), _payments),
    (gettext_lazy("Orders"), _orders),
    (gettext_lazy("Tickets"), _tickets),
    (gettext_lazy("Servers"), _servers),
)


def groups_for(request, words: str) -> list:
    """[(title, hits)] for the groups with hits; places of the menu come last, or alone without words."""
    words = " ".join(words.replace("\x00", "").split())[:LONGEST]
    found = [(title, source(request.actor, words)) for title, source in SOURCES] if words else []
    places = [
        Hit(str(place.label), _("Go there"), place.url)
        for place in shown((*STAFF_PLACES, *STAFF_PERSONAL), request)
        if not words or words.lower() in str(place.label).lower()
    ]
    return [(title, hits) for title, hits in (*found, (_("Places"), places)) if hits]


class SearchView(StaffView, TemplateView):
    """A whole page, or only the results for the palette. Open to all staff: each result asks for its own right."""

    permission = ""

    def get_template_names(self):
        return ["pages/search_results.html" if self.request.GET.get("palette") else "pages/search.html"]

    def get_context_data(self, **kwargs):
        words = self.request.GET.get("q", "")
        return super().get_context_data(
            words=words, groups=groups_for(self.request, words), page_title=_("Search"), **kwargs
        )


urls = [path("staff/search/", SearchView.as_view(), name="search")]
