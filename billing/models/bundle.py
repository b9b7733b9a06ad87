"""Bundles: several products under one link, each at a price that holds only together."""

from decimal import Decimal

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .cycle import Cycle
from .product import Product


class BundleQuerySet(models.QuerySet):
    """Finding bundles."""

    def on_sale(self):
        """What a visitor may buy by its link."""
        return self.filter(is_hidden=False)


class Bundle(TrackedModel):
    """What the link puts into a basket."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address part"), max_length=80, unique=True)
    tagline = models.CharField(_("tagline"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True)
    is_hidden = models.BooleanField(_("not sold now"), default=False)
    sort = models.PositiveIntegerField(_("order"), default=0)

    objects = BundleQuerySet.as_manager()

    class Meta:
        ordering = ["sort", "name"]
        verbose_name = _("bundle")
        verbose_name_plural = _("bundles")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Where staff change it."""
        return address("billing_staff:bundle_edit", self.pk)

    def get_store_url(self) -> str:
        """The one link that offers it."""
        return reverse("store:bundle", args=[self.slug])

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens."""
        return ("draft", _("Not sold now")) if self.is_hidden else ("ok", _("On sale"))


class BundleItem(TrackedModel):
    """One product of a bundle. `options` are chosen values as in a cart line. Its own price per currency is in `prices`;
    without one for a currency the catalogue's holds."""

    bundle = models.ForeignKey(Bundle, models.CASCADE, related_name="items", verbose_name=_("bundle"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    cycle = models.CharField(_("cycle"), max_length=12, choices=Cycle)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    options = models.JSONField(default=dict, blank=True)
    sort = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["sort", "id"]
        verbose_name = _("part of a bundle")
        verbose_name_plural = _("parts of bundles")
        constraints = [
            models.CheckConstraint(name="billing_bundleitem_quantity", condition=models.Q(quantity__gte=1, quantity__lte=1000))
        ]

    def __str__(self):
        return str(self.product)

    def price_in(self, currency: str):
        """The own price row in a currency, or None."""
        return next((row for row in self.prices.all() if row.currency == currency), None)


class BundlePrice(TrackedModel):
    """What one piece of a bundle's product costs in each period, and once, when it is bought in the bundle."""

    item = models.ForeignKey(BundleItem, models.CASCADE, related_name="prices", verbose_name=_("part"))
    currency = CurrencyField()
    amount = AmountField(_("price"))
    setup_amount = AmountField(_("set-up fee"), default=Decimal(0))

    money = MoneyOf("amount")
    setup = MoneyOf("setup_amount")

    class Meta:
        ordering = ["item", "currency"]
        verbose_name = _("bundle price")
        verbose_name_plural = _("bundle prices")
        constraints = [
            models.UniqueConstraint(fields=["item", "currency"], name="billing_bundleprice_once"),
            models.CheckConstraint(
                name="billing_bundleprice_not_negative", condition=models.Q(amount__gte=0, setup_amount__gte=0)
            ),
        ]

    def __str__(self):
        return f"{self.item}: {self.money}"
