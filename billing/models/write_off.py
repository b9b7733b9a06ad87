"""Invoices given up: what was open is a loss, until somebody takes that back."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .invoice import Invoice
from .owned import owned


class WriteOff(TrackedModel):
    """`amount` is what was open on the invoice; `tax_amount` the part of it that was taken back from the tax payable."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="write_offs")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="write_offs")
    currency = CurrencyField()
    amount = AmountField()
    tax_amount = AmountField(default=0)
    reason = models.CharField(_("reason"), max_length=300)
    written_off_on = models.DateField()
    written_off_by = models.CharField(max_length=200)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.CharField(max_length=200, blank=True)

    money = MoneyOf("amount")

    objects = owned("billing.invoice.view")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], name="billing_writeoff_once", condition=models.Q(taken_back_at__isnull=True)
            ),
            models.CheckConstraint(name="billing_writeoff_amount", condition=models.Q(amount__gt=0)),
        ]

    def __str__(self):
        return f"{self.invoice} {self.money}"
