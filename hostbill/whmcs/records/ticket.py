"""Tickets, what was said in them, and the files that came along."""

from collections import defaultdict

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, OuterRef, Prefetch, Subquery
from django.utils.crypto import salted_hmac

from clients.models import Membership
from hostbill.core.models import File
from hostbill.whmcs.answers import instant
from hostbill.whmcs.support_words import PRIORITY, STATUS
from support.models import Ticket, TicketMessage

Kind = TicketMessage.Kind
SAID = (Kind.CLIENT, Kind.STAFF)


def readable(rows):
    """The queryset with what records read: who opened it, as which of the client's people, and its first files."""
    first = TicketMessage.objects.filter(ticket=OuterRef("pk"), kind__in=SAID).order_by("at", "pk")
    files = File.objects.filter(owner_kind=TicketMessage.FILE_OWNER, owner_id=OuterRef("first_id")).order_by().values("owner_id")
    return (
        rows.select_related("client", "department", "opened_by", "service")
        .prefetch_related(Prefetch("client__memberships", Membership.objects.filter(is_owner=True), to_attr="owners"))
        .annotate(first_id=Subquery(first.values("pk")[:1]), first_author=Subquery(first.values("author_label")[:1]))
        .annotate(first_files=Subquery(files.annotate(names=ArrayAgg(F("name"), order_by="pk")).values("names")))
    )


def ticket_record(ticket: Ticket) -> dict:
    """An entry of GetTickets. The code ``c`` is a part of WHMCS's links; here clients sign in."""
    by_staff = bool(ticket.opened_by and ticket.opened_by.is_staff)
    return {
        "id": ticket.pk,
        "ticketid": ticket.pk,
        "tid": ticket.number,
        "c": access_code(ticket),
        "deptid": ticket.department_id,
        "deptname": ticket.department.name,
        "userid": ticket.client_id,
        "contactid": 0,
        **_person(ticket),
        "owner_name": ticket.client.person_name or ticket.client.name,
        "cc": "",
        "date": instant(ticket.created_at),
        "subject": ticket.subject,
        "status": STATUS[ticket.state],
        "priority": PRIORITY[ticket.priority],
        "admin": ticket.first_author if by_staff else "",
        **attachments(ticket.first_files or []),
        "lastreply": instant(ticket.last_message_at),
        "flag": ticket.assigned_to_id or 0,
        "service": f"S{ticket.service.subscription_id}" if ticket.service_id else "",
    }


def access_code(ticket: Ticket) -> str:
    """Eight signs that stay the same."""
    return salted_hmac("hostbill.whmcs.ticket", str(ticket.pk)).hexdigest()[:8]


def _person(ticket: Ticket) -> dict:
    """Who asks: the one who opened it, or the client where staff did."""
    opener, client = ticket.opened_by, ticket.client
    if opener and not opener.is_staff:
        name, email = ticket.first_author or opener.label, opener.email
    else:
        name, email = client.person_name or client.name, client.email
    kind = requestor(ticket, opener)
    return {"name": name, "email": email, "requestor_name": name, "requestor_email": email, "requestor_type": kind}


def requestor(ticket: Ticket, user) -> str:
    """WHMCS's word for what somebody is to the client."""
    if user is None:
        return "Owner"
    if user.is_staff:
        return "Operator"
    return "Owner" if any(row.user_id == user.pk for row in ticket.client.owners) else "Authorized User"


def attachments(names: list[str]) -> dict:
    """Both ways in which WHMCS names files; the index is that of GetTicketAttachment."""
    rows = [{"filename": name, "index": str(index)} for index, name in enumerate(names)]
    return {"attachment": "|".join(names), "attachments": rows, "attachments_removed": False}


def conversation(ticket: Ticket, actor, *, newest_first: bool = False) -> dict:
    """What was said and noted, as far as the actor may read it: two queries. The first message is reply 0, as in WHMCS."""
    messages = TicketMessage.objects.visible_to(actor).filter(ticket=ticket).exclude(kind=Kind.EVENT)
    messages = list(messages.select_related("author").order_by("at", "pk"))
    files = files_of(messages)
    replies = [_reply(ticket, message, files[message.pk]) for message in messages if message.kind in SAID]
    notes = [_note(message, files[message.pk]) for message in messages if message.kind == Kind.NOTE]
    return {
        "replies": {"reply": replies[::-1] if newest_first else replies},
        "notes": {"note": [{"noteid": note.pop("id"), **note} for note in notes]},
    }


def note_records(ticket: Ticket, actor) -> list[dict]:
    """The internal notes."""
    rows = TicketMessage.objects.visible_to(actor).filter(ticket=ticket, kind=Kind.NOTE)
    messages = list(rows.order_by("at", "pk"))
    files = files_of(messages)
    return [_note(message, files[message.pk]) for message in messages]


def files_of(messages) -> dict[int, list[str]]:
    """{message: names of its files}."""
    found = defaultdict(list)
    rows = File.objects.filter(owner_kind=TicketMessage.FILE_OWNER, owner_id__in=[message.pk for message in messages])
    for owner, name in rows.order_by("pk").values_list("owner_id", "name"):
        found[owner].append(name)
    return found


def _reply(ticket: Ticket, message: TicketMessage, names: list[str]) -> dict:
    by_staff = message.kind == Kind.STAFF
    email = message.author.email if message.author and not by_staff else "" if by_staff else ticket.client.email
    name = "" if by_staff else message.author_label
    return {
        "replyid": 0 if message.pk == ticket.first_id else message.pk,
        "userid": ticket.client_id,
        "contactid": 0,
        "name": name,
        "email": email,
        "requestor_name": message.author_label,
        "requestor_email": email,
        "requestor_type": "Operator" if by_staff else requestor(ticket, message.author),
        "date": instant(message.at),
        "message": message.body,
        **attachments(names),
        "admin": message.author_label if by_staff else "",
        "rating": 0,
    }


def _note(message: TicketMessage, names: list[str]) -> dict:
    return {
        "id": message.pk,
        "date": instant(message.at),
        "message": message.body,
        **attachments(names),
        "admin": message.author_label,
    }
