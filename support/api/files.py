"""What was sent with a ticket's messages."""

from hostbill.core.api.addresses import Address, Plain, Told, found
from hostbill.core.api.fields import Fact
from hostbill.core.api.reading import AnyFile, JSONRenderer
from hostbill.core.models import File
from support.models import TicketMessage
from support.queries.thread import find_file
from support.views.attachment import download
from support.views.portal.ticket import TicketFile as ClientFile
from support.views.staff.ticket import TicketFile


def with_files(messages: list) -> list:
    """The messages with their files, one query for all."""
    rows: dict = {}
    for row in File.objects.filter(owner_kind=TicketMessage.FILE_OWNER, owner_id__in=[one.pk for one in messages]).order_by("pk"):
        rows.setdefault(row.owner_id, []).append({"token": str(row.token), "name": row.name, "size": row.size})
    for message in messages:
        message.sent_files = rows.get(message.pk, [])
    return messages


FILES = Fact("files", "list", nullable=False, get=lambda message: message.sent_files)


class Attachment(Plain):
    """GET: a file, to those who may read its message."""

    for_clients = True
    renderer_classes = [JSONRenderer, AnyFile]
    told = {"get": Told("A file that was sent with a ticket", TicketFile, {"type": "string", "format": "binary"}, media="*/*")}

    def admit(self, screen):
        """Clients by their part of the account."""
        super().admit(ClientFile if self.audience == "client" else screen)

    def get(self, request, token):
        """As it was sent."""
        return download(found(find_file(token, self.actor)))


ADDRESSES = [Address("ticket-files/<uuid:token>/", "ticket_file_content", Attachment, "tickets")]
