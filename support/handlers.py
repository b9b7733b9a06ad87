"""Reactions to what happens to tickets: mails to the client and to staff."""

from django.conf import settings
from django.urls import reverse

from hostbill.core import clock
from hostbill.core.events import listen
from hostbill.core.notify import Recipient, notify
from support.events import TicketAssigned, TicketOpened, TicketReplied
from support.models import TicketMessage
from support.queries.readers import client_readers, staff_readers

REF = "support.ticket"


def _values(message, *, staff):
    """What every ticket mail says."""
    ticket = message.ticket
    page = "support_staff:ticket_detail" if staff else "support_portal:ticket_detail"
    return {
        "number": ticket.number,
        "reference": ticket.number,
        "subject": ticket.subject,
        "quote": {"author": message.author_label, "text": message.body},
        "link": settings.SITE_URL + reverse(page, args=[ticket.pk]),
    }


def _message(pk):
    return TicketMessage.objects.select_related("ticket__client", "ticket__department", "ticket__assigned_to").get(pk=pk)


@listen(TicketOpened, TicketReplied, name="support.mail_client_on_ticket_message", later=True)
def mail_client_on_ticket_message(event):
    """Tell the client that we have the question, or that we answered."""
    message = _message(event.message_id)
    ticket = message.ticket
    values = _values(message, staff=False)
    if message.kind == TicketMessage.Kind.STAFF:
        kind, more = "support.ticket_answered", {"author": message.author_label}
    elif isinstance(event, TicketOpened):
        kind, more = "support.ticket_opened", {"promised": ticket.reply_due_at or clock.now()}
    else:
        return
    notify(
        kind,
        to=client_readers(ticket),
        context=values | more,
        key=f"ticket-message:{message.pk}",
        subject_ref=(REF, ticket.pk),
        client_id=ticket.client_id,
    )


@listen(TicketOpened, TicketReplied, name="support.mail_staff_on_ticket_message", later=True)
def mail_staff_on_ticket_message(event):
    """Tell whoever has the ticket, else all who answer tickets, that a client waits."""
    message = _message(event.message_id)
    if message.kind != TicketMessage.Kind.CLIENT:
        return
    ticket = message.ticket
    notify(
        "support.ticket_waits",
        to=staff_readers(ticket),
        context=_values(message, staff=True)
        | {
            "author": message.author_label,
            "client_name": ticket.client.name,
            "department": ticket.department.name,
        },
        key=f"ticket-waits:{message.pk}",
        subject_ref=(REF, ticket.pk),
        client_id=ticket.client_id,
    )


@listen(TicketAssigned, name="support.mail_colleague_on_ticket_assigned", later=True)
def mail_colleague_on_ticket_assigned(event):
    """Tell a colleague that a ticket is theirs now."""
    message = TicketMessage.objects.filter(ticket=event.ticket_id).order_by("-pk").first()
    ticket = message.ticket
    if ticket.assigned_to is None:
        return
    values = _values(message, staff=True) | {"client_name": ticket.client.name}
    del values["quote"]
    notify(
        "support.ticket_assigned",
        to=Recipient(ticket.assigned_to.email, ticket.assigned_to.name, ticket.assigned_to.language),
        context=values,
        key=f"ticket-assigned:{message.pk}",
        subject_ref=(REF, ticket.pk),
        client_id=ticket.client_id,
    )
