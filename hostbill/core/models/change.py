"""The audit log: who did what to which object, with before and after. Append-only; names frozen as text."""

from django.db import models

from hostbill.core import clock, labels
from hostbill.core.search import Words


class Change(models.Model):
    """One act. ``fields`` is {column: [before, after]}."""

    at = models.DateTimeField(default=clock.now)
    action = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    object_kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    object_label = models.CharField(max_length=250)
    client_id = models.BigIntegerField(null=True, help_text="Whose timeline this belongs to.")
    fields = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    ip = models.GenericIPAddressField(null=True)

    SEARCH = Words("core_change_words", "actor_label", "object_label", "reason")

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="core_change_by_time"),
            models.Index(fields=["action", "-id"], name="core_change_action"),
            models.Index(fields=["actor_kind", "-id"], name="core_change_kind"),
            models.Index(fields=["object_kind", "object_id", "-id"], name="core_change_object"),
            models.Index(fields=["client_id", "-id"], name="core_change_client"),
            models.Index(fields=["actor_id", "-id"], name="core_change_actor"),
        ]

    def __str__(self):
        return f"{self.action} {self.object_label}"

    @property
    def action_words(self) -> str:
        """The act as words: billing.invoice_issued is "Invoice issued"."""
        return labels.label_of(labels.ACT, self.action)

    @property
    def kind_words(self) -> str:
        """The kind of object as words: billing.invoice is "Invoice"."""
        return labels.kind_of(self.object_kind) if self.object_kind else ""
