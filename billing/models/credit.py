"""Credit balance movements: what we owe the client and how it was used."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .account import Account
from .invoice import Invoice
from .owned import owned
from .payment import Payment
from .refund import Refund


class CreditMovement(TrackedModel):
    """Append-only. Positive adds to the client's credit, negative uses it; the account's credit is their sum."""

    class Kind(models.TextChoices):
        OVERPAYMENT = "overpayment", _("Overpayment")
        USED = "used", _("Used for an invoice")
        RELEASED = "released", _("Given back by a cancelled invoice")
        GRANTED = "granted", _("Granted by staff")
        REFUNDED = "refunded", _("Paid out")
        DISPUTED = "disputed", _("Chargeback")
        MERGED = "merged", _("Taken over from a merged account")

    account = models.ForeignKey(Account, models.PROTECT, related_name="credit_movements")
    kind = models.CharField(max_length=12, choices=Kind)
    currency = CurrencyField()
    amount = AmountField()
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="credit_movements")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="credit_movements")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="credit_movements")
    note = models.CharField(max_length=300, blank=True)
    moved_on = models.DateField()

    money = MoneyOf("amount")

    objects = owned("billing.payment.view", client_path="account__client_id")

    class Meta:
        ordering = ["id"]
        verbose_name = _("credit movement")
        verbose_name_plural = _("credit movements")

    def __str__(self):
        return f"{self.get_kind_display()} {self.money}"
