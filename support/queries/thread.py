"""A ticket's messages as the screens draw them."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from hostbill.core.models import File
from support.models import TicketMessage
from support.queries.rendering import render_text


@dataclass(frozen=True)
class Entry:
    """One message or grey line. `files` are mappings of name, url and size."""

    kind: str
    author: str
    at: datetime
    html: str
    text: str
    mine: bool
    files: list = field(default_factory=list)

    @property
    def is_note(self):
        """True for what the client must not see."""
        return self.kind == TicketMessage.Kind.NOTE

    @property
    def is_event(self):
        """True for a grey line."""
        return self.kind == TicketMessage.Kind.EVENT


def read_thread(ticket, actor, file_page):
    """What the actor may read of the ticket, oldest first; two queries whatever the length. `file_page` names the URL
    that serves attachments."""
    messages = list(TicketMessage.objects.visible_to(actor).filter(ticket=ticket).order_by("at", "pk"))
    files = defaultdict(list)
    ids = [message.pk for message in messages]
    for row in File.objects.filter(owner_kind=TicketMessage.FILE_OWNER, owner_id__in=ids).order_by("pk"):
        files[row.owner_id].append({"name": row.name, "url": reverse(file_page, args=[row.token]), "size": row.size})
    return [
        Entry(
            kind=message.kind,
            author=message.author_label,
            at=message.at,
            html=render_text(message.body),
            text=message.body,
            mine=message.author_id == actor.user_id,
            files=files[message.pk],
        )
        for message in messages
    ]


def find_file(token, actor):
    """The attachment with this token, when the actor may read the message it belongs to; else None."""
    row = File.objects.filter(token=token, owner_kind=TicketMessage.FILE_OWNER).first()
    if row is None or not TicketMessage.objects.visible_to(actor).filter(pk=row.owner_id).exists():
        return None
    return row
