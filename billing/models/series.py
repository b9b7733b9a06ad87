"""Series of document numbers: how they look, when they begin again, and which ones staff left out on purpose."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel


class DocumentType(models.TextChoices):
    """Documents that are numbered, each in a series of its own."""

    INVOICE = "invoice", _("Invoices")
    CORRECTIVE = "corrective", _("Corrective invoices")
    CREDIT_NOTE = "credit_note", _("Credit notes")
    PROFORMA = "proforma", _("Pro-forma invoices")
    QUOTE = "quote", _("Quotes")


#: What numbers look like until staff decide otherwise. Invoices follow the setting `billing.invoice_number_format`.
DEFAULT_FORMATS = {
    DocumentType.INVOICE: "",
    DocumentType.CORRECTIVE: "R-{YEAR}-{NUMBER:4}",
    DocumentType.CREDIT_NOTE: "CN-{YEAR}-{NUMBER:4}",
    DocumentType.PROFORMA: "PF-{YEAR}-{NUMBER:4}",
    DocumentType.QUOTE: "Q-{YEAR}-{NUMBER:4}",
}


class Series(TrackedModel):
    """How the documents of one type and seller are numbered. The counter itself is a row of `core_sequence`, one per
    period in which numbers begin again. An empty format means the setting for invoice numbers."""

    class Reset(models.TextChoices):
        NEVER = "never", _("Never")
        YEARLY = "yearly", _("Each year")
        MONTHLY = "monthly", _("Each month")

    document_type = models.CharField(_("documents"), max_length=12, choices=DocumentType)
    seller = models.CharField(_("seller"), max_length=20, blank=True)
    format = models.CharField(_("format"), max_length=60, blank=True)
    reset = models.CharField(_("begins again"), max_length=10, choices=Reset, default=Reset.YEARLY)

    class Meta:
        ordering = ["seller", "id"]
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [models.UniqueConstraint(fields=["document_type", "seller"], name="billing_series_once")]

    def __str__(self):
        return self.get_document_type_display()

    def get_absolute_url(self):
        """Where staff change it."""
        return address("billing_staff:series_edit", self.pk)


class SeriesSkip(TrackedModel):
    """Numbers left out on purpose (`first` to `last`), when staff let a counter go on higher: the gap has a reason."""

    series = models.ForeignKey(Series, models.PROTECT, related_name="skips")
    counter = models.CharField(max_length=80)
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    reason = models.CharField(_("reason"), max_length=300)

    class Meta:
        ordering = ["id"]
        verbose_name = _("numbers left out")
        verbose_name_plural = _("numbers left out")
        constraints = [
            models.CheckConstraint(name="billing_skip_forward", condition=models.Q(last__gte=models.F("first")))
        ]

    def __str__(self):
        return f"{self.counter}: {self.first}-{self.last}"
