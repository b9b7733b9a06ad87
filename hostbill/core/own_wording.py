"""Staff's own wording of notices: checked before it is kept, logged, undone by going back to the shipped words."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from hostbill.core import clock, outgoing
from hostbill.core.audit import audit
from hostbill.core.compose import Composed, Wording, compose
from hostbill.core.models import Message, MessageTemplate
from hostbill.core.notices import BLOCK_SAMPLES, Notice, get_notice
from hostbill.core.notify import OUTGOING_KIND, Recipient, shipped_wording
from hostbill.core.wording import WordingError

SAMPLE_URL = "https://www.example.com/"


def wording_of(notice: Notice, language: str) -> tuple[Wording, MessageTemplate | None]:
    """The words in use and, when they are staff's own, their row."""
    own = MessageTemplate.objects.filter(kind=notice.kind, language=language).first()
    return (Wording(own.subject, own.body) if own else shipped_wording(notice, language)), own


def sample_context(notice: Notice) -> dict:
    """Believable values for a preview: the notice's own samples, else its descriptions."""
    values = {name: f"‹{label}›" for name, label in notice.context.items()}
    values |= {name: sample if f"[[{name}]]" in str(notice.body) else "" for name, sample in BLOCK_SAMPLES.items()}
    if notice.button:
        values[notice.button[1]] = SAMPLE_URL
    return values | notice.sample


def preview(notice: Notice, words: Wording, language: str, name: str = "Lena Brandt") -> Composed:
    """The mail with sample values. Raises WordingError, its ``field`` saying whether subject or body is wrong."""
    context = sample_context(notice)
    for field, probe in (("subject", Wording(words.subject, "x")), ("body", Wording("x", words.body))):
        try:
            compose(notice, probe, context, name=name, language=language)
        except WordingError as error:
            raise WordingError(error.message, code=error.code, field=field) from error
    return compose(notice, words, context, name=name, language=language)


def save_wording(kind: str, language: str, *, subject: str, body: str, is_active: bool, actor) -> MessageTemplate:
    """Keep staff's words for a notice in a language. WordingError when they cannot be rendered or say nothing."""
    notice, words = get_notice(kind), Wording(subject.strip(), body.strip())
    if not preview(notice, words, language).subject:
        raise WordingError(_("The subject is empty."), code="wording_empty", field="subject")
    with transaction.atomic():
        row = MessageTemplate.objects.select_for_update().filter(kind=kind, language=language).first()
        row = row or MessageTemplate(kind=kind, language=language)
        changes = {
            name: [getattr(row, name) if row.pk else None, value]
            for name, value in (("subject", words.subject), ("body", words.body), ("is_active", is_active))
            if not row.pk or getattr(row, name) != value
        }
        row.subject, row.body, row.is_active = words.subject, words.body, is_active
        row.updated_at, row.updated_by = clock.now(), actor.label[:200]
        row.save()
        audit(actor, "core.wording_changed", row, changes=changes)
    return row


def reset_wording(kind: str, language: str, *, actor) -> None:
    """Back to the words that ship with HostBill."""
    with transaction.atomic():
        for row in MessageTemplate.objects.select_for_update().filter(kind=kind, language=language):
            audit(actor, "core.wording_reset", row, changes={"subject": [row.subject, None], "body": [row.body, None]})
            row.delete()


def send_test(kind: str, language: str, words: Wording, reader: Recipient, *, actor) -> Message:
    """Mail the words with sample values to a colleague."""
    notice = get_notice(kind)
    composed = preview(notice, words, language, name=reader.name)
    with transaction.atomic():
        message = Message.objects.create(
            key=f"test:{uuid.uuid4().hex}",
            kind=kind,
            audience="staff",
            to_email=reader.email,
            to_name=reader.name[:200],
            subject=f"[{_('Test')}] {composed.subject}"[:250],
            html=composed.html,
            text=composed.text,
            language=language,
        )
        outgoing.queue(OUTGOING_KIND, message.pk, key=f"message:{message.pk}")
        audit(actor, "core.test_mail_sent", message)
    return message
