"""Our bank accounts, the statements imported from them, and each incoming transfer until it is booked."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .payment import Payment


class BankQuerySet(models.QuerySet):
    """What the bank tells us is the house's own business."""

    def visible_to(self, actor):
        """Staff who may see payments see all, others nothing."""
        return self if actor.may("billing.payment.view") else self.none()


class BankAccount(TrackedModel):
    """An account of ours at a bank. `mapping` remembers how its files are read (see `billing.queries.bank_csv`)."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    currency = CurrencyField()
    mapping = models.JSONField(default=dict, blank=True)

    objects = BankQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")

    def __str__(self):
        return self.name


class BankStatement(TrackedModel):
    """A file of the bank. Its `content` is kept until it is imported."""

    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="statements")
    name = models.CharField(_("file"), max_length=120)
    content = models.TextField(blank=True)
    taken_by = models.CharField(max_length=200, blank=True)
    imported_at = models.DateTimeField(null=True, blank=True)
    new_count = models.PositiveIntegerField(_("new"), default=0)
    known_count = models.PositiveIntegerField(_("known already"), default=0)

    objects = BankQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        indexes = [models.Index(fields=["created_at", "id"], name="billing_bankstatement_list")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """How it is read, and what is in it."""
        return reverse("billing_staff:bank_statement_detail", args=[self.pk])

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens."""
        return ("ok", _("Imported")) if self.imported_at else ("attention", _("Not imported yet"))


class BankLine(TrackedModel):
    """Money that came in, as the bank told it; each once (`key` is unique per account)."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits to be booked")
        BOOKED = "booked", _("Booked")
        LEFT = "left", _("Not ours to book")

    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="lines")
    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    key = models.CharField(max_length=64)
    booked_on = models.DateField(_("day"))
    currency = CurrencyField()
    amount = AmountField()
    payer = models.CharField(_("payer"), max_length=200, blank=True)
    payer_account = models.CharField(_("payer's account"), max_length=60, blank=True)
    text = models.CharField(_("text"), max_length=500, blank=True)
    bank_reference = models.CharField(_("bank's reference"), max_length=140, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, blank=True, related_name="bank_line")
    reason = models.CharField(max_length=300, blank=True)

    money = MoneyOf("amount")

    objects = BankQuerySet.as_manager()

    class Meta:
        ordering = ["-booked_on", "-id"]
        verbose_name = _("bank line")
        verbose_name_plural = _("bank lines")
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="billing_bankline_once"),
            models.CheckConstraint(name="billing_bankline_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="billing_bankline_booked",
                condition=Q(state="booked", payment__isnull=False) | ~Q(state="booked") & Q(payment__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["booked_on", "id"], name="billing_bankline_list"),
            models.Index(fields=["currency"], name="billing_bankline_by_currency"),
            models.Index(fields=["state", "booked_on", "id"], name="billing_bankline_by_state"),
            models.Index(fields=["booked_on", "id"], name="billing_bankline_open", condition=Q(state="open")),
        ]

    def __str__(self):
        return f"{self.money} {self.payer or self.text}".strip()

    def get_absolute_url(self):
        """Where it is booked, or the payment that it became."""
        if self.payment_id:
            return reverse("billing_staff:payment_detail", args=[self.payment_id])
        return f"{reverse('billing_staff:payment_match')}?line={self.pk}"

    @property
    def words(self) -> str:
        """All that the transfer says."""
        return " ".join(filter(None, (self.payer, self.text)))

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens."""
        kinds = {"open": "attention", "booked": "ok", "left": "ended"}
        return (kinds[self.state], self.get_state_display())
