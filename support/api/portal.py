"""Tickets for clients' programs."""

from hostbill.core.api.fields import Fact, fact
from hostbill.core.api.nouns import ClientNoun
from hostbill.core.crud import DateColumn, PortalEditView, PortalListView, PortalVerbView, StateColumn
from support.actions.ticket import close_ticket, open_ticket, reply
from support.api.files import FILES, with_files
from support.forms.ticket import ReplyForm, TicketForm
from support.models import Department, Ticket, TicketMessage

AREA = "support"


class TicketRows(PortalListView):
    """All of the account."""

    model, area, title, sort = Ticket, AREA, "Tickets", "-last_message_at"
    select = ("department", "service", "client")
    columns = [StateColumn(), DateColumn("last_message_at", "Last message", sort="last_message_at")]
    search = ["number__iexact", "subject__icontains"]


class DepartmentRows(PortalListView):
    """Whom one may ask."""

    model, area, title, sort = Department, AREA, "Departments", "sort"
    columns = [DateColumn("sort", "Order", sort="sort")]

    def get_queryset(self):
        """Those that clients may name."""
        return Department.objects.open_to_clients()


class TicketCreateByApi(PortalEditView):
    """Ask something."""

    model, area, form_class = Ticket, AREA, TicketForm
    create_action = None

    def form_options(self):
        """Services of the account."""
        return {"client": self.request.client}

    def act(self, values):
        """As from the page."""
        return open_ticket(actor=self.request.actor, client=self.request.client, **values)


class Reply(PortalVerbView):
    """Write again; a closed one is open then."""

    model, area, title, form_class = Ticket, AREA, "Answer", ReplyForm
    action = staticmethod(reply)


class Close(PortalVerbView):
    """Helped."""

    model, area, title = Ticket, AREA, "Close this ticket"
    action = staticmethod(close_ticket)


def turn_of(ticket) -> str:
    """Whose turn it is."""
    return str(ticket.portal_state_words[1])


def messages_of(ticket) -> list:
    """What clients may read: no notes."""
    return with_files([row for row in ticket.messages.all() if row.kind != TicketMessage.Kind.NOTE])


MESSAGE = (*(fact(TicketMessage, name) for name in ("id", "kind", "author_label", "body", "at")), FILES)
CLIENT_NOUNS = [
    ClientNoun(
        "tickets",
        TicketRows,
        ("number subject state", Fact("state_words", nullable=False, get=turn_of),
         "department service last_message_at answered_at closed_at created_at updated_at"),
        select=("department", "service"),
        inside=(Fact("messages", "rows", nullable=False, get=messages_of, parts=MESSAGE),),
        prefetch=("messages",),
        create_view=TicketCreateByApi,
        acts={"reply": Reply, "close": Close},
    ),
    ClientNoun("departments", DepartmentRows, "name description"),
]  # fmt: skip
