"""The double-entry ledger: append-only, every entry zero per currency. The database enforces both."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import AmountField, CurrencyField, MoneyOf

from .account import Account
from .credit_note import CreditNote
from .invoice import Invoice
from .payment import Payment
from .refund import Refund


class LedgerAccount(models.Model):
    """An account of the books, by code: receivable, cash:<gateway>, revenue:<kind>, tax:<rate>, credit, fees, rounding."""

    class Type(models.TextChoices):
        ASSET = "asset", _("Asset")
        LIABILITY = "liability", _("Liability")
        INCOME = "income", _("Income")
        EXPENSE = "expense", _("Expense")

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=10, choices=Type)

    class Meta:
        ordering = ["code"]
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")

    def __str__(self):
        return self.code


class JournalEntry(models.Model):
    """One business fact in the books. `key` names the fact, so that it can be booked only once."""

    key = models.CharField(max_length=80, unique=True)
    booked_on = models.DateField(db_index=True)
    booked_at = models.DateTimeField()
    description = models.CharField(max_length=300)
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="entries")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="entries")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="entries")
    credit_note = models.ForeignKey(CreditNote, models.PROTECT, null=True, blank=True, related_name="entries")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")

    def __str__(self):
        return f"{self.key}: {self.description}"


class Posting(models.Model):
    """One side of an entry: debit positive, credit negative. `account` is the client's where one is concerned."""

    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="postings")
    ledger_account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="postings")
    currency = CurrencyField()
    amount = AmountField()

    money = MoneyOf("amount")

    class Meta:
        ordering = ["id"]
        verbose_name = _("posting")
        verbose_name_plural = _("postings")

    def __str__(self):
        return f"{self.ledger_account} {self.money}"
