"""Payments: money that came in, each exactly once, and where it went."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel
from hostbill.core.search import Words

from .account import Account
from .charge import Charge
from .invoice import Invoice
from .owned import owned


class Payment(TrackedModel):
    """Money received. (gateway, remote_id) is unique: the same payment told twice is one row.

    amount = allocated to invoices + kept as credit; `fee_amount` is what the gateway kept of it."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="payments")
    account = models.ForeignKey(Account, models.PROTECT, related_name="payments")
    gateway = models.ForeignKey("core.ModuleConfig", models.PROTECT, null=True, blank=True, related_name="+")
    remote_id = models.CharField(_("reference"), max_length=255)
    method = models.CharField(max_length=60, blank=True)
    charge = models.OneToOneField(Charge, models.PROTECT, null=True, blank=True, related_name="payment")
    currency = CurrencyField()
    amount = AmountField()
    fee_amount = AmountField(default=Decimal(0))
    credited_amount = AmountField(default=Decimal(0))
    refunded_amount = AmountField(default=Decimal(0))
    received_at = models.DateTimeField()
    received_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    booked_by = models.CharField(max_length=200, blank=True)

    money = MoneyOf("amount")
    fee = MoneyOf("fee_amount")
    credited = MoneyOf("credited_amount")
    refunded = MoneyOf("refunded_amount")

    objects = owned("billing.payment.view")
    SEARCH = Words("billing_payment_words", "note")

    @property
    def method_words(self):
        """How it was paid, for readers: "Bank transfer" in their language, the name of a card as it is. Lazy, so mails may have it."""
        return _(self.method) if self.method else ""

    class Meta:
        ordering = ["-received_at", "-id"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [
            models.Index(fields=["received_at", "id"], name="billing_payment_list"),
            models.Index(fields=["received_on"], include=["currency", "amount"], name="billing_payment_day_sums"),
            models.Index(
                fields=["received_at", "id"], name="billing_payment_credited", condition=models.Q(credited_amount__gt=0)
            ),
            models.Index(
                fields=["received_at", "id"], name="billing_payment_refunded", condition=models.Q(refunded_amount__gt=0)
            ),
            models.Index(fields=["currency"], name="billing_payment_by_currency"),
            models.Index(fields=["remote_id"], name="billing_payment_by_remote", opclasses=["varchar_pattern_ops"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "remote_id"], name="billing_payment_remote", nulls_distinct=False
            ),
            models.CheckConstraint(name="billing_payment_amount", condition=models.Q(amount__gt=0)),
            models.CheckConstraint(
                name="billing_payment_refunds",
                condition=models.Q(refunded_amount__gte=0, refunded_amount__lte=models.F("amount")),
            ),
        ]

    def __str__(self):
        return f"{self.money} {self.remote_id}"

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:payment_detail", self.pk)

    @property
    def remaining(self):
        """What has not gone back, by us or by the payer's bank."""
        taken = self.disputes.filter(is_taken=True)
        return sum((-dispute.money for dispute in taken), self.money - self.refunded)

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens."""
        if self.refunded_amount:
            return ("ended", _("Refunded") if self.refunded_amount == self.amount else _("Partly refunded"))
        if self.credited_amount == self.amount:
            return ("attention", _("Kept as credit"), _("no invoice"))
        return ("ok", _("Booked"))


class PaymentAllocation(TrackedModel):
    """How much of a payment settled which invoice."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="allocations")
    currency = CurrencyField()
    amount = AmountField()

    money = MoneyOf("amount")

    class Meta:
        ordering = ["id"]
        verbose_name = _("payment allocation")
        verbose_name_plural = _("payment allocations")
        constraints = [
            models.UniqueConstraint(fields=["payment", "invoice"], name="billing_allocation_once"),
            models.CheckConstraint(name="billing_allocation_amount", condition=models.Q(amount__gt=0)),
        ]

    def __str__(self):
        return f"{self.money} > {self.invoice}"
