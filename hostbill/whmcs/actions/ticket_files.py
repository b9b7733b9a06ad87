"""Files of tickets, read and sent as base64."""

import base64
import binascii
import json

from django.core.files.uploadedfile import SimpleUploadedFile

from hostbill.core.models import File
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.ticket import SAID
from hostbill.whmcs.values import Values
from support.models import TicketMessage

VIEW = "support.ticket.view"


@action("GetTicketAttachment", "Tickets", needs=VIEW, required="relatedid type index")
def get_ticket_attachment(call: Call) -> dict:
    """The file in base64. ``relatedid`` is that of the ticket (its first message), the reply or the note."""
    values = call.values
    kind, number, index = values.text("type").lower(), values.whole("relatedid"), values.whole("index")
    if kind not in ("ticket", "reply", "note"):
        raise Refused("type is one of ticket, reply, note")
    rows = TicketMessage.objects.visible_to(call.actor).order_by("at", "pk")
    rows = rows.filter(kind__in=[TicketMessage.Kind.NOTE] if kind == "note" else SAID)
    rows = rows.filter(ticket_id=number) if kind == "ticket" else rows.filter(pk=number)
    message = rows.first()
    files = File.objects.filter(owner_kind=TicketMessage.FILE_OWNER, owner_id=message.pk if message else None).order_by("pk")
    row = files[index : index + 1].first() if message and index >= 0 else None
    if row is None:
        raise Refused("Attachment Not Found")
    with row.content.open("rb") as content:
        return {"filename": row.name, "data": base64.b64encode(content.read()).decode()}


def uploads(values: Values) -> list[SimpleUploadedFile]:
    """The files of a base64 text of a JSON list of ``{"name": …, "data": base64}``. What they are is checked where they are kept."""
    text = values.text("attachments")
    if not text:
        return []
    try:
        rows = json.loads(base64.b64decode(text.replace(" ", "+"), validate=True))
        return [SimpleUploadedFile(row.get("name") or row["filename"], _bytes(row["data"])) for row in rows]
    except (binascii.Error, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Refused("attachments is a base64 text of a JSON list of objects with name and data (in base64)") from None


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
