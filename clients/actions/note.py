"""Use cases of staff notes."""

from django.db import transaction

from clients.models import Note
from hostbill.core import access
from hostbill.core.audit import audit
from hostbill.core.locks import lock


@transaction.atomic
def set_sticky_note(client, *, actor, body):
    """Write, replace or (with an empty text) remove the note on top of the client's page."""
    access.require(actor, "clients.note.edit")
    lock(client)
    note = client.notes.sticky().first() or Note(client=client, is_sticky=True)
    before, body = note.body, body.strip()
    if before != body:
        audit(actor, "clients.sticky_note_set", client, changes={"sticky_note": [before, body]})
    if not body:
        if note.pk:
            note.delete()
        return None
    note.body, note.author_id, note.author_label = body, actor.user_id, actor.label
    note.save()
    return note
