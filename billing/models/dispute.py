"""Disputes: a payer's bank takes a payment back (chargeback), and may return it."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .invoice import Invoice
from .owned import owned
from .payment import Payment


class Dispute(TrackedModel):
    """A chargeback as the gateway tells it.

    While `is_taken`, `amount` is gone: `reopened_amount` is open on the invoices of its parts again, `taken_credit_amount` came out of
    the client's credit, the rest is our loss. `fee_amount` is what the gateway kept for it. `moves` counts how often the
    money went or came back."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    TRANSITIONS = {"open": {"won", "lost"}, "won": {"open", "lost"}, "lost": {"won", "open"}}

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="disputes")
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="disputes")
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="disputes")
    gateway = models.ForeignKey("core.ModuleConfig", models.PROTECT, related_name="+")
    remote_id = models.CharField(max_length=255)
    reason = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    currency = CurrencyField()
    amount = AmountField()
    fee_amount = AmountField(default=Decimal(0))
    is_taken = models.BooleanField(default=False)
    reopened_amount = AmountField(default=Decimal(0))
    taken_credit_amount = AmountField(default=Decimal(0))
    moves = models.PositiveSmallIntegerField(default=0)
    won_at = models.DateTimeField(null=True, blank=True)
    lost_at = models.DateTimeField(null=True, blank=True)

    money = MoneyOf("amount")
    fee = MoneyOf("fee_amount")
    reopened = MoneyOf("reopened_amount")
    taken_credit = MoneyOf("taken_credit_amount")

    objects = owned("billing.payment.view")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.UniqueConstraint(fields=["gateway", "remote_id"], name="billing_dispute_remote"),
            models.CheckConstraint(name="billing_dispute_amount", condition=models.Q(amount__gt=0)),
        ]

    def __str__(self):
        return f"{self.money} {self.remote_id}"

    @property
    def state_words(self) -> tuple:
        """Kind, words and the payer's reason, for screens."""
        kinds = {"open": "attention", "won": "ok", "lost": "failed"}
        return (kinds[self.state], self.get_state_display(), self.reason.replace("_", " "))


class DisputePart(models.Model):
    """How much of a dispute is open again on which invoice; nothing once it is settled again."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="parts")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="dispute_parts")
    currency = CurrencyField()
    reopened_amount = AmountField(default=Decimal(0))

    reopened = MoneyOf("reopened_amount")

    class Meta:
        ordering = ["id"]
        verbose_name = _("dispute part")
        verbose_name_plural = _("dispute parts")
        constraints = [models.UniqueConstraint(fields=["dispute", "invoice"], name="billing_dispute_part_once")]

    def __str__(self):
        return f"{self.reopened} > {self.invoice}"
