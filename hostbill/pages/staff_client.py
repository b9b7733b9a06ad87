"""The page of one client in the console: everything about it, whatever app it belongs to. Each tab has its own address."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Case, When
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from billing.models import CreditMovement, Invoice, Payment, PaymentMethod
from clients.models import Client, Contact, Invitation, Membership, Note
from hostbill.core import clock
from hostbill.core.access import StaffView
from hostbill.core.compiled import Compiled
from hostbill.core.crud.history import acts_of, filtered_log
from hostbill.core.models import Change, Message
from hostbill.pages.client_outlook import what_will_happen
from hostbill.pages.client_story import hidden_from, what_happened
from hostbill.pages.client_summary import (
    Figures,
    badge,
    balance,
    band,
    figures,
    invoice_lines,
    local_time,
    with_purposes,
)
from hostbill.pages.client_tax import tax_page
from hostbill.pages.client_verbs import verbs_for
from hostbill.pages.links import address
from hostbill.pages.service_words import RUNNING, lines_of, running, with_services
from support.models import Ticket

OPEN_INVOICES, ON_A_TAB, AT_A_GLANCE = 12, 50, 12
URGENCY = Case(
    When(service__state="review", then=0), When(state="suspended", then=1), When(state="pending", then=2), default=3
)


SERVICES = Compiled(lambda client: with_services(running(client).order_by(URGENCY, "-pk")[:ON_A_TAB]), client=int)
UNPAID = Compiled(
    lambda client: with_purposes(Invoice.objects.unpaid().filter(client_id=client).order_by("due_on", "pk")[:OPEN_INVOICES]),
    client=int,
)
MEMBERS = Compiled(lambda client: Membership.objects.filter(client_id=client).select_related("user"), client=int)
NOTE = Compiled(lambda client: Note.objects.sticky().filter(client_id=client).order_by("-pk")[:1], client=int)
INVITATIONS = Compiled(lambda client, now: Invitation.objects.filter(client_id=client).open(now), client=int, now=datetime)
BILLED = Compiled(
    lambda client: Client.objects.filter(pk=client).select_related("billing_account").order_by("pk")[:1], client=int
)
CONTACTS = Compiled(lambda client: Contact.objects.filter(client_id=client), client=int)
MERGED = Compiled(lambda client: Client.objects.filter(merged_into=client).order_by("pk"), client=int)
METHODS = Compiled(lambda client: PaymentMethod.objects.usable().filter(client_id=client), client=int)


class ClientPage(StaffView, View):
    """What every tab shares: name, badge, verbs, tabs."""

    permission = "clients.client.view"
    template_name = ""
    leads_on = True

    @cached_property
    def client(self):
        """The client of the address, or 404."""
        found = BILLED.first(client=self.kwargs["pk"])  # who may see clients, as this page asks, sees all (`visible_to`)
        if found is None:
            raise Http404
        return found

    @cached_property
    def services(self):
        """What runs or waits: what needs somebody first, then the newest; a client may have thousands."""
        return lines_of(SERVICES(client=self.client.pk)) if self.request.actor.may("billing.subscription.view") else []

    @cached_property
    def service_count(self) -> int:
        """How many there are in all."""
        return running(self.client.pk).count() if len(self.services) == ON_A_TAB else len(self.services)

    @cached_property
    def invoices(self):
        """The first of what is to be paid, soonest due first."""
        return invoice_lines(UNPAID(client=self.client.pk)) if self.request.actor.may("billing.invoice.view") else []

    @cached_property
    def sums(self) -> Figures:
        """Over all of the client's rows."""
        return figures(self.client)

    def get(self, request, pk):
        """The whole page; links between tabs take only what is below its head. Addresses of a client who was merged lead to the
        kept one."""
        if self.leads_on and self.client.merged_into_id:
            messages.info(request, _("%(gone)s was merged into this client.") % {"gone": self.client.number})
            return redirect(request.resolver_match.view_name, self.client.merged_into_id)
        context = {
            "page_title": self.client.name,
            "crumbs": [(_("Clients"), address("clients_staff:client_list")), (self.client.number, "")],
            "client": self.client,
            "badge": badge(self.client, request.actor, self.services, self.sums, self.service_count),
            "service_count": self.service_count,
            "verbs": verbs_for(self.client, request.actor),
            "tab_items": [tab.item(self.client, request) for tab in TABS if request.actor.may(tab.permission)],
            **self.content(request.actor),
        }
        return render(request, self.template_name, context)

    def content(self, actor) -> dict:
        """What the tab shows."""
        raise NotImplementedError


class StaffClient(ClientPage):
    """See pictures: services before invoices before history, facts at the side."""

    template_name = "pages/staff_client/overview.html"

    def content(self, actor):
        """Everything worth a look at once. Who sees clients sees their people, notes and contacts (`visible_to` of each)."""
        client, sums = self.client, self.sums
        members = MEMBERS(client=client.pk)
        return {
            "band": band(client, actor, self.services, self.invoices),
            "services": self.services[:AT_A_GLANCE],
            "ended_count": sums.ended if actor.may("billing.subscription.view") else 0,
            "invoices": self.invoices,
            "invoice_count": sums.invoices if actor.may("billing.invoice.view") else 0,
            "balance": balance(client, actor, sums),
            "unpaid_count": sums.unpaid_count if actor.may("billing.invoice.view") else 0,
            "unpaid_url": f"{reverse('billing_staff:invoice_list')}?tab=open&client={client.pk}",
            "note": NOTE.first(client=client.pk),
            "members": members,
            "invitations": INVITATIONS(client=client.pk, now=clock.now()),
            "contacts": CONTACTS(client=client.pk),
            "methods": METHODS(client=client.pk) if actor.may("billing.payment.view") else [],
            "local_time": local_time(members),
            "merged": MERGED(client=client.pk),
            "can": {
                "edit": actor.may("clients.client.edit"),
                "services": actor.may("billing.subscription.view"),
                "money": actor.may("billing.invoice.view"),
                "note": actor.may("clients.note.edit"),
                "people": actor.may("clients.member.edit"),
            },
        }


class ClientStory(ClientPage):
    """What will happen and what happened: fetched by the overview once it is on the screen, since it is read last and
    asks the most of the database. A page of its own for browsers without script."""

    template_name = "pages/staff_client/story_page.html"

    def get(self, request, pk):
        """The two cards."""
        if not request.htmx:
            return super().get(request, pk)
        return render(request, "pages/staff_client/story.html", {"client": self.client, **self.content(request.actor)})

    def content(self, actor):
        """As two timelines."""
        return {
            "happened": what_happened(self.client, actor),
            "may_see_future": actor.may("billing.invoice.view") or actor.may("billing.subscription.view"),
            "future": what_will_happen(self.client, actor),
        }


class ClientServices(ClientPage):
    """All that the client ever had."""

    permission = "billing.subscription.view"
    template_name = "pages/staff_client/services.html"

    def content(self, actor):
        """Running ones, then those that ended."""
        ended = self.client.subscriptions.visible_to(actor).exclude(state__in=RUNNING).order_by("-pk")
        return {
            "services": self.services,
            "ended": lines_of(with_services(ended[:ON_A_TAB])),
            "list_url": f"{reverse('billing_staff:subscription_list')}?tab=all&client={self.client.pk}",
        }


class ClientMoney(ClientPage):
    """Invoices, payments, credit."""

    permission = "billing.invoice.view"
    template_name = "pages/staff_client/money.html"

    def content(self, actor):
        """The newest of each."""
        rows = Invoice.objects.visible_to(actor).filter(client=self.client)
        payments = Payment.objects.visible_to(actor).filter(client=self.client).select_related("gateway", "charge")
        credit = CreditMovement.objects.visible_to(actor).filter(account__client=self.client)
        return {
            "all_invoices": invoice_lines(with_purposes(rows.order_by("-pk")[:ON_A_TAB])),
            "payments": payments.order_by("-received_at", "-pk")[:ON_A_TAB],
            "movements": credit.select_related("invoice__client", "payment").order_by("-pk")[:ON_A_TAB],
            "balance": balance(self.client, actor, self.sums),
            "may_refund": actor.may("billing.payment.refund"),
            "list_urls": {
                "invoices": f"{reverse('billing_staff:invoice_list')}?tab=all&client={self.client.pk}",
                "payments": f"{reverse('billing_staff:payment_list')}?tab=all&client={self.client.pk}",
            },
        }


class ClientTax(ClientPage):
    """How sales to the client are taxed, and why."""

    permission = "billing.invoice.view"
    template_name = "pages/staff_client/tax.html"

    def content(self, actor):
        """The VAT number with its answers, an exemption, and the signs of where the client lives."""
        return tax_page(self.client) | {"may_exempt": actor.may("billing.tax_exempt"), "may_ask": actor.may("clients.client.edit")}


class ClientTickets(ClientPage):
    """What was asked."""

    permission = "support.ticket.view"
    template_name = "pages/staff_client/tickets.html"

    def content(self, actor):
        """The newest first."""
        rows = Ticket.objects.visible_to(actor).filter(client=self.client).select_related("department", "assigned_to")
        return {"tickets": rows.order_by("-pk")[:ON_A_TAB]}


class ClientMails(ClientPage):
    """What was sent."""

    permission = "core.message.view"
    template_name = "pages/staff_client/mails.html"

    def content(self, actor):
        """The newest first, without their bodies."""
        rows = Message.objects.visible_to(actor).filter(client_id=self.client.pk).defer("html", "text")
        return {"mails": rows.order_by("-pk")[:ON_A_TAB]}


class ClientHistory(ClientPage):
    """Who did what; of a client who was merged all that was done until then."""

    template_name = "pages/staff_client/history.html"
    leads_on = False

    def content(self, actor):
        """Acts on the client and on what is theirs, as far as this person may see such things."""
        rows = Change.objects.filter(client_id=self.client.pk).exclude(hidden_from(actor))
        return acts_of(rows, self.request) | {"activity_url": filtered_log(actor, client=self.client.pk)}


@dataclass(frozen=True)
class ClientTab:
    """A tab and who may see it."""

    route: str
    label: str
    view: type

    @property
    def permission(self):
        """The view's."""
        return self.view.permission

    def item(self, client, request) -> dict:
        """As the tabs component wants it."""
        url = reverse(self.route, args=[client.pk])
        return {"label": self.label, "url": url, "current": url == request.path}


TABS = (
    ClientTab("staff_client", gettext_lazy("Overview"), StaffClient),
    ClientTab("staff_client_services", gettext_lazy("Services"), ClientServices),
    ClientTab("staff_client_money", gettext_lazy("Invoices and payments"), ClientMoney),
    ClientTab("staff_client_tax", gettext_lazy("Tax"), ClientTax),
    ClientTab("staff_client_tickets", gettext_lazy("Tickets"), ClientTickets),
    ClientTab("staff_client_mails", gettext_lazy("Mails"), ClientMails),
    ClientTab("staff_client_history", gettext_lazy("History"), ClientHistory),
)


urls = [
    path("staff/clients/<int:pk>/", StaffClient.as_view(), name="staff_client"),
    path("staff/clients/<int:pk>/story/", ClientStory.as_view(), name="staff_client_story"),
    path("staff/clients/<int:pk>/services/", ClientServices.as_view(), name="staff_client_services"),
    path("staff/clients/<int:pk>/money/", ClientMoney.as_view(), name="staff_client_money"),
    path("staff/clients/<int:pk>/tax/", ClientTax.as_view(), name="staff_client_tax"),
    path("staff/clients/<int:pk>/tickets/", ClientTickets.as_view(), name="staff_client_tickets"),
    path("staff/clients/<int:pk>/mails/", ClientMails.as_view(), name="staff_client_mails"),
    path("staff/clients/<int:pk>/history/", ClientHistory.as_view(), name="staff_client_history"),
]
