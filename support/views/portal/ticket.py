"""Tickets in the client area."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from hostbill.core.access import PortalView
from hostbill.core.errors import AppError
from support.actions.ticket import close_ticket, open_ticket, reply
from support.forms.ticket import ReplyForm, TicketForm
from support.models import Ticket
from support.queries.thread import find_file, read_thread
from support.views.attachment import download

LIST_LENGTH = 100


class SupportView(PortalView, View):
    """Base: the chosen account's tickets, with the support area."""

    area = "support"

    def tickets(self):
        """The tickets of the chosen account."""
        mine = Ticket.objects.visible_to(self.request.actor).filter(client=self.request.client)
        return mine.select_related("department", "service", "client")

    def ticket(self):
        """The ticket of the URL, or 404."""
        return get_object_or_404(self.tickets(), pk=self.kwargs["pk"])


class TicketList(SupportView):
    """All tickets: those still open first."""

    def get(self, request):
        """Two groups on one page."""
        tickets = list(self.tickets()[:LIST_LENGTH])
        context = {
            "page_title": _("Tickets"),
            "open_tickets": [ticket for ticket in tickets if ticket.state != Ticket.State.CLOSED],
            "closed_tickets": [ticket for ticket in tickets if ticket.state == Ticket.State.CLOSED],
        }
        return render(request, "support/portal/ticket/list.html", context)


class TicketCreate(SupportView):
    """A new question, perhaps about a service."""

    def get(self, request):
        """The empty form; `?service=` chooses one."""
        return self._page(TicketForm(client=request.client, initial={name: request.GET.get(name) for name in ("service", "subject")}))

    def post(self, request):
        """Open the ticket."""
        form = TicketForm(request.POST, request.FILES, client=request.client)
        if form.is_valid():
            try:
                ticket = open_ticket(actor=request.actor, client=request.client, **form.cleaned_data)
            except AppError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
            else:
                messages.success(request, _("Sent. We answer here and by mail."))
                return redirect("support_portal:ticket_detail", pk=ticket.pk)
        return self._page(form)

    def _page(self, form):
        context = {"page_title": _("Ask a question"), "form": form}
        return render(self.request, "support/portal/ticket/create.html", context)


class TicketDetail(SupportView):
    """The conversation, with a field to answer."""

    def get(self, request, pk):
        """Show."""
        return self.page(ReplyForm())

    def page(self, form):
        """The thread with this form below."""
        ticket = self.ticket()
        context = {
            "page_title": ticket.subject,
            "crumbs": [(_("Tickets"), reverse("support_portal:ticket_list")), (ticket.number, "")],
            "ticket": ticket,
            "thread": read_thread(ticket, self.request.actor, "support_portal:ticket_file"),
            "form": form,
        }
        return render(self.request, "support/portal/ticket/detail.html", context)


class TicketReply(TicketDetail):
    """Answer."""

    http_method_names = ["post"]

    def post(self, request, pk):
        """Save, or show the thread again with what was typed."""
        ticket, form = self.ticket(), ReplyForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                reply(ticket, actor=request.actor, **form.cleaned_data)
            except AppError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
            else:
                messages.success(request, _("Sent."))
                return redirect("support_portal:ticket_detail", pk=pk)
        return self.page(form)


class TicketClose(SupportView):
    """The client is helped."""

    http_method_names = ["post"]

    def post(self, request, pk):
        """Close and go back to the list."""
        close_ticket(self.ticket(), actor=request.actor)
        messages.success(request, _("Closed. Writing again opens it."))
        return redirect("support_portal:ticket_list")


class TicketFile(SupportView):
    """An attachment."""

    def get(self, request, token):
        """Download, when the message is readable."""
        row = find_file(token, request.actor)
        if row is None:
            raise Http404
        return download(row)
