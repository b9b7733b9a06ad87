"""Prices: one row per product, currency and cycle. Always net of tax, never converted."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .cycle import Cycle, months
from .product import Product


class Price(TrackedModel):
    """What one period of a product costs, and what setting it up costs once."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="prices", verbose_name=_("product"))
    currency = CurrencyField()
    cycle = models.CharField(_("cycle"), max_length=12, choices=Cycle)
    amount = AmountField(_("price"))
    setup_amount = AmountField(_("set-up fee"), default=Decimal(0))

    money = MoneyOf("amount")
    setup = MoneyOf("setup_amount")

    class Meta:
        ordering = ["product", "currency", "id"]
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.UniqueConstraint(fields=["product", "currency", "cycle"], name="billing_price_once"),
            models.CheckConstraint(
                name="billing_price_not_negative", condition=models.Q(amount__gte=0, setup_amount__gte=0)
            ),
        ]

    def __str__(self):
        return f"{self.product}: {self.money} {self.get_cycle_display()}"

    @property
    def months(self) -> int:
        """Months in a period; 0 when one-time."""
        return months(self.cycle)
