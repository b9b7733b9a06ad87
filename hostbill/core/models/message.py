"""Messages that left (or shall leave) the house, and staff's own wording for them.

A ``Message`` is written in the transaction of the business act that causes it, complete with subject and body, so
that the log shows what was really said even after templates change. A worker sends it (``hostbill.core.channels``).
"""

from email.utils import formataddr, getaddresses

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock
from hostbill.core.addresses import address
from hostbill.core.search import Words


class MessageQuerySet(models.QuerySet):
    """Messages, narrowed to what somebody may read."""

    def visible_to(self, actor):
        """All for staff who may view messages; for a client those written to one of their client accounts."""
        if actor.superuser:
            return self
        if actor.is_staff and actor.may("core.message.view"):
            return self.exclude(subject_kind=Message.PRIVATE)
        if actor.kind == "client":
            return self.filter(client_id__in=actor.client_ids, audience="client")
        return self.none()


class Message(models.Model):
    """One mail to one person: rendered once, sent at most once, kept with its fate."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        BOUNCED = "bounced", _("Bounced")

    #: ``subject_kind`` of mails whose links open a login: their text is for the reader and superusers only.
    PRIVATE = "private"

    TRANSITIONS = {"queued": {"sent", "failed"}, "sent": {"bounced"}, "failed": set(), "bounced": set()}

    kind = models.CharField(max_length=100, help_text=_("The notice it was made from, such as billing.invoice_issued."))
    audience = models.CharField(max_length=10, default="client")
    key = models.CharField(max_length=250, unique=True, help_text=_("Makes a second mail about the same act impossible."))
    to_name = models.CharField(max_length=200, blank=True)
    to_email = models.EmailField(max_length=254)
    cc = models.TextField(blank=True, help_text=_("Further recipients as an address list."))
    reply_to = models.CharField(max_length=320, blank=True)
    headers = models.JSONField(default=dict, blank=True, help_text=_("Threading headers of a ticket mail."))
    subject = models.CharField(max_length=250)
    html = models.TextField()
    text = models.TextField()
    language = models.CharField(max_length=12, default="en")
    attachments = models.JSONField(default=list, blank=True, help_text=_("What to attach when sending: [{provider, object_id}]."))
    client_id = models.BigIntegerField(null=True, blank=True)
    subject_kind = models.CharField(max_length=60, blank=True, help_text=_("What it is about, such as billing.invoice."))
    subject_id = models.BigIntegerField(null=True, blank=True)
    resend_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="resends")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    handed_at = models.DateTimeField(null=True, blank=True, help_text=_("When the mail server began to receive it."))
    accepted_at = models.DateTimeField(null=True, blank=True, help_text=_("When the mail server said yes."))
    blind_retries = models.PositiveSmallIntegerField(default=0, help_text=_("Sent again although the first may have arrived."))
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()
    SEARCH = Words("core_message_words", "to_name", "to_email", "subject")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["client_id", "-id"], name="message_client"),
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="message_subject"),
            models.Index(fields=["state", "-id"], name="message_state"),
            models.Index(fields=["kind", "-id"], name="message_kind"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "sent", "failed", "bounced"]), name="message_state_known"
            ),
        ]

    def __str__(self):
        return self.subject

    def get_absolute_url(self):
        """Its page in the console."""
        return address("message_detail", self.pk)

    @property
    def state_words(self) -> tuple:
        """Kind, words and reason for the state shown on screens."""
        if self.state == "queued":
            return ("attention", _("Not sent yet"), self.error) if self.error else ("pending", _("Waiting to be sent"))
        if self.state == "sent":
            return ("ok", _("Sent"))
        words = _("Came back") if self.state == "bounced" else _("Not sent")
        return ("failed", words, self.error)

    @property
    def to(self) -> str:
        """The recipient as people read it: ``Jana Krüger <jana@example.com>``."""
        return f"{self.to_name} <{self.to_email}>" if self.to_name else self.to_email

    @property
    def to_header(self) -> str:
        """The recipient as mail programs read it, the name encoded."""
        return formataddr((self.to_name, self.to_email))

    @property
    def cc_list(self) -> list[str]:
        """The further recipients, one address with its name each."""
        return [formataddr(pair) for pair in getaddresses([self.cc]) if pair[1]]


class MessageTemplate(models.Model):
    """Staff's own wording of one notice in one language; absent means the wording that ships with HostBill."""

    kind = models.CharField(max_length=100)
    language = models.CharField(max_length=12)
    subject = models.CharField(max_length=250)
    body = models.TextField(help_text=_("Markdown with Liquid placeholders."))
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField(default=clock.now)
    updated_by = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        ordering = ["kind", "language"]
        constraints = [models.UniqueConstraint(fields=["kind", "language"], name="template_kind_language")]

    def __str__(self):
        return f"{self.kind} ({self.language})"
