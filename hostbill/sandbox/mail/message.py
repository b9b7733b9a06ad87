"""Reading a raw message into plain data."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser


def _open(raw: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(raw)


def _text(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body(preferencelist=(kind,))
    if body is None or body.get_content_subtype() != kind:
        return ""
    try:
        return body.get_content()
    except (LookupError, ValueError):
        return (body.get_payload(decode=True) or b"").decode("utf-8", "replace")


def _parts(mail: EmailMessage) -> list[EmailMessage]:
    """Everything that is neither the text nor the HTML: attachments and pictures inside."""
    bodies = [id(mail.get_body(preferencelist=(kind,))) for kind in ("plain", "html")]
    return [part for part in mail.walk() if not part.is_multipart() and id(part) not in bodies]


def summary(raw: bytes) -> dict:
    """subject, from, to, message_id (header texts) and text, for the list."""
    mail = _open(raw)
    return {
        "message_id": str(mail.get("Message-ID", "")).strip(),
        "subject": str(mail.get("Subject", "")),
        "from": str(mail.get("From", "")),
        "to": str(mail.get("To", "")),
        "text": _text(mail, "plain"),
    }


def parse(raw: bytes) -> dict:
    """The whole message: headers as pairs, text, html, attachments without their content."""
    mail = _open(raw)
    attachments = [
        {
            "name": part.get_filename() or f"part-{place}",
            "type": part.get_content_type(),
            "size": len(part.get_payload(decode=True) or b""),
            "content_id": str(part.get("Content-ID", "")).strip("<>"),
        }
        for place, part in enumerate(_parts(mail))
    ]
    headers = [[name, str(value)] for name, value in mail.items()]
    return {**summary(raw), "headers": headers, "html": _text(mail, "html"), "attachments": attachments}


def attachment(raw: bytes, place: int) -> tuple[str, str, bytes] | None:
    """Name, type and content of the attachment at a place."""
    parts = _parts(_open(raw))
    if place >= len(parts):
        return None
    part = parts[place]
    return part.get_filename() or f"part-{place}", part.get_content_type(), part.get_payload(decode=True) or b""
