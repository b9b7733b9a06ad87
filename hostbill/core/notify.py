"""Write to people: one Message row per reader, rendered at once, sent by a worker.

Attachments are named, not stored: ``("billing.invoice_pdf", 12)`` is rendered by its registered provider when the mail
leaves, so the row stays small and the document is the one that was issued.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import formataddr

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from hostbill.core import outgoing
from hostbill.core.audit import audit
from hostbill.core.compose import Composed, Wording, compose
from hostbill.core.errors import AppError
from hostbill.core.models import Message, MessageTemplate
from hostbill.core.notices import Notice, all_notices, get_notice, register_notice
from hostbill.core.wording import WordingError

__all__ = [
    "Notice",
    "Recipient",
    "all_notices",
    "get_notice",
    "notify",
    "register_attachment",
    "register_notice",
    "resend",
]

log = structlog.get_logger(__name__)
OUTGOING_KIND = "core.message"

#: A provider gives (file name, content, MIME type) of an object id.
AttachmentProvider = Callable[[int], tuple[str, bytes, str]]
_attachments: dict[str, AttachmentProvider] = {}


@dataclass(frozen=True)
class Recipient:
    """Somebody with a mailbox; ``name`` may be empty, ``language`` empty means the house's."""

    email: str
    name: str = ""
    language: str = ""


def register_attachment(name: str, provider: AttachmentProvider) -> None:
    """Make a kind of attachment available to notices."""
    _attachments[name] = provider


def render_attachment(name: str, object_id: int) -> tuple[str, bytes, str]:
    """(file name, content, MIME type). Raises LookupError for a provider nobody registered."""
    try:
        provider = _attachments[name]
    except KeyError:
        raise LookupError(f"no attachment is called {name}") from None
    return provider(object_id)


def notify(
    kind: str,
    *,
    to,
    context: dict,
    key: str,
    language: str | None = None,
    subject_ref: tuple[str, int | None] = ("", None),
    client_id: int | None = None,
    attachments: Iterable[tuple[str, int]] = (),
    cc: Iterable[str] = (),
    reply_to: str = "",
    headers: dict | None = None,
) -> list[Message]:
    """Write the messages of a notice, one per recipient, in the caller's transaction.

    ``to``: Recipients, (email, name, language) tuples, addresses, or anything with ``recipients(area)`` (a client).
    ``context``: plain data only; money and dates are written out in the reader's language. ``key`` names the act ("invoice-issued:12"):
    the same key again sends nothing. Returns the rows that stand for the key.
    """
    notice = get_notice(kind)
    if client_id is None and hasattr(to, "recipients"):
        client_id = to.pk
    common = {
        "kind": kind,
        "audience": notice.audience,
        "client_id": client_id,
        "subject_kind": subject_ref[0],
        "subject_id": subject_ref[1],
        "attachments": [{"provider": name, "object_id": object_id} for name, object_id in attachments or ()],
        "cc": ", ".join(_one_line(item) for item in cc),
        "reply_to": _one_line(reply_to),
        "headers": {_one_line(name): _one_line(value) for name, value in (headers or {}).items()},
    }
    with transaction.atomic():
        return [_write(notice, reader, context, key, language, common) for reader in _readers(to, notice.area)]


def _one_line(text: str) -> str:
    """A header value: line breaks and other control characters out."""
    return " ".join("".join(char if char.isprintable() else " " for char in str(text)).split())


def _readers(to, area: str) -> list[Recipient]:
    """Each mailbox once."""
    if hasattr(to, "recipients"):
        to = to.recipients(area)
    if isinstance(to, Recipient | str):
        to = [to]
    readers = {}
    for item in to:
        reader = item if isinstance(item, Recipient) else Recipient(item) if isinstance(item, str) else Recipient(*item)
        if reader.email:
            readers.setdefault(reader.email.strip().lower(), reader)
    return list(readers.values())


def _write(notice: Notice, reader: Recipient, context: dict, key: str, language: str | None, common: dict) -> Message:
    language = spoken_language(notice, known_language(language or reader.language))
    composed = render(notice, context, name=reader.name, language=language)
    message, created = Message.objects.get_or_create(
        key=f"{key}|{reader.email.strip().lower()}"[:250],
        defaults=common
        | {
            "to_email": _one_line(reader.email),
            "to_name": _one_line(reader.name)[:200],
            "subject": composed.subject,
            "html": composed.html,
            "text": composed.text,
            "language": language,
        },
    )
    if created:
        outgoing.queue(OUTGOING_KIND, message.pk, key=f"message:{message.pk}")
    return message


def known_language(language: str) -> str:
    """One of ours: the language itself, its base, or the house's."""
    ours = dict(settings.LANGUAGES)
    for candidate in (language, (language or "").split("-")[0]):
        if candidate in ours:
            return candidate
    return settings.LANGUAGE_CODE


def shipped_wording(notice: Notice, language: str) -> Wording:
    """The wording that comes with HostBill, translated."""
    with translation.override(language):
        return Wording(str(notice.subject), str(notice.body))


def spoken_language(notice: Notice, language: str) -> str:
    """The language itself when we have words in it, else English: no English sentence in an Arabic frame."""
    if language == "en" or MessageTemplate.objects.filter(kind=notice.kind, language=language, is_active=True).exists():
        return language
    return "en" if shipped_wording(notice, language) == shipped_wording(notice, "en") else language


def render(notice: Notice, context: dict, *, name: str, language: str) -> Composed:
    """With staff's wording where they have one that works, else with the shipped one: a mail is never lost to a typo."""
    own = MessageTemplate.objects.filter(kind=notice.kind, language=language, is_active=True).first()
    if own:
        try:
            return compose(notice, Wording(own.subject, own.body), context, name=name, language=language)
        except WordingError as error:
            log.warning("staff_wording_unusable", kind=notice.kind, language=language, error=str(error))
    return compose(notice, shipped_wording(notice, language), context, name=name, language=language)


def resend(message: Message, actor) -> Message:
    """Send the same words again as a new message; attachments are rendered afresh. Refused while one is on its way."""
    with transaction.atomic():
        original = Message.objects.select_for_update().get(pk=message.pk)
        root = original.resend_of or original
        if Message.objects.filter(pk=original.pk, state="queued").exists():
            raise AppError(_("This mail is still on its way."), code="message_queued")
        if original.subject_kind == Message.PRIVATE:
            raise AppError(_("Its link is not kept. Have the person ask for a new one."), code="message_private")
        count = root.resends.count() + 1
        copied = {name: getattr(original, name) for name in _COPIED}
        again = Message.objects.create(key=f"{root.key[:230]}|again-{count}", resend_of=root, **copied)
        outgoing.queue(OUTGOING_KIND, again.pk, key=f"message:{again.pk}")
        audit(actor, "core.message_resent", again, reason=formataddr((again.to_name, again.to_email)))
        return again


_COPIED = (
    "kind", "audience", "to_name", "to_email", "cc", "reply_to", "headers", "subject", "html", "text", "language",
    "attachments", "client_id", "subject_kind", "subject_id",
)  # fmt: skip
