"""Tickets: open, answer, note, change, read. What is said for a client is said in the client's place, signed with both names."""

from dataclasses import replace

from django.db.models import Q

from billing.models import Subscription
from clients.models import Client, Contact, Membership, User
from hostbill.core.access import Actor, require
from hostbill.core.events import without
from hostbill.whmcs import find
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.actions.ticket_files import uploads
from hostbill.whmcs.answers import listed, paged
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.found import client_of
from hostbill.whmcs.records.ticket import SAID, access_code, conversation, note_records, readable, ticket_record
from hostbill.whmcs.support_words import STATUS, of_status, priority_of, state_of
from hostbill.whmcs.values import Values
from support.actions.thread import edit_message
from support.actions.ticket import (
    add_note,
    assign_ticket,
    close_ticket,
    move_ticket,
    open_ticket,
    rename_ticket,
    reopen_ticket,
    reply,
)
from support.forms.ticket import ReplyForm
from support.models import Department, Ticket, TicketMessage

VIEW, REPLY, EDIT = "support.ticket.view", "support.ticket.reply", "support.ticket.edit"
#: Who speaks in a client's name does what the console allows to those who log in as clients.
AS_CLIENT = "clients.client.visit"
MAY_NOT_SPEAK = "These credentials may not speak as a client, which takes the right to log in as clients: send admin or adminusername"
MAIL_TO_CLIENT = "support.mail_client_on_ticket_message"
NO_GUESTS = "Name and email address are required if not a client, and HostBill keeps tickets of clients alone: send clientid"
NOT_KEPT = "tickets of people who are no clients, custom fields, markdown (text stays as typed) and created (the moment of the call)"


@action(
    "GetTickets", "Tickets", needs=VIEW,
    optional="limitstart limitnum deptid clientid email status subject ignore_dept_assignments",
)  # fmt: skip
def get_tickets(call: Call) -> dict:
    """A page; the one in which somebody spoke last comes first."""
    values, rows = call.values, Ticket.objects.visible_to(call.actor)
    for name, column in (("deptid", "department_id"), ("clientid", "client_id")):
        if (number := values.whole(name)) is not None:
            rows = rows.filter(**{column: number})
    if email := values.text("email"):
        rows = rows.filter(Q(client__email__iexact=email) | Q(opened_by__email__iexact=email))
    if status := values.text("status"):
        rows = of_status(rows, status, call.actor.user_id)
    if subject := values.text("subject"):
        rows = rows.filter(subject__icontains=subject)
    return paged(values, readable(rows.order_by("-last_message_at", "-pk")), "tickets", "ticket", ticket_record)


@action("GetTicket", "Tickets", needs=VIEW, optional="ticketnum ticketid repliessort")
def get_ticket(call: Call) -> dict:
    """One, with all that was said and noted."""
    ticket = readable(Ticket.objects.filter(pk=find.ticket(call).pk)).get()
    newest_first = call.values.text("repliessort").upper() == "DESC"
    return ticket_record(ticket) | conversation(ticket, call.actor, newest_first=newest_first)


@action("GetTicketNotes", "Tickets", needs=VIEW, required="ticketid")
def get_ticket_notes(call: Call) -> dict:
    """The internal notes."""
    found = note_records(find.ticket(call), call.actor)
    return {"totalresults": len(found), **listed("notes", "note", found)}


@action(
    "OpenTicket", "Support", needs=REPLY, required="deptid subject message",
    optional="clientid userid contactid name email priority created serviceid domainid admin noemail markdown customfields "
    "attachments preventClientClosure",
    missing=f"Not kept: {NOT_KEPT}; c opens nothing, since clients sign in; domainid is refused; preventClientClosure is not used",
)  # fmt: skip
def open_one(call: Call) -> dict:
    """Opened by the client, or by us with ``admin``."""
    values = call.values
    if not values.whole("clientid"):
        raise Refused(NO_GUESTS)
    client = client_of(call)
    actor = call.actor if values.flag("admin") else in_place_of(call, client)
    with without(*_left_out(values)):
        ticket = open_ticket(
            actor=actor,
            client=client,
            department=_department(values),
            subject=_subject(values),
            body=body_of(values),
            service=_service(call, client),
            priority=priority_of(values.text("priority")) if values.text("priority") else None,
            files=uploads(values),
        )
    return {"id": ticket.pk, "tid": ticket.number, "c": access_code(ticket)}


@action(
    "AddTicketReply", "Support", needs=REPLY, required="ticketid message",
    optional="markdown clientid contactid adminusername name email status noemail customfields attachments created",
    missing=f"Not kept: {NOT_KEPT}; an answer with adminusername is signed by the owner of the credentials",
)  # fmt: skip
def add_reply(call: Call) -> dict:
    """An answer of ours with adminusername, of the client with clientid."""
    values, ticket = call.values, find.ticket(call)
    with without(*_left_out(values)):
        reply(ticket, actor=_speaker(call, ticket), body=body_of(values), files=uploads(values))
    if values.text("status"):
        set_status(call, Ticket.objects.get(pk=ticket.pk), values.text("status"))
    return {}


def _speaker(call: Call, ticket: Ticket) -> Actor:
    values = call.values
    if values.text("adminusername"):
        return call.actor
    if not values.whole("clientid") and not values.whole("contactid"):
        raise Refused(NO_GUESTS)
    client = client_of(call) if values.whole("clientid") else ticket.client
    if client.pk != ticket.client_id:
        raise Refused("Client ID Not Found")
    return in_place_of(call, client)


def in_place_of(call: Call, client: Client) -> Actor:
    """The client's user or contact that is named, else its owner; whoever called stands behind, and may log in as clients."""
    if not call.actor.may(AS_CLIENT):
        raise Refused(MAY_NOT_SPEAK)
    name, user_id = _who(call.values, client)
    return replace(
        call.actor,
        kind="client",
        label=name,
        user_id=user_id,
        permissions=frozenset(),
        superuser=False,
        client_ids=(client.pk,),
        areas={client.pk: frozenset({"support"})},
        behind=call.actor,
    )


def _who(values: Values, client: Client) -> tuple[str, int | None]:
    if values.whole("userid"):
        rows = Membership.objects.filter(client=client).select_related("user")
        member = rows.filter(user_id=values.whole("userid")).first()
        if member is None:
            raise Refused("The system cannot find the provided user ID.")
        return member.user.label, member.user_id
    if values.whole("contactid"):
        return find.one(Contact.objects.filter(client=client), values.whole("contactid"), "Contact ID Not Found").name, None
    owner = Membership.objects.filter(client=client, is_owner=True).select_related("user").first()
    return (owner.user.label, owner.user_id) if owner else (client.person_name or client.name, None)


@action(
    "AddTicketNote", "Support", needs=REPLY, required="message", optional="ticketnum ticketid markdown attachments created",
    missing="markdown (text stays as typed) and created (the moment of the call)",
)  # fmt: skip
def add_ticket_note(call: Call) -> dict:
    """What the client never sees."""
    add_note(find.ticket(call), actor=call.actor, body=body_of(call.values), files=uploads(call.values))
    return {}


@action(
    "UpdateTicket", "Support", needs=EDIT, required="ticketid",
    optional="deptid status subject userid name email cc priority created flag removeFlag message markdown customfields "
    "preventClientClosure",
    missing="A ticket stays with its client; name, email, cc, created, customfields and "
    "preventClientClosure are not used; a ticket becomes Answered or Customer-Reply by being answered, and is never On Hold or "
    "In Progress",
)  # fmt: skip
def update_ticket(call: Call) -> dict:
    """Move, rename, hand over, close, open again."""
    values, ticket = call.values, find.ticket(call)
    if values.whole("userid") not in (None, 0, ticket.client_id):
        raise Refused("userid: a ticket stays with its client")
    _move(call, ticket)
    if values.text("subject"):
        rename_ticket(ticket, actor=call.actor, subject=_subject(values))
    if values.whole("flag"):
        colleague = find.one(User.objects.staff().filter(is_active=True), values.whole("flag"), "Admin ID Not Found")
        assign_ticket(ticket, actor=call.actor, user=colleague)
    elif values.flag("removeFlag"):
        assign_ticket(ticket, actor=call.actor, user=None)
    if values.text("message"):
        edit_message(first_message(ticket), actor=call.actor, body=body_of(values))
    if values.text("status"):
        set_status(call, Ticket.objects.get(pk=ticket.pk), values.text("status"))
    return {"ticketid": ticket.pk}


def first_message(ticket: Ticket) -> TicketMessage:
    """That with which it began."""
    return ticket.messages.filter(kind__in=SAID).order_by("at", "pk").first()


def _move(call: Call, ticket: Ticket) -> None:
    values = call.values
    if not values.whole("deptid") and not values.text("priority"):
        return
    department = _department(values) if values.whole("deptid") else ticket.department
    priority = priority_of(values.text("priority")) if values.text("priority") else None
    move_ticket(ticket, actor=call.actor, department=department, priority=priority)


def set_status(call: Call, ticket: Ticket, text: str) -> None:
    """Close or open again; the other two follow from who spoke last."""
    state = state_of(text)
    if state == ticket.state:
        return
    require(call.actor, EDIT)
    if state == Ticket.State.CLOSED:
        close_ticket(ticket, actor=call.actor)
    elif state == Ticket.State.OPEN:
        reopen_ticket(ticket, actor=call.actor)
    else:
        raise Refused(f"A ticket becomes {STATUS[state]} by being answered: add a reply")


def _department(values: Values) -> Department:
    return find.one(Department.objects.filter(is_active=True), values.whole("deptid"), "Department ID not found")


def _service(call: Call, client: Client):
    """What the ticket is about: of the client's."""
    values = call.values
    if values.text("domainid") not in ("", "0"):
        raise Refused("Domain ID Not Found")
    if not values.whole("serviceid"):
        return None
    rows = Subscription.objects.visible_to(call.actor).filter(client=client).select_related("service")
    found = find.one(rows, values.whole("serviceid"), "Service ID Not Found")
    return getattr(found, "service", None)


def _subject(values: Values) -> str:
    subject = values.text("subject")
    if not subject or len(subject) > 200:
        raise Refused("Subject is required" if not subject else "Subject has at most 200 characters")
    return subject


def body_of(values: Values) -> str:
    """The message as the form of the pages takes it."""
    if not values.text("message"):
        raise Refused("Message is required")
    form = ReplyForm({"body": values.text("message")})
    if not form.is_valid():
        raise Refused(f"message: {next(iter(form.errors.values()))[0]}")
    return form.cleaned_data["body"]


def _left_out(values: Values) -> list[str]:
    return [MAIL_TO_CLIENT] if values.flag("noemail") else []
