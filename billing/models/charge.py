"""Charges: attempts to take money. An attempt is a row before any gateway hears of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .invoice import Invoice
from .owned import OwnedQuerySet, owned
from .payment_method import PaymentMethod
from .refusal import refusal_words

LIVE_STATES = ["queued", "unknown", "open", "needs_action", "processing"]


class ChargeQuerySet(OwnedQuerySet):
    """Finding attempts."""

    def live(self):
        """Those whose outcome is not known yet: at most one per invoice."""
        return self.filter(state__in=LIVE_STATES)

    def of_any(self, invoices):
        """Those that would pay one of these invoices, alone or with others."""
        return self.filter(pk__in=ChargePart.objects.filter(invoice__in=invoices).values("charge_id"))


class Charge(TrackedModel):
    """One attempt to take the open amount of an invoice, or of several of one client at once: `parts` says how much of
    which, `invoice` is the first of them.

    queued: the worker will send it; unknown: sent, answer lost, being looked up; open: a pay form is showing it;
    needs_action: the bank wants the client to confirm; processing: accepted, money to follow; then succeeded, failed
    or cancelled. `key` is the idempotency key at the gateway."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        UNKNOWN = "unknown", _("Checking")
        OPEN = "open", _("Pay form open")
        NEEDS_ACTION = "needs_action", _("Needs confirmation")
        PROCESSING = "processing", _("Processing")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    TRANSITIONS = {
        "queued": {"unknown", "needs_action", "processing", "succeeded", "failed", "cancelled"},
        "unknown": {"needs_action", "processing", "succeeded", "failed", "cancelled"},
        "open": {"needs_action", "processing", "succeeded", "failed", "cancelled"},
        "needs_action": {"open", "processing", "succeeded", "failed", "cancelled"},
        "processing": {"needs_action", "succeeded", "failed"},
        "succeeded": set(),
        "failed": {"succeeded"},
        "cancelled": {"processing", "succeeded"},
    }

    key = models.CharField(max_length=80, unique=True)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="+")
    invoices = models.ManyToManyField(Invoice, through="ChargePart", related_name="charges")
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="charges")
    gateway = models.ForeignKey("core.ModuleConfig", models.PROTECT, related_name="+")
    payment_method = models.ForeignKey(PaymentMethod, models.PROTECT, null=True, blank=True, related_name="charges")
    currency = CurrencyField()
    amount = AmountField()
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    is_off_session = models.BooleanField(default=False)
    saves_method = models.BooleanField(default=False)
    consent_text = models.CharField(max_length=500, blank=True)
    consent_ip = models.GenericIPAddressField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    remote_id = models.CharField(max_length=255, blank=True)
    client_secret = models.CharField(max_length=255, blank=True)
    decline_code = models.CharField(max_length=60, blank=True)
    is_hard_decline = models.BooleanField(default=False)
    message = models.CharField(max_length=500, blank=True)
    requested_by = models.CharField(max_length=200, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    money = MoneyOf("amount")

    objects = owned("billing.payment.view", base=ChargeQuerySet)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        indexes = [
            models.Index(
                fields=["remote_id"],
                name="billing_charge_by_remote",
                opclasses=["varchar_pattern_ops"],
                condition=~models.Q(remote_id=""),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "remote_id"], condition=~models.Q(remote_id=""), name="billing_charge_remote"
            ),
            models.CheckConstraint(name="billing_charge_amount", condition=models.Q(amount__gt=0)),
        ]

    def __str__(self):
        return str(self.money)

    @property
    def state_words(self) -> tuple:
        """Kind, words and why it was refused, for screens."""
        kinds = {
            "succeeded": "ok",
            "failed": "failed",
            "cancelled": "ended",
            "needs_action": "attention",
            "open": "draft",
        }
        return (kinds.get(self.state, "running"), self.get_state_display(), self.refusal or self.decline_code)

    @property
    def refusal(self) -> str:
        """Why the bank refused it, in the reader's words; empty while it did not."""
        return refusal_words(self.decline_code, self.message)

    @property
    def is_live(self) -> bool:
        """Is the outcome still open?"""
        return self.state in LIVE_STATES

    @property
    def is_owed(self) -> bool:
        """Is all that it would take still open?"""
        gone = ~models.Q(invoice__state=Invoice.State.ISSUED) | models.Q(amount__gt=models.F("invoice__open_amount"))
        return not self.parts.filter(gone).exists()

    @property
    def numbers(self) -> str:
        """The numbers of its invoices, in no reader's language: the gateway must always be told the same."""
        return ", ".join(self.parts.order_by("pk").values_list("invoice__number", flat=True))


class ChargePart(models.Model):
    """How much of a charge is for which invoice. `is_live` follows the charge's state by a trigger, so that the database
    itself refuses a second attempt at an invoice while the outcome of one is open."""

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="parts")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="charge_parts")
    currency = CurrencyField()
    amount = AmountField()
    is_live = models.BooleanField(default=False, editable=False)

    money = MoneyOf("amount")

    class Meta:
        ordering = ["id"]
        verbose_name = _("part of a charge")
        verbose_name_plural = _("parts of charges")
        constraints = [
            models.UniqueConstraint(fields=["charge", "invoice"], name="billing_chargepart_once"),
            models.UniqueConstraint(
                fields=["invoice"], condition=models.Q(is_live=True), name="billing_chargepart_one_live"
            ),
            models.CheckConstraint(name="billing_chargepart_amount", condition=models.Q(amount__gt=0)),
        ]

    def __str__(self):
        return f"{self.money} > {self.invoice}"
