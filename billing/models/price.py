"""Prices: what a product costs in a currency and cycle, for everybody or on a list of its own, from a day on."""

from datetime import date
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .cycle import Cycle, months
from .product import Product

#: The first day of a price that has always been in force.
ALWAYS = date(2000, 1, 1)


class PriceList(TrackedModel):
    """Prices beside the usual ones, in one currency: for a group of clients, or (without a group) for everybody.

    What a list does not price costs what it usually costs. `includes_tax`: its amounts are what a consumer pays."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    currency = CurrencyField(_("currency"))
    includes_tax = models.BooleanField(
        _("prices include tax"), default=False, help_text=_("The amount paid stays the same wherever the client lives.")
    )
    client_group = models.ForeignKey(
        "clients.ClientGroup",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="price_lists",
        verbose_name=_("for the group"),
        help_text=_("Empty: for everybody."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "client_group"],
                condition=models.Q(is_active=True, client_group__isnull=False),
                name="billing_pricelist_per_group",
            ),
            models.UniqueConstraint(
                fields=["currency"],
                condition=models.Q(is_active=True, client_group__isnull=True),
                name="billing_pricelist_for_all",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Where staff change it."""
        return address("billing_staff:price_list_detail", self.pk)

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens."""
        return ("ok", _("In use")) if self.is_active else ("ended", _("Not in use"))


class PriceManager(models.Manager):
    """Each price with its list, so that the right one is chosen without a query."""

    def get_queryset(self):
        """Joined: lists are few."""
        return super().get_queryset().select_related("price_list")


class Price(TrackedModel):
    """What one period of a product costs from a day on, and what setting it up costs once. Net of tax, unless its list
    says otherwise; never converted. Which one holds for whom: `billing.queries.price.price_for`."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="prices", verbose_name=_("product"))
    price_list = models.ForeignKey(
        PriceList, models.CASCADE, null=True, blank=True, related_name="prices", verbose_name=_("price list")
    )
    currency = CurrencyField()
    cycle = models.CharField(_("cycle"), max_length=12, choices=Cycle)
    amount = AmountField(_("price"))
    setup_amount = AmountField(_("set-up fee"), default=Decimal(0))
    valid_from = models.DateField(_("valid from"), default=ALWAYS)

    money = MoneyOf("amount")
    setup = MoneyOf("setup_amount")

    objects = PriceManager()

    class Meta:
        ordering = ["product", "currency", "id"]
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "currency", "cycle", "valid_from"],
                condition=models.Q(price_list__isnull=True),
                name="billing_price_once",
            ),
            models.UniqueConstraint(
                fields=["price_list", "product", "currency", "cycle", "valid_from"],
                condition=models.Q(price_list__isnull=False),
                name="billing_price_once_on_list",
            ),
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

    @property
    def includes_tax(self) -> bool:
        """Whether the amounts are what a consumer pays."""
        return bool(self.price_list and self.price_list.includes_tax)

    @property
    def is_usual(self) -> bool:
        """Whether it belongs to no list."""
        return self.price_list_id is None
