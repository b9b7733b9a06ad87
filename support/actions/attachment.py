"""Use cases of attachments: check, store."""

import hashlib

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from hostbill.core.errors import AppError
from hostbill.core.models import File
from support.kinds import TYPES, content_matches, extension_of
from support.models import TicketMessage
from support.options import MAX_FILE_MEGABYTES

MAX_FILES = 5
MAX_NAME = 120


def check_upload(upload):
    """Raise AppError unless the upload is small enough, of an allowed type, and really of that type."""
    limit = MAX_FILE_MEGABYTES.value
    extension = extension_of(upload.name)
    if upload.size > limit * 1024 * 1024:
        message = _("%(name)s is larger than %(limit)d MB.") % {"name": upload.name, "limit": limit}
        raise AppError(message, code="file_too_large", field="files")
    if extension not in TYPES:
        allowed = ", ".join(sorted(TYPES))
        message = _("%(name)s cannot be sent. Allowed are: %(allowed)s.") % {"name": upload.name, "allowed": allowed}
        raise AppError(message, code="file_type", field="files")
    upload.seek(0)
    if not content_matches(extension, upload.read()):
        message = _("%(name)s is not what its name says.") % {"name": upload.name}
        raise AppError(message, code="file_content", field="files")


def attach(message, uploads):
    """Store uploads with a ticket message; call inside the transaction that made the message. The type served later
    is ours, from the extension; what the browser claimed is ignored."""
    if len(uploads) > MAX_FILES:
        raise AppError(_("At most %(count)d files at once.") % {"count": MAX_FILES}, code="too_many", field="files")
    for upload in uploads:
        check_upload(upload)
    return [_store(message, upload) for upload in uploads]


def _store(message, upload):
    """One row and one stored copy under a random name."""
    upload.seek(0)
    data = upload.read()
    extension = extension_of(upload.name)
    stem = upload.name.replace("\\", "/").rsplit("/", 1)[-1]
    row = File(
        name=stem[-MAX_NAME:],
        mime=TYPES[extension],
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        owner_kind=TicketMessage.FILE_OWNER,
        owner_id=message.pk,
    )
    row.content.save("content", ContentFile(data), save=True)
    return row
