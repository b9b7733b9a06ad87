"""Use cases of tickets. The state follows from who spoke last."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from hostbill.core import access, clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock
from hostbill.core.sequence import next_number
from hostbill.core.states import transition
from support.actions.attachment import attach
from support.events import TicketAssigned, TicketClosed, TicketOpened, TicketReplied
from support.models import Ticket, TicketMessage

FIRST_NUMBER = 10000
REPLY, EDIT = "support.ticket.reply", "support.ticket.edit"
Kind, State = TicketMessage.Kind, Ticket.State


def _require(actor, client_id, permission):
    """Raise unless the actor is staff with `permission` or a member of the client with the support area."""
    if actor.kind == "client":
        if client_id not in actor.clients_with("support"):
            raise PermissionDenied("support")
        return
    access.require(actor, permission)


def _locked(ticket):
    """The row as it is now, locked until the transaction ends."""
    return lock(ticket)


def _say(ticket, *, actor, kind, body, files=()):
    """Add a message and move the ticket's last-message time."""
    body = (body or "").strip()
    if not body:
        raise AppError(_("Please write something."), code="empty", field="body")
    ticket.last_message_at = clock.now()
    message = TicketMessage.objects.create(
        ticket=ticket, kind=kind, author_id=actor.user_id, author_label=actor.label, body=body, at=clock.now()
    )
    attach(message, files)
    return message


@transaction.atomic
def open_ticket(*, actor, client, department, subject, body, service=None, priority=None, files=()):
    """Open a ticket: by the client, who then waits for us, or by staff, who then wait for the client; of a client who was
    merged for the kept one."""
    client = client.heir
    _require(actor, client.pk, REPLY)
    if service is not None and service.client_id != client.pk:
        raise AppError(_("This service belongs to another account."), code="foreign_service", field="service")
    if actor.kind == "client" and not (department.is_active and department.is_public):
        raise AppError(_("Choose one of the departments."), code="department", field="department")
    by_staff = actor.kind != "client"
    ticket = Ticket(
        number=f"T-{FIRST_NUMBER + next_number('ticket')}",
        client=client,
        department=department,
        service=service,
        subject=subject.strip(),
        priority=priority or Ticket.Priority.NORMAL,
        opened_by_id=actor.user_id,
        state=State.ANSWERED if by_staff else State.OPEN,
        answered_at=clock.now() if by_staff else None,
    )
    if not by_staff:
        ticket.start_waiting()
    ticket.save()
    message = _say(ticket, actor=actor, kind=Kind.STAFF if by_staff else Kind.CLIENT, body=body, files=files)
    audit(actor, "support.ticket_opened", ticket)
    emit(TicketOpened(ticket.pk, message.pk))
    return ticket


@transaction.atomic
def reply(ticket, *, actor, body, files=()):
    """Answer. A client's reply opens a closed ticket again; an answer by staff makes it the client's turn."""
    _require(actor, ticket.client_id, REPLY)
    ticket = _locked(ticket)
    by_client = actor.kind == "client"
    message = _say(ticket, actor=actor, kind=Kind.CLIENT if by_client else Kind.STAFF, body=body, files=files)
    if by_client:
        _client_spoke(ticket)
    else:
        _staff_spoke(ticket)
    audit(actor, "support.ticket_replied", ticket)
    emit(TicketReplied(ticket.pk, message.pk))
    return message


def _client_spoke(ticket):
    """The ball is with us; a ticket that waits already keeps the earlier time."""
    ticket.start_waiting()
    if ticket.state in (State.OPEN, State.CUSTOMER_REPLY):
        ticket.save()
    else:
        transition(ticket, State.CUSTOMER_REPLY, **ticket.turn())


def _staff_spoke(ticket):
    """The ball is with the client."""
    ticket.stop_waiting()
    if ticket.state == State.ANSWERED:
        ticket.answered_at = clock.now()
        ticket.save()
    else:
        transition(ticket, State.ANSWERED, **ticket.turn())


@transaction.atomic
def add_note(ticket, *, actor, body, files=()):
    """Write an internal note, which the client never sees; whose turn it is stays."""
    access.require(actor, REPLY)
    ticket = _locked(ticket)
    message = _say(ticket, actor=actor, kind=Kind.NOTE, body=body, files=files)
    ticket.save()
    audit(actor, "support.ticket_noted", ticket)
    return message


@transaction.atomic
def close_ticket(ticket, *, actor, reason=""):
    """Close: by staff, by the client who is helped, or by the rule for quiet tickets. Closing twice changes nothing."""
    _require(actor, ticket.client_id, EDIT)
    ticket = _locked(ticket)
    if ticket.state == State.CLOSED:
        return ticket
    ticket.stop_waiting()
    transition(ticket, State.CLOSED, **ticket.turn())
    record(ticket, actor, _("Closed"), reason)
    audit(actor, "support.ticket_closed", ticket, reason=reason)
    emit(TicketClosed(ticket.pk))
    return ticket


@transaction.atomic
def reopen_ticket(ticket, *, actor):
    """Take a closed or answered ticket up again: it waits for us."""
    _require(actor, ticket.client_id, EDIT)
    ticket = _locked(ticket)
    ticket.start_waiting()
    transition(ticket, State.OPEN, **ticket.turn())
    record(ticket, actor, _("Opened again"))
    audit(actor, "support.ticket_reopened", ticket)
    return ticket


@transaction.atomic
def assign_ticket(ticket, *, actor, user):
    """Hand the ticket to a colleague; None puts it back for everybody."""
    access.require(actor, EDIT)
    ticket = _locked(ticket)
    if user is not None and not (user.is_staff and user.is_active):
        raise AppError(_("Choose somebody who works here."), code="not_staff", field="user")
    ticket.assigned_to = user
    record(ticket, actor, _("Handed to %(name)s") % {"name": user.label} if user else _("Given back to everybody"))
    audit(actor, "support.ticket_assigned", ticket)
    ticket.save()
    if user is not None and user.pk != actor.user_id:
        emit(TicketAssigned(ticket.pk))
    return ticket


@transaction.atomic
def move_ticket(ticket, *, actor, department, priority=None):
    """Move to another department, whose promise counts from when the client began to wait; set the priority."""
    access.require(actor, EDIT)
    ticket = _locked(ticket)
    if department.pk != ticket.department_id:
        ticket.department = department
        ticket.promise()
        record(ticket, actor, _("Moved to %(department)s") % {"department": department.name})
    if priority and int(priority) != ticket.priority:
        ticket.priority = int(priority)
        record(ticket, actor, _("Priority set to %(level)s") % {"level": ticket.get_priority_display()})
    audit(actor, "support.ticket_moved", ticket)
    ticket.save()
    return ticket


@transaction.atomic
def rename_ticket(ticket, *, actor, subject):
    """Give it another subject; the thread says which it had. AppError "empty"."""
    access.require(actor, EDIT)
    ticket, subject = _locked(ticket), subject.strip()
    if not subject:
        raise AppError(_("A ticket needs a subject."), code="empty", field="subject")
    if subject != ticket.subject:
        record(ticket, actor, _("Subject changed, before: %(subject)s") % {"subject": ticket.subject})
        ticket.subject = subject[:200]
        audit(actor, "support.ticket_renamed", ticket)
        ticket.save()
    return ticket


def record(ticket, actor, what, reason=""):
    """A grey line in the thread, for staff."""
    text = f"{what}: {reason}" if reason else what
    TicketMessage.objects.create(
        ticket=ticket, kind=Kind.EVENT, author_id=actor.user_id, author_label=actor.label, body=text, at=clock.now()
    )
