"""Refunds: money on its way back through the gateway that took it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .invoice import Invoice
from .owned import owned
from .payment import Payment


class Refund(TrackedModel):
    """Part or all of a payment returned. The amount counts as refunded on the payment from the request on, so that
    two requests can never return more than came in; a failed refund gives it back."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        PROCESSING = "processing", _("Processing")
        SUCCEEDED = "succeeded", _("Refunded")
        FAILED = "failed", _("Failed")

    class Source(models.TextChoices):
        INVOICE = "invoice", _("Reopens the invoice")
        CREDIT = "credit", _("From the credit balance")

    TRANSITIONS = {
        "queued": {"processing", "succeeded", "failed"},
        "processing": {"succeeded", "failed"},
        "succeeded": {"failed"},
        "failed": set(),
    }

    key = models.CharField(max_length=80, unique=True)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="refunds")
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="refunds")
    source = models.CharField(max_length=10, choices=Source)
    currency = CurrencyField()
    amount = AmountField()
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    remote_id = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=300)
    message = models.CharField(max_length=500, blank=True)
    requested_by = models.CharField(max_length=200)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)

    money = MoneyOf("amount")

    objects = owned("billing.payment.view")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        indexes = [
            models.Index(
                fields=["remote_id"],
                name="billing_refund_by_remote",
                opclasses=["varchar_pattern_ops"],
                condition=~models.Q(remote_id=""),
            )
        ]
        constraints = [models.CheckConstraint(name="billing_refund_amount", condition=models.Q(amount__gt=0))]

    @property
    def state_words(self) -> tuple:
        """Kind, words and what went wrong, for screens."""
        kinds = {"succeeded": "ok", "failed": "failed"}
        return (kinds.get(self.state, "running"), self.get_state_display(), self.message)

    def __str__(self):
        return f"{self.money} ({self.get_state_display()})"
