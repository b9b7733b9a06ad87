"""The verbs of a ticket whose screens are parts of its page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from hostbill.core.crud import StaffEditView, StaffVerbView
from provisioning.models import Service
from support.actions.ticket import add_note, close_ticket, open_ticket, reopen_ticket, reply
from support.forms.ticket import NoteForm, ReplyForm, StaffTicketForm
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


class TicketBody(StaffTicketForm):
    """For whom, too."""

    client = forms.ModelChoiceField(Client.objects.none(), label=_("Client"))
    field_order = ["client", *StaffTicketForm.field_order]

    def __init__(self, data=None, files=None, *, clients, **kwargs):
        chosen = str((data or {}).get("client") or "")
        found = clients.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 18 else None
        super().__init__(data, files, client=found.heir if found else Client(pk=0), **kwargs)
        self.fields["client"].queryset = clients
        self.fields.setdefault("service", forms.ModelChoiceField(Service.objects.none(), required=False))


class Open(StaffEditView):
    """A ticket for a client."""

    model, permission, form_class = Ticket, REPLY, TicketBody

    def form_options(self):
        """Whom one may see."""
        return {"clients": Client.objects.visible_to(self.request.actor)}

    def act(self, values):
        """Open it."""
        return open_ticket(actor=self.request.actor, **values)
