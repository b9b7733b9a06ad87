"""What was booked to the tax accounts, document by document: the rows behind tax reports."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Cast, Upper
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import AmountField, CurrencyField, MoneyOf

from .credit_note import CreditNote
from .invoice import Invoice
from .owned import owned
from .tax import TaxCategory, TaxClass, written_percent


class TaxLine(models.Model):
    """One tax group of an invoice on the day of its booking; the same with the other sign where it was cancelled, and what a
    credit note took back. Sums of `tax_amount` by `ledger_code` are those of the ledger.

    The database writes them when the document is booked (and follows its client when clients are merged), nobody else does."""

    invoice = models.ForeignKey(Invoice, models.DO_NOTHING, related_name="+")
    credit_note = models.ForeignKey(CreditNote, models.DO_NOTHING, null=True, related_name="+")
    client = models.ForeignKey("clients.Client", models.DO_NOTHING, related_name="+", db_index=False)
    booked_on = models.DateField(_("day"))
    supply = models.CharField(_("sold to"), max_length=12, choices=Invoice.Supply)
    buyer_country = models.CharField(_("country of the client"), max_length=2)
    buyer_tax_id = models.CharField(_("VAT number"), max_length=40)
    country = models.CharField(_("tax of"), max_length=2)
    tax_class = models.CharField(_("tax class"), max_length=20, choices=TaxClass)
    category = models.CharField(_("kind of tax"), max_length=2, choices=TaxCategory)
    name = models.CharField(_("name on invoices"), max_length=40)
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4)
    step = models.PositiveSmallIntegerField(_("step"))
    currency = CurrencyField()
    net_amount = AmountField()
    tax_amount = AmountField()

    net = MoneyOf("net_amount")
    tax = MoneyOf("tax_amount")

    objects = owned("billing.ledger.view")

    class Meta:
        db_table = "billing_taxline"
        ordering = ["-booked_on", "-id"]
        verbose_name = _("tax line")
        verbose_name_plural = _("tax lines")
        indexes = [
            models.Index(fields=["booked_on", "id"], name="billing_taxline_day"),
            models.Index(fields=["client", "booked_on", "id"], name="billing_taxline_client"),
            models.Index(fields=["category", "booked_on", "id"], name="billing_taxline_untaxed", condition=~models.Q(category="S")),
            models.Index(fields=["supply", "booked_on", "id"], name="billing_taxline_abroad", condition=~models.Q(supply="domestic")),
            models.Index(Upper("buyer_tax_id"), "booked_on", name="billing_taxline_number"),
            models.Index(fields=["country"], name="billing_taxline_by_country"),
            models.Index(fields=["currency"], name="billing_taxline_by_currency"),
            models.Index(OpClass(Cast("percent", models.TextField()), "text_pattern_ops"), name="billing_taxline_by_percent"),
        ]

    def __str__(self):
        return str(self.credit_note or self.invoice)

    def get_absolute_url(self):
        """The document's."""
        return (self.credit_note or self.invoice).get_absolute_url()

    @property
    def ledger_code(self) -> str:
        """The account that it was booked to."""
        return tax_code(self.tax_class, self.percent, self.country)


def tax_code(tax_class: str, percent, country: str) -> str:
    """The ledger's account of a rate; `country` is empty for the seller's own."""
    code = f"tax:{tax_class}:{written_percent(percent)}"
    return f"{code}:{country}" if country else code
