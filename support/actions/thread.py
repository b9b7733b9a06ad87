"""Use cases that change what stands in threads: correct and delete messages, delete tickets, make one of several. What a
correction replaced stays in the thread for staff; what was deleted is gone, and the log says who did it."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from hostbill.core import access
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.locks import lock, lock_all
from hostbill.core.models import File
from support.models import Ticket, TicketMessage

from .ticket import EDIT, close_ticket, record

DELETE = "support.ticket.delete"
Kind, State = TicketMessage.Kind, Ticket.State


@transaction.atomic
def edit_message(message: TicketMessage, *, actor, body: str) -> TicketMessage:
    """Other words for a message or a note. AppError "empty"."""
    access.require(actor, EDIT)
    ticket, message, body = _locked(message, body=body.strip())
    if not body:
        raise AppError(_("Please write something."), code="empty", field="body")
    if body != message.body:
        names = {"name": message.author_label, "text": message.body}
        record(ticket, actor, _("Message of %(name)s changed, before: %(text)s") % names)
        message.body = body
        message.save(update_fields=["body"])
        audit(actor, "support.message_edited", ticket)
    return message


@transaction.atomic
def delete_message(message: TicketMessage, *, actor) -> None:
    """Delete a message or a note with its files. AppError "first" for the one with which the ticket began: delete the ticket."""
    access.require(actor, DELETE)
    ticket, message, _body = _locked(message)
    first = ticket.messages.without_notes().order_by("at", "pk").first()
    if message == first:
        raise AppError(_("The ticket began with this message: delete the ticket."), code="first")
    _forget_files([message.pk])
    name = message.author_label
    message.delete()
    record(ticket, actor, _("A message of %(name)s was deleted") % {"name": name})
    audit(actor, "support.message_deleted", ticket)


@transaction.atomic
def delete_ticket(ticket: Ticket, *, actor) -> None:
    """Delete it with all that was said in it."""
    access.require(actor, DELETE)
    ticket = lock(ticket)
    _forget_files(ticket.messages.values_list("pk", flat=True))
    audit(actor, "support.ticket_deleted", ticket, changes={"number": [ticket.number, None], "subject": [ticket.subject, None]})
    ticket.delete()


@transaction.atomic
def merge_tickets(kept: Ticket, others: list[Ticket], *, actor) -> Ticket:
    """What was said in the others goes on in the kept one, in the order of time; they are closed and say where. It waits for us if
    any of them did, since the first of them. AppError "same", "not_together" for tickets of another client."""
    access.require(actor, EDIT)
    rows = {row.pk: row for row in lock_all(Ticket.objects.filter(pk__in=[kept.pk, *(other.pk for other in others)]))}
    kept = rows.pop(kept.pk)
    others = list(rows.values())
    if not others:
        raise AppError(_("Choose another ticket."), code="same")
    if any(other.client_id != kept.client_id for other in others):
        raise AppError(_("Choose tickets of one client."), code="not_together")
    for other in others:
        _take_in(kept, other, actor)
    kept.save()
    audit(actor, "support.ticket_merged", kept, changes={"merged": [None, [other.number for other in others]]})
    return kept


def _take_in(kept: Ticket, other: Ticket, actor) -> None:
    other.messages.exclude(kind=Kind.EVENT).update(ticket=kept)
    record(kept, actor, _("Merged with %(ticket)s") % {"ticket": other})
    with translation.override(kept.client.language):  # the client reads it
        words = _("This ticket goes on in %(ticket)s.") % {"ticket": kept}
    said = {"author_id": actor.user_id, "author_label": actor.label}
    TicketMessage.objects.create(ticket=other, kind=Kind.STAFF, body=words, **said)
    if other.waiting_since and (kept.waiting_since is None or other.waiting_since < kept.waiting_since):
        if not kept.waits_for_us:
            kept.state = State.CUSTOMER_REPLY if kept.state == State.ANSWERED else State.OPEN
            kept.closed_at = None
        kept.waiting_since = other.waiting_since
        kept.promise()
    kept.last_message_at = max(kept.last_message_at, other.last_message_at)
    close_ticket(other, actor=actor, reason=_("merged with %(ticket)s") % {"ticket": kept.number})


def _locked(message: TicketMessage, body: str = "") -> tuple[Ticket, TicketMessage, str]:
    """The ticket locked, the message as it is now: one that people wrote."""
    ticket = lock(message.ticket)
    fresh = TicketMessage.objects.filter(pk=message.pk, ticket=ticket).exclude(kind=Kind.EVENT).first()
    if fresh is None:
        raise AppError(_("This message is gone."), code="gone")
    return ticket, fresh, body


def _forget_files(messages) -> None:
    """Rows now, what is stored when all of it has happened."""
    for row in File.objects.filter(owner_kind=TicketMessage.FILE_OWNER, owner_id__in=list(messages)):
        transaction.on_commit(lambda content=row.content: content.delete(save=False))
        row.delete()
