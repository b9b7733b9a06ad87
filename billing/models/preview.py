"""What automation would do by a day, as somebody asked it: the question, how far its answer is, and the answer's rows."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock
from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, MoneyOf


class PreviewQuerySet(models.QuerySet):
    """For those who may look ahead."""

    def visible_to(self, actor):
        """All or nothing."""
        return self if actor.may("billing.preview.run") else self.none()


class Preview(models.Model):
    """A look ahead. `changes` = {"options": {key: value}, "rules": {id: days or None for off}, "prices": {product id: percent}}:
    with them the answer's rows are the differences that they make. Everything it did was rolled back."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Looking ahead")
        DONE = "done", _("Ready")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Not finished")

    class Cards(models.TextChoices):
        PAY = "pay", _("pay")
        REFUSED = "refused", _("are refused")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_by = models.CharField(_("asked by"), max_length=200, blank=True)
    client = models.ForeignKey("clients.Client", models.CASCADE, null=True, blank=True, related_name="+")
    until = models.DateField(_("until"))
    cards = models.CharField(_("saved cards"), max_length=10, choices=Cards, default=Cards.PAY)
    changes = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(null=True, help_text="Clients to be looked at.")
    done = models.PositiveIntegerField(default=0)
    summary = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(_("asked"), default=clock.now)
    finished_at = models.DateTimeField(null=True)

    objects = PreviewQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("look ahead")
        verbose_name_plural = _("looks ahead")

    def __str__(self):
        return f"{self.until:%Y-%m-%d} {self.client or ''}".strip()

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:preview_detail", self.pk)

    @property
    def is_open(self) -> bool:
        """Whether its answer is still to come."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def compares(self) -> bool:
        """Whether it tells what changes would make different."""
        return any(self.changes.values())

    @property
    def percent(self) -> int | None:
        """How far."""
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def state_words(self) -> tuple:
        """Kind, words and rest."""
        kinds = {"queued": "pending", "running": "running", "done": "ok", "stopped": "ended", "failed": "failed"}
        rest = self.error or (f"{self.percent} %" if self.state == "running" and self.percent is not None else "")
        return (kinds[self.state], self.get_state_display(), rest)


class PreviewItem(models.Model):
    """One thing that would happen, or one difference. `before`: how it would be without the changes."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CHARGE = "charge", _("Charge")
        NOTICE = "notice", _("Mail")
        SUSPENSION = "suspension", _("Suspension")
        RESUMPTION = "resumption", _("Resumption")
        END = "end", _("End")
        PROBLEM = "problem", _("Problem")

    class Difference(models.TextChoices):
        NONE = "", _("Happens")
        ADDED = "added", _("Only with the changes")
        REMOVED = "removed", _("Only without them")
        CHANGED = "changed", _("Otherwise")

    preview = models.ForeignKey(Preview, models.CASCADE, related_name="items")
    on = models.DateField(_("day"))
    kind = models.CharField(max_length=12, choices=Kind)
    client = models.ForeignKey("clients.Client", models.CASCADE, null=True, related_name="+")
    label = models.CharField(max_length=300)
    currency = models.CharField(max_length=3, blank=True)
    amount = AmountField(null=True)
    due_on = models.DateField(null=True)
    difference = models.CharField(max_length=8, choices=Difference, blank=True)
    before_on = models.DateField(null=True)
    before_amount = AmountField(null=True)

    objects = PreviewQuerySet.as_manager()

    money = MoneyOf("amount")
    before = MoneyOf("before_amount")

    class Meta:
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["preview", "on", "id"], name="billing_previewitem_list")]

    def __str__(self):
        return self.label
