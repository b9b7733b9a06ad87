"""The double-entry ledger: append-only, every entry zero per currency. The database enforces both."""

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf

from .account import Account
from .credit_note import CreditNote
from .invoice import Invoice
from .payment import Payment
from .refund import Refund


class BooksQuerySet(models.QuerySet):
    """Rows of the books: for those who may see the ledger, whole."""

    def visible_to(self, actor):
        """All or nothing."""
        return self if actor.may("billing.ledger.view") else self.none()


class LedgerAccount(models.Model):
    """An account of the books, by code: receivable, cash:<gateway>, clearing:<what>, revenue:<kind>:<product>,
    deferred:<kind>:<product>, tax:<class>:<rate>, credit, fees, chargebacks, bad_debt, goodwill, rounding.

    The other columns say what the account is called where the journal is imported; empty: not said yet."""

    class Type(models.TextChoices):
        ASSET = "asset", _("Asset")
        LIABILITY = "liability", _("Liability")
        INCOME = "income", _("Income")
        EXPENSE = "expense", _("Expense")

    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    type = models.CharField(_("type"), max_length=10, choices=Type)
    datev_account = models.CharField(_("DATEV account"), max_length=9, blank=True)
    xero_code = models.CharField(_("Xero account code"), max_length=10, blank=True)
    xero_tax = models.CharField(_("Xero tax rate"), max_length=50, blank=True)
    quickbooks_name = models.CharField(_("QuickBooks account"), max_length=100, blank=True)

    objects = BooksQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:ledger_account_detail", self.pk)

    @property
    def family(self) -> str:
        """What stands before the first colon."""
        return self.code.partition(":")[0]


class JournalEntry(models.Model):
    """One business fact in the books. `key` names the fact, so that it can be booked only once."""

    key = models.CharField(max_length=80, unique=True)
    booked_on = models.DateField()
    booked_at = models.DateTimeField()
    description = models.CharField(max_length=300)
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="entries")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="entries")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="entries")
    credit_note = models.ForeignKey(CreditNote, models.PROTECT, null=True, blank=True, related_name="entries")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")

    objects = BooksQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        indexes = [models.Index(fields=["booked_on", "id"], name="billing_entry_by_day")]

    def __str__(self):
        return f"{self.key}: {self.description}"

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:journal_entry_detail", self.pk)


class Posting(models.Model):
    """One side of an entry: debit positive, credit negative. `account` is the client's where one is concerned."""

    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="postings")
    ledger_account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="postings")
    currency = CurrencyField()
    amount = AmountField()

    money = MoneyOf("amount")

    objects = BooksQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        indexes = [models.Index(fields=["ledger_account", "currency", "id"], name="billing_posting_of_account")]

    def __str__(self):
        return f"{self.ledger_account} {self.money}"

    @property
    def minus(self):
        """The amount of a credit, as it is written in its column."""
        return -self.money


class LedgerBalance(models.Model):
    """What an account was debited and credited in a month. The database writes a row with every booking, so that nobody waits for
    anybody; a job puts those of a month together. The sum over the rows of a month is that of its postings."""

    ledger_account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="balances")
    currency = CurrencyField()
    month = models.DateField()
    debit_amount = models.DecimalField(max_digits=24, decimal_places=4)
    credit_amount = models.DecimalField(max_digits=24, decimal_places=4)

    class Meta:
        ordering = ["id"]
        verbose_name = _("balance of a month")
        verbose_name_plural = _("balances of months")
        indexes = [models.Index(fields=["currency", "ledger_account", "month"], name="billing_balance_of_account")]

    def __str__(self):
        return f"{self.ledger_account} {self.month:%Y-%m}"


class Deferral(models.Model):
    """What a document's line brings in over its period: `amount` (net, negative for discounts and credits) is earned day by
    day from `starts_on` until before `ends_on`.

    `recognised_amount` is what the ledger has as revenue so far; `recognised_until` was looked at last (exclusive). From `earned_on` on
    nothing more is owed for it, so all of it is earned; `released_on`: its document was cancelled, nothing is."""

    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="deferrals")
    subscription = models.ForeignKey("billing.Subscription", models.PROTECT, null=True, related_name="deferrals")
    code = models.CharField(max_length=50)
    currency = CurrencyField()
    amount = AmountField()
    booked_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    recognised_until = models.DateField()
    recognised_amount = AmountField(default=0)
    earned_on = models.DateField(null=True)
    released_on = models.DateField(null=True)
    is_done = models.BooleanField(default=False)

    money = MoneyOf("amount")
    recognised = MoneyOf("recognised_amount")

    class Meta:
        ordering = ["id"]
        verbose_name = _("deferred revenue")
        verbose_name_plural = _("deferred revenue")
        indexes = [
            models.Index(fields=["id"], name="billing_deferral_open", condition=models.Q(is_done=False)),
        ]
        constraints = [
            models.CheckConstraint(name="billing_deferral_days", condition=models.Q(ends_on__gt=models.F("starts_on"))),
        ]

    def __str__(self):
        return f"{self.code} {self.money}"


class LedgerPeriod(models.Model):
    """A month of the books that was closed at least once; `month` is its first day. While `closed_at` is set the database
    takes no entry of its days. Months are closed in order, so that the closed ones are all before the open ones."""

    month = models.DateField(_("month"), unique=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=200, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.CharField(max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = BooksQuerySet.as_manager()

    class Meta:
        ordering = ["-month"]
        verbose_name = _("closed month")
        verbose_name_plural = _("closed months")
        constraints = [
            models.CheckConstraint(name="billing_ledgerperiod_first", condition=models.Q(month__day=1)),
        ]

    def __str__(self):
        return f"{self.month:%Y-%m}"

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:ledger_period_detail", self.pk)

    @property
    def state_words(self) -> tuple:
        """Kind and words."""
        return ("ok", _now("Closed")) if self.closed_at else ("attention", _now("Open again"))
