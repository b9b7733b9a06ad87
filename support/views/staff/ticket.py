"""The ticket queue and the ticket page of staff."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from clients.models import Client
from clients.queries.choosing import CHOOSE, choice_of_client, named_client
from hostbill.core import clock
from hostbill.core.access import StaffView
from hostbill.core.crud import (
    BulkAction,
    Choice,
    Column,
    DateColumn,
    Related,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
)
from hostbill.core.errors import AppError
from support.actions.thread import DELETE, delete_ticket, merge_tickets
from support.actions.ticket import (
    add_note,
    assign_ticket,
    close_ticket,
    move_ticket,
    open_ticket,
    reopen_ticket,
    reply,
)
from support.forms.ticket import AssignForm, MergeForm, MoveForm, NoteForm, ReplyForm, StaffTicketForm
from support.models import Department, Ticket
from support.queries.readers import client_readers
from support.queries.thread import find_file, read_thread
from support.views.attachment import download

VIEW, REPLY, EDIT = "support.ticket.view", "support.ticket.reply", "support.ticket.edit"
WAITING = Q(state__in=["open", "customer_reply"])


def past_reply_time(request):
    """Waiting for us longer than promised."""
    return WAITING & Q(reply_due_at__lt=clock.now())


def handed_to_me(request):
    """What this person shall answer."""
    return ~Q(state="closed") & Q(assigned_to=request.actor.user_id)


class TicketList(StaffListView):
    """The queue, by whose turn it is."""

    model = Ticket
    permission = VIEW
    title = gettext_lazy("Tickets")
    select = ("client", "department", "assigned_to", "service")
    columns = [
        Column("subject", gettext_lazy("Ticket"), link=True, strong=True, second=lambda ticket: ticket.number, phone="lead"),
        StateColumn(phone="start"),
        Column("client", gettext_lazy("Client"), second=lambda ticket: ticket.client.number, phone="full"),
        Column("department", gettext_lazy("Department"), phone="hide"),
        Column("assigned_to", gettext_lazy("Waits for"), phone="under"),
        DateColumn("waiting_since", gettext_lazy("Waiting since"), sort="waiting_since", relative=True),
        DateColumn("last_message_at", gettext_lazy("Last message"), sort="last_message_at", relative=True, phone="end"),
    ]
    filters = [
        Related("client", gettext_lazy("Client"), Client),
        Choice("state", gettext_lazy("State"), Ticket.State.choices),
        Choice("priority", gettext_lazy("Priority"), Ticket.Priority.choices),
        Related("department", gettext_lazy("Department"), Department, offer=True),
    ]
    search = ["number__iexact", "subject__icontains", "client__company__icontains", "client__email__iexact"]
    sort = "-last_message_at"
    tabs = [
        Tab("waiting", gettext_lazy("Waits for us"), WAITING, count=True),
        Tab("late", gettext_lazy("Past the promised time"), past_reply_time, count=True, tone="bad"),
        Tab("mine", gettext_lazy("Handed to me"), handed_to_me, count=True),
        Tab("answered", gettext_lazy("Waits for the client"), Q(state="answered")),
        Tab("closed", gettext_lazy("Closed"), Q(state="closed")),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    bulk = [
        BulkAction("assign", gettext_lazy("Hand to"), assign_ticket, EDIT, "user", form_class=AssignForm),
        BulkAction("move", gettext_lazy("Move"), move_ticket, EDIT, "folder", form_class=MoveForm),
        BulkAction(
            "close", gettext_lazy("Close"), close_ticket, EDIT, "check", when=lambda ticket: ticket.state != "closed"
        ),
    ]
    create_permission = REPLY
    create_url = "support_staff:ticket_create"
    create_label = gettext_lazy("New ticket")
    empty = (gettext_lazy("Nobody waits"), gettext_lazy("Questions of clients appear here."))


class TicketView(StaffView, View):
    """Base of the pages of one ticket."""

    permission = VIEW

    def ticket(self):
        """The ticket of the URL, or 404."""
        tickets = Ticket.objects.visible_to(self.request.actor)
        rows = tickets.select_related("client", "department", "service", "assigned_to", "opened_by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])


class TicketDetail(TicketView):
    """The conversation, who waits how long, and the client beside it."""

    model = Ticket
    crumbs = [(gettext_lazy("Tickets"), "support_staff:ticket_list")]

    def get(self, request, pk):
        """Show."""
        return self.page()

    def page(self, reply_form=None, note_form=None):
        """The thread with these forms below."""
        ticket, actor = self.ticket(), self.request.actor
        others = ticket.client.tickets.exclude(pk=ticket.pk)
        context = {
            "page_title": ticket.subject,
            "crumbs": [(_("Tickets"), "/staff/tickets/"), (ticket.number, "")],
            "ticket": ticket,
            "thread": read_thread(ticket, actor, "support_staff:ticket_file"),
            "reply_form": reply_form or ReplyForm(auto_id="reply_%s"),
            "note_form": note_form or NoteForm(auto_id="note_%s"),
            "show_note": note_form is not None,
            "readers": client_readers(ticket),
            "services": ticket.client.services.visible_to(actor).exclude(state="terminated")[:6],
            "other_tickets": others[:5],
            "may_reply": actor.may(REPLY),
            "may_edit": actor.may(EDIT),
            "may_delete": actor.may(DELETE),
        }
        return render(self.request, "support/staff/ticket/detail.html", context)


class TicketReply(TicketDetail):
    """Answer the client."""

    permission = REPLY
    http_method_names = ["post"]

    def post(self, request, pk):
        """Save, or show the page again with what was typed."""
        form = ReplyForm(request.POST, request.FILES, auto_id="reply_%s")
        if _done(form, lambda data: reply(self.ticket(), actor=request.actor, **data)):
            messages.success(request, _("Sent to the client."))
            return redirect("support_staff:ticket_detail", pk=pk)
        return self.page(reply_form=form)


class TicketNote(TicketDetail):
    """Write an internal note."""

    permission = REPLY
    http_method_names = ["post"]

    def post(self, request, pk):
        """Save, or show the page again with what was typed."""
        form = NoteForm(request.POST, request.FILES, auto_id="note_%s")
        if _done(form, lambda data: add_note(self.ticket(), actor=request.actor, **data)):
            messages.success(request, _("Note saved. The client does not see it."))
            return redirect("support_staff:ticket_detail", pk=pk)
        return self.page(note_form=form)


def _done(form, act):
    """True when the form is right and the action agreed; its refusal becomes a form error."""
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except AppError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return False
    return True


class TicketCreate(StaffView, View):
    """A ticket for a client: first for whom (`?client=`), then what."""

    permission = REPLY

    @cached_property
    def client(self):
        """Whom it is for; None while that is not known."""
        return named_client(self.request)

    def get(self, request):
        """One of the two steps."""
        if self.client is None:
            tickets = (_("Tickets"), "support_staff:ticket_list")
            return render(request, CHOOSE, choice_of_client(request, _("New ticket"), tickets, _("For whom?")))
        return self._page(self.client, StaffTicketForm(client=self.client, initial={"service": request.GET.get("service")}))

    def post(self, request):
        """Open it."""
        if self.client is None:
            raise Http404
        form = StaffTicketForm(request.POST, request.FILES, client=self.client)
        opened = []
        if _done(form, lambda data: opened.append(open_ticket(actor=request.actor, client=self.client, **data))):
            messages.success(request, _("Opened and sent to the client."))
            return redirect("support_staff:ticket_detail", pk=opened[0].pk)
        return self._page(self.client, form)

    def _page(self, client, form):
        context = {"page_title": _("New ticket for %(name)s") % {"name": client.name}, "form": form, "client": client}
        return render(self.request, "support/staff/ticket/create.html", context)


class TicketClose(TicketView):
    """Close."""

    permission = EDIT
    http_method_names = ["post"]

    def post(self, request, pk):
        """Close and say so."""
        close_ticket(self.ticket(), actor=request.actor)
        messages.success(request, _("Closed."))
        return redirect("support_staff:ticket_detail", pk=pk)


class TicketReopen(TicketView):
    """Take it up again."""

    permission = EDIT
    http_method_names = ["post"]

    def post(self, request, pk):
        """Reopen; an open ticket stays as it is."""
        try:
            reopen_ticket(self.ticket(), actor=request.actor)
        except AppError as error:
            messages.error(request, error.message)
        return redirect("support_staff:ticket_detail", pk=pk)


class TicketAssign(StaffVerbView):
    """Hand it to a colleague."""

    model = Ticket
    permission = EDIT
    title = gettext_lazy("Hand this ticket to…")
    explain = gettext_lazy("The colleague gets a mail. The client does not notice.")
    button = gettext_lazy("Hand over")
    form_class = AssignForm

    def get_initial(self):
        """Who has it now."""
        return {"user": self.obj.assigned_to_id}

    action = staticmethod(assign_ticket)
    done = gettext_lazy("Handed over.")


class TicketMove(StaffVerbView):
    """Another department or priority."""

    model = Ticket
    permission = EDIT
    title = gettext_lazy("Move this ticket")
    explain = gettext_lazy("The new department's promised time counts from when the client began to wait.")
    button = gettext_lazy("Move")
    form_class = MoveForm

    def get_initial(self):
        """Where it is now."""
        return {"department": self.obj.department_id, "priority": self.obj.priority}

    action = staticmethod(move_ticket)
    done = gettext_lazy("Moved.")


class TicketMerge(StaffVerbView):
    """Make one of several."""

    model = Ticket
    permission = EDIT
    title = gettext_lazy("Merge tickets into this one")
    explain = gettext_lazy(
        "What was said in the chosen tickets goes on here, in the order of time. They are closed, and tell the client where it goes on."
    )
    button = gettext_lazy("Merge")
    form_class = MergeForm
    done = gettext_lazy("Merged.")

    def form_options(self):
        """Others of the same client, the latest first."""
        rows = Ticket.objects.visible_to(self.request.actor).filter(client=self.obj.client_id)
        return {"others": rows.exclude(pk=self.obj.pk).order_by("-last_message_at", "-pk")}

    def act(self, values):
        """The kept one."""
        return merge_tickets(self.obj, list(values["tickets"]), actor=self.request.actor)


class TicketDelete(StaffVerbView):
    """With all that was said in it."""

    model = Ticket
    permission = DELETE
    title = gettext_lazy("Delete this ticket")
    explain = gettext_lazy("Every message, note and file of it is deleted. This cannot be undone; the log keeps its number and subject.")
    button = gettext_lazy("Delete for good")
    kind = "danger"
    action = staticmethod(delete_ticket)
    done = gettext_lazy("Deleted.")

    def type_word(self, ticket):
        """Its number."""
        return ticket.number

    def after_url(self, result):
        """There is no page of it any more."""
        return reverse("support_staff:ticket_list")


class TicketFile(StaffView, View):
    """An attachment."""

    permission = VIEW

    def get(self, request, token):
        """Download."""
        row = find_file(token, request.actor)
        if row is None:
            raise Http404
        return download(row)
