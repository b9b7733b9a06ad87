"""Webhooks: where programs of others are told what happened, what they were told, and how each try went."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock
from hostbill.core.models.event import Event
from hostbill.core.models.tracked import TrackedModel
from hostbill.core.secrets import EncryptedTextField
from hostbill.core.webhooks import troubles


class WebhookQuerySet(models.QuerySet):
    """Endpoints, or what was sent to them, by who may see them. ``endpoint``: the way to the endpoint's columns."""

    endpoint = ""

    def visible_to(self, actor):
        """One's own; everybody's for those who look after them; those of an account for whoever manages it."""
        if actor.kind == "client":
            return self.filter(**{f"{self.endpoint}client_id__in": actor.clients_with("account")})
        if actor.may("core.webhook.oversee"):
            return self
        if actor.is_staff and actor.may("core.webhook.view"):
            return self.filter(**{f"{self.endpoint}user_id": actor.user_id, f"{self.endpoint}client_id": None})
        return self.none()


class DeliveryQuerySet(WebhookQuerySet):
    """Deliveries, by their endpoint."""

    endpoint = "endpoint__"


class WebhookEndpoint(TrackedModel):
    """An address that is told of the chosen events, as far as ``user``, for whom it stands, may see them at that moment.

    With a ``client_id`` it belongs to that account and is told of nothing else."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    client_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    label = models.CharField(_("what it is for"), max_length=80)
    target_url = models.CharField(_("address"), max_length=500)
    events = models.JSONField(_("events"), default=list)
    secret = EncryptedTextField(editable=False)
    #: The one before the last rotation also signs until then.
    old_secret = EncryptedTextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    is_on = models.BooleanField(_("switched on"), default=True)
    #: When and why we switched it off ourselves; empty when a person did.
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True, editable=False)
    stopped_reason = models.CharField(max_length=20, blank=True, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        """Its page in the console."""
        return reverse("clients_staff:webhook_detail", args=[self.pk])

    @property
    def state_words(self):
        """State as (kind, words)."""
        if self.is_on:
            return ("ok", _("On"))
        return ("failed", _("Stopped"), self.stopped_words) if self.stopped_at else ("paused", _("Off"))

    @property
    def stopped_words(self) -> str:
        """Why we stopped it."""
        return troubles.words_of("gone") if self.stopped_reason == "gone" else _("It took nothing for three days.")


class WebhookDelivery(models.Model):
    """One event for one endpoint, as the very words that are sent; tries are rows of their own.

    ``held``: an earlier event of the same object is still being tried; see hostbill/core/webhooks/turns.py."""

    class State(models.TextChoices):
        HELD = "held", _("Waits for an earlier one")
        WAITING = "waiting", _("On its way")
        DONE = "done", _("Taken")
        FAILED = "failed", _("Given up")

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"))
    event = models.ForeignKey(Event, models.SET_NULL, null=True, blank=True, related_name="+")
    message_id = models.CharField(_("webhook-id"), max_length=60, unique=True)
    type = models.CharField(_("event"), max_length=60)
    object_kind = models.CharField(max_length=60, blank=True)
    object_id = models.BigIntegerField(null=True, blank=True)
    body = models.TextField(_("body"))
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    replays = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    ms = models.PositiveIntegerField(_("milliseconds"), null=True, blank=True)
    error_code = models.CharField(_("trouble"), max_length=30, blank=True)
    created_at = models.DateTimeField(_("written"), default=clock.now)
    #: When it began to be tried: a later event of the object waits for it from then on, for a while.
    queued_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["endpoint", "event"], name="core_webhook_delivery_once")]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="core_webhook_delivery_list"),
            models.Index(
                fields=["endpoint", "object_kind", "object_id", "id"],
                condition=Q(state__in=["held", "waiting"]),
                name="core_webhook_delivery_open",
            ),
            models.Index(fields=["created_at"], name="core_webhook_delivery_old"),
        ]

    def __str__(self):
        return f"{self.type} {self.message_id}"

    def get_absolute_url(self):
        """Its page in the console."""
        return reverse("clients_staff:webhook_delivery_detail", args=[self.pk])

    @property
    def is_over(self) -> bool:
        """Nothing more comes of it by itself."""
        return self.state in (self.State.DONE, self.State.FAILED)

    @property
    def state_words(self):
        """State as (kind, words, why)."""
        if self.state == self.State.WAITING and self.tries:
            return ("attention", _("Will be tried again"), self.trouble)
        kind = {"held": "pending", "waiting": "pending", "done": "ok", "failed": "failed"}[self.state]
        return (kind, self.get_state_display(), self.trouble if self.state == self.State.FAILED else "")

    @property
    def trouble(self) -> str:
        """What went wrong at the last try, in words."""
        return troubles.words_of(self.error_code)


class WebhookAttempt(models.Model):
    """One try of a delivery: what was answered, how long it took, or what went wrong."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="attempts")
    at = models.DateTimeField(default=clock.now)
    url = models.CharField(max_length=500)
    address = models.CharField(max_length=60, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)
    error_code = models.CharField(max_length=30, blank=True)
    technical = models.CharField(max_length=300, blank=True)
    ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.delivery_id} {self.at}"

    @property
    def trouble(self) -> str:
        """What went wrong, in words."""
        return troubles.words_of(self.error_code)
