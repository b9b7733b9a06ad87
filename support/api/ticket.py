"""The verbs of a ticket whose screens are parts of its page."""

from hostbill.core.crud import StaffVerbView
from support.actions.ticket import add_note, close_ticket, reopen_ticket, reply
from support.forms.ticket import NoteForm, ReplyForm
from support.models import Ticket
from support.views.staff.ticket import EDIT, REPLY


class Reply(StaffVerbView):
    """Answer the client."""

    model, permission, title, form_class = Ticket, REPLY, "Answer the client", ReplyForm
    action = staticmethod(reply)


class Note(StaffVerbView):
    """Write an internal note."""

    model, permission, title, form_class = Ticket, REPLY, "Write a note that the client does not see", NoteForm
    action = staticmethod(add_note)


class Close(StaffVerbView):
    """Close."""

    model, permission, title = Ticket, EDIT, "Close this ticket"
    action = staticmethod(close_ticket)


class Reopen(StaffVerbView):
    """Take it up again."""

    model, permission, title = Ticket, EDIT, "Take this ticket up again"
    action = staticmethod(reopen_ticket)
