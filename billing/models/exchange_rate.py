"""Exchange rates: for reports only. Prices, invoices and payments are never converted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import CurrencyField
from hostbill.core.models import TrackedModel


class ExchangeRate(TrackedModel):
    """How many units of a currency one unit of `base` is worth on a day, as published by `source`."""

    source = models.CharField(_("source"), max_length=40)
    base = CurrencyField(_("base"))
    currency = CurrencyField(_("currency"))
    on = models.DateField(_("day"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)

    class Meta:
        ordering = ["-on", "currency"]
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        indexes = [models.Index(fields=["on", "id"], name="billing_rate_list")]
        constraints = [
            models.UniqueConstraint(fields=["source", "base", "currency", "on"], name="billing_exchangerate_once"),
            models.CheckConstraint(name="billing_exchangerate_sign", condition=models.Q(rate__gt=0)),
        ]

    def __str__(self):
        return f"1 {self.base} = {self.rate.normalize():f} {self.currency}"
