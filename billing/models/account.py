"""A client's account with us: the currency, the cached balances, and the row that money actions lock first."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .owned import owned


class Statements(models.TextChoices):
    """Whether a client gets statements of account by mail."""

    HOUSE = "", _("As in the settings")
    MONTHLY = "monthly", _("Each month")
    NEVER = "never", _("Never")


class Account(TrackedModel):
    """One per client. `balance` is what the client owes on issued invoices, `credit` what we owe the client; both are
    caches of the ledger that `check_books` verifies. `parked_at` stops automation until staff have looked."""

    client = models.OneToOneField("clients.Client", models.PROTECT, related_name="billing_account")
    currency = CurrencyField()
    balance_amount = AmountField(default=Decimal(0))
    credit_amount = AmountField(default=Decimal(0))
    auto_charge = models.BooleanField(_("charge the saved card"), default=True)
    separate_invoices = models.BooleanField(_("an invoice for each service"), default=False)
    consolidate_monthly = models.BooleanField(_("one invoice a month"), default=False)
    document_emails = models.JSONField(_("more recipients of documents"), default=list, blank=True)
    statements = models.CharField(
        _("statements of account by mail"), max_length=10, choices=Statements, default=Statements.HOUSE, blank=True
    )
    parked_at = models.DateTimeField(null=True, blank=True)
    parked_reason = models.CharField(max_length=300, blank=True)
    # Its client was merged: nothing is booked here any more, who wants to lock it gets the other.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

    balance = MoneyOf("balance_amount")
    credit = MoneyOf("credit_amount")

    objects = owned("billing.invoice.view")

    class Meta:
        indexes = [
            models.Index(
                fields=["parked_at"], name="billing_account_parked", condition=models.Q(parked_at__isnull=False)
            ),
        ]
        verbose_name = _("billing account")
        verbose_name_plural = _("billing accounts")
        constraints = [
            models.CheckConstraint(name="billing_account_credit_not_negative", condition=models.Q(credit_amount__gte=0))
        ]

    def __str__(self):
        return f"{self.client} ({self.currency})"

    @property
    def heir(self):
        """Where its client's money is: here, or with whom the client was merged into."""
        return self.merged_into or self
