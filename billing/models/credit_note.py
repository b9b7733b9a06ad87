"""Credit notes: documents that take back an issued invoice in part or whole. The database refuses any change of them."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .account import Account
from .invoice import Invoice, InvoiceLine, InvoiceTax
from .owned import owned
from .tax import TaxClass


class CreditNote(TrackedModel):
    """What is taken back of one invoice. Amounts are positive: `total_amount` = `settled_amount` (taken off what was open)
    + `credited_amount` (had been paid: became the client's credit, from which it may be refunded)."""

    #: What other nouns' lists read of it.
    BRIEF = ("number", "currency", "total_amount", "issued_on")

    class Kind(models.TextChoices):
        CANCELLATION = "cancel", _("Cancels the invoice")
        CORRECTION = "correct", _("Corrects the invoice")

    number = models.CharField(_("number"), max_length=40, unique=True)
    series = models.CharField(max_length=60)
    series_number = models.PositiveIntegerField()
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="credit_notes")
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="credit_notes")
    account = models.ForeignKey(Account, models.PROTECT, related_name="credit_notes")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CORRECTION)
    currency = CurrencyField()
    issued_on = models.DateField(_("issued on"))
    issued_at = models.DateTimeField()
    net_amount = AmountField()
    tax_amount = AmountField()
    total_amount = AmountField()
    settled_amount = AmountField(default=Decimal(0))
    credited_amount = AmountField(default=Decimal(0))
    seller = models.JSONField(default=dict)
    buyer = models.JSONField(default=dict)
    language = models.CharField(max_length=10, blank=True)
    reason = models.CharField(_("reason"), max_length=300)

    net = MoneyOf("net_amount")
    tax = MoneyOf("tax_amount")
    total = MoneyOf("total_amount")
    settled = MoneyOf("settled_amount")
    credited = MoneyOf("credited_amount")

    objects = owned("billing.invoice.view")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        indexes = [
            models.Index(fields=["issued_on", "id"], name="billing_creditnote_list"),
            models.Index(fields=["client", "-issued_on"], name="billing_creditnote_client"),
            models.Index(fields=["kind"], name="billing_creditnote_by_kind"),
            models.Index(fields=["total_amount"], name="billing_creditnote_by_total"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["series", "series_number"], name="billing_creditnote_series"),
            models.CheckConstraint(
                name="billing_creditnote_total",
                condition=Q(total_amount=F("net_amount") + F("tax_amount"), total_amount__gte=0),
            ),
            models.CheckConstraint(
                name="billing_creditnote_parts",
                condition=Q(
                    total_amount=F("settled_amount") + F("credited_amount"),
                    settled_amount__gte=0,
                    credited_amount__gte=0,
                ),
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:credit_note_detail", self.pk)

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens: a credit note is issued and stays so."""
        return ("ok", self.get_kind_display())


class CreditNoteLine(TrackedModel):
    """What is taken back of one line of the invoice, with the tax treatment that line had."""

    credit_note = models.ForeignKey(CreditNote, models.PROTECT, related_name="lines")
    invoice_line = models.ForeignKey(InvoiceLine, models.PROTECT, related_name="credit_lines")
    revenue_code = models.CharField(max_length=40)
    description = models.CharField(_("description"), max_length=500)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=4, default=1)
    currency = CurrencyField()
    unit_amount = AmountField(_("unit price"), max_digits=20, decimal_places=8)
    net_amount = AmountField()
    gross_amount = AmountField(null=True, blank=True)
    tax_class = models.CharField(max_length=20, choices=TaxClass, default=TaxClass.STANDARD)
    tax_category = models.CharField(max_length=2, blank=True)
    tax_name = models.CharField(max_length=40, blank=True)
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    tax_components = models.JSONField(default=list, blank=True)
    tax_reason = models.CharField(max_length=300, blank=True)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    sort = models.PositiveIntegerField(default=0)

    unit = MoneyOf("unit_amount")
    net = MoneyOf("net_amount")
    unit_price = InvoiceLine.unit_price
    last_day = InvoiceLine.last_day

    class Meta:
        ordering = ["sort", "id"]
        verbose_name = _("credit note line")
        verbose_name_plural = _("credit note lines")
        constraints = [
            models.CheckConstraint(
                name="billing_creditline_period",
                condition=Q(period_end__isnull=True) | Q(period_end__gt=F("period_start")),
            ),
        ]

    def __str__(self):
        return self.description


class CreditNoteTax(TrackedModel):
    """The tax taken back of one tax group of the invoice."""

    credit_note = models.ForeignKey(CreditNote, models.PROTECT, related_name="taxes")
    tax_class = models.CharField(max_length=20, choices=TaxClass)
    category = models.CharField(max_length=2, blank=True)
    name = models.CharField(max_length=40, blank=True)
    percent = models.DecimalField(max_digits=7, decimal_places=4)
    reason = models.CharField(max_length=300, blank=True)
    country = models.CharField(max_length=2, blank=True)
    step = models.PositiveSmallIntegerField(default=1)
    is_compound = models.BooleanField(default=False)
    currency = CurrencyField()
    net_amount = AmountField()
    tax_amount = AmountField()

    net = MoneyOf("net_amount")
    tax = MoneyOf("tax_amount")

    class Meta:
        ordering = ["-percent", "id"]
        verbose_name = _("credit note tax")
        verbose_name_plural = _("credit note taxes")

    def __str__(self):
        return f"{self.name} {self.percent.normalize():f} %"

    ledger_code = InvoiceTax.ledger_code
    words = InvoiceTax.words
