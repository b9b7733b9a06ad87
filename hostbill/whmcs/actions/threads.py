"""What stands in tickets: corrected, deleted, joined."""

from hostbill.whmcs import find
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.actions.tickets import EDIT, SAID, VIEW, body_of
from hostbill.whmcs.errors import Refused
from support.actions.thread import DELETE, delete_message, delete_ticket, edit_message, merge_tickets
from support.actions.ticket import rename_ticket
from support.models import Ticket, TicketMessage


@action("UpdateTicketReply", "Support", needs=f"{VIEW} {EDIT}", required="replyid message", optional="markdown created",
        missing="markdown (text stays as typed) and created (the moment it was said); staff see what it said before")  # fmt: skip
def update_ticket_reply(call: Call) -> dict:
    """Other words for what was said."""
    message = _message(call, "replyid", SAID, "Reply ID Not Found")
    edit_message(message, actor=call.actor, body=body_of(call.values))
    return {"replyid": message.pk}


@action("DeleteTicket", "Support", needs=f"{VIEW} {DELETE}", required="ticketid")
def delete(call: Call) -> dict:
    """With all that was said in it."""
    delete_ticket(find.ticket(call), actor=call.actor)
    return {}


@action("DeleteTicketReply", "Support", needs=f"{VIEW} {DELETE}", required="ticketid replyid")
def delete_ticket_reply(call: Call) -> dict:
    """With its files."""
    ticket, message = find.ticket(call), _message(call, "replyid", SAID, "Reply ID Not Found")
    if message.ticket_id != ticket.pk:
        raise Refused("Reply ID Not Found")
    delete_message(message, actor=call.actor)
    return {}


@action("DeleteTicketNote", "Support", needs=f"{VIEW} {DELETE}", required="noteid")
def delete_ticket_note(call: Call) -> dict:
    """With its files."""
    delete_message(_message(call, "noteid", [TicketMessage.Kind.NOTE], "Note ID Not Found"), actor=call.actor)
    return {}


@action("MergeTicket", "Support", needs=f"{VIEW} {EDIT}", required="ticketid mergeticketids", optional="newsubject",
        missing="tickets of one client only; the others stay, closed, and say where they go on")  # fmt: skip
def merge_ticket(call: Call) -> dict:
    """What was said in the others goes on in this one."""
    kept = find.ticket(call)
    numbers = [part.strip() for text in call.values.several("mergeticketids") for part in text.split(",") if part.strip()]
    rows = Ticket.objects.visible_to(call.actor).filter(pk__in=[part for part in numbers if part.isdecimal() and len(part) < 18])
    others = list(rows.exclude(pk=kept.pk))
    if not others or len(others) != len(set(numbers)):
        raise Refused("Invalid Merge Ticket IDs")
    kept = merge_tickets(kept, others, actor=call.actor)
    if subject := call.values.text("newsubject"):
        rename_ticket(kept, actor=call.actor, subject=subject)
    return {"ticketid": kept.pk}


def _message(call: Call, name: str, kinds, words: str) -> TicketMessage:
    rows = TicketMessage.objects.visible_to(call.actor).filter(kind__in=kinds).select_related("ticket")
    return find.one(rows, call.values.whole(name), words)
