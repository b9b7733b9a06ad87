"""Mail leaves through Django's e-mail backend (``EMAIL_URL``).

SMTP has no idempotency key and cannot be asked afterwards. What we do instead: note on the row right before the dot that
ends the mail, and as soon as the server said yes to it. Until that dot the server keeps nothing, so the mail is simply
tried again; when the answer to the dot was lost it is sent once more, with the same Message-ID by which mailboxes drop the
twin, and after a second lost answer it is left to staff.
"""

import email.utils
import hashlib
import re
import smtplib
from datetime import timedelta
from email.mime.image import MIMEImage

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import sanitize_address
from django.db.models import F

from hostbill.core import brand, clock, letterhead, notify, options
from hostbill.core.channels.smtp import hand_over
from hostbill.core.errors import DriverError, OutcomeUnknown
from hostbill.core.models import Message
from hostbill.core.outgoing import LostClaim, OutgoingKind, register
from hostbill.core.secrets import HIDDEN
from hostbill.core.states import transition

BLIND_RETRIES = 1


#: Any address in a sent message, up to the quote or space that ends it.
LINK = re.compile(r"https?://[^\s\"'<>)]+")


@register
class MessageSender(OutgoingKind):
    """Sends one Message."""

    kind = notify.OUTGOING_KIND
    budget = timedelta(days=2)
    later = True

    def send(self, row):
        """Hand the mail to the server."""
        message = Message.objects.get(pk=row.object_id)
        mail = build(message)
        connection = get_connection()
        _open(connection)
        try:
            _deliver(connection, mail, message)
            accepted = clock.now()
            _note(message, accepted_at=accepted)
        finally:
            connection.close()
        return {"message_id": mail.extra_headers["Message-ID"], "accepted_at": accepted.isoformat()}

    def look_up(self, row):
        """From our own notes: accepted, surely not handed over (None), or unknowable."""
        message = Message.objects.get(pk=row.object_id)
        if message.accepted_at:
            return {"message_id": message_id(message), "accepted_at": message.accepted_at.isoformat()}
        if message.handed_at is None:
            return None
        if message.blind_retries < BLIND_RETRIES:
            Message.objects.filter(pk=message.pk).update(blind_retries=F("blind_retries") + 1, handed_at=None)
            return None
        raise DriverError(
            "The mail server took the mail twice without saying whether it accepted it. It may have arrived.",
            permanent=True,
            code="outcome_unknown",
        )

    def settle(self, row, answer, error):
        """Sent, or failed with the reason."""
        message = Message.objects.select_for_update().get(pk=row.object_id)
        if message.state != Message.State.QUEUED:
            return
        if error is None:
            transition(message, "sent", error="", **_without_links(message))
        else:
            transition(message, "failed", error=error.message[:2000])

    def on_retry(self, row, error):
        """Show why it has not left yet."""
        Message.objects.filter(pk=row.object_id, state="queued").update(error=str(error)[:2000])


def _without_links(message: Message) -> dict:
    """A message that opens a login has done its work once it is sent: its links are not kept, so that a stolen copy of
    the database opens nothing. Other messages stay as they were sent."""
    if message.subject_kind != Message.PRIVATE:
        return {}
    return {name: LINK.sub(HIDDEN, getattr(message, name)) for name in ("html", "text")}


def _note(message: Message, **fields) -> None:
    """Written at once, outside any transaction: it must survive the death of this process."""
    Message.objects.filter(pk=message.pk).update(**fields)


def _open(connection) -> None:
    """Connect and log in. Nothing has been handed over yet, so every trouble is a plain retry."""
    try:
        connection.open()
    except smtplib.SMTPAuthenticationError as error:
        raise DriverError(f"The mail server refuses our login: {error}", permanent=False, code="smtp_login") from error
    except (OSError, smtplib.SMTPException) as error:
        raise DriverError(f"The mail server cannot be reached: {error}", permanent=False, code="unreachable") from error


def _deliver(connection, mail: EmailMultiAlternatives, message: Message) -> None:
    """The whole talk. A definite no, or trouble before the final dot, leaves no note that the mail was handed over."""
    try:
        _talk(connection, mail, message)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _refused(message, code, text) from error
    except (OSError, smtplib.SMTPException) as error:
        if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:  # below: broken while awaited
            raise _refused(message, error.smtp_code, error.smtp_error) from error
        if Message.objects.filter(pk=message.pk, handed_at=None).exists():
            raise DriverError(f"The mail server hung up: {error}", permanent=False, code="unreachable") from error
        raise OutcomeUnknown(f"The mail server's answer was lost: {error}") from error


def _talk(connection, mail: EmailMultiAlternatives, message: Message) -> None:
    """By SMTP in our own steps. Other backends (a file, the console) are one step."""
    smtp = getattr(connection, "connection", None)
    if not isinstance(smtp, smtplib.SMTP):
        _note_handed(message)
        connection.send_messages([mail])
        return
    sender = sanitize_address(mail.from_email, settings.DEFAULT_CHARSET)
    recipients = [sanitize_address(address, settings.DEFAULT_CHARSET) for address in mail.recipients()]
    raw = mail.message().as_bytes(linesep="\r\n")
    hand_over(smtp, sender, recipients, raw, before_dot=lambda: _note_handed(message))


def _note_handed(message: Message) -> None:
    """Not when another worker has handed it over: that one took the row when our lease was over."""
    if Message.objects.filter(pk=message.pk, handed_at=None).update(handed_at=clock.now()) != 1:
        raise LostClaim


def _refused(message: Message, code: int, text) -> DriverError:
    _note(message, handed_at=None)
    words = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return DriverError(f"The mail server says: {code} {words}", permanent=code >= 500, code=f"smtp_{code}")


def message_id(message: Message) -> str:
    """The same for each try of one message, so that a twin can be recognised."""
    digest = hashlib.sha256(f"{settings.SECRET_KEY}|{message.key}".encode()).hexdigest()[:32]
    return f"<{digest}@{sender_address().rpartition('@')[2]}>"


def sender_address() -> str:
    """The address our mails come from."""
    return options.find("mail.from_email").value or settings.DEFAULT_FROM_EMAIL


def build(message: Message) -> EmailMultiAlternatives:
    """The mail as it goes out: text and HTML, the sign inside, documents attached."""
    from_name = options.find("mail.from_name").value or options.find("company.name").value
    reply_to = message.reply_to or options.find("mail.reply_to").value or options.find("company.email").value
    headers = {
        "Message-ID": message_id(message),
        "Date": email.utils.format_datetime(message.created_at),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "X-HostBill-Kind": message.kind,
    }
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=email.utils.formataddr((from_name, sender_address())),
        to=[message.to_header],
        cc=message.cc_list,
        reply_to=[reply_to] if reply_to else [],
        headers=headers | message.headers,
    )
    mail.attach_alternative(message.html, "text/html")
    if f"cid:{brand.MARK_CID}" in message.html:
        mail.attach(_mark())
    for item in message.attachments:
        name, content, mime = notify.render_attachment(item["provider"], item["object_id"])
        mail.attach(name, content, mime)
    return mail


def _mark() -> MIMEImage:
    """The logo or sign, to be shown in place."""
    image = MIMEImage(letterhead.head().png, "png")
    image.add_header("Content-ID", f"<{brand.MARK_CID}>")
    image.add_header("Content-Disposition", "inline", filename="sign.png")
    return image
