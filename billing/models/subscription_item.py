"""The options a subscription has: what was chosen, how many, and what each costs in every period."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import AmountField, MoneyOf
from hostbill.core.models import TrackedModel

from .product_option import OptionChoice, ProductOption
from .subscription import Subscription


class SubscriptionItem(TrackedModel):
    """One chosen option, priced or free. `unit_amount` is for one unit, one piece of the product and one full period, net or
    gross as the subscription's own price; the subscription's quantity multiplies it. `description` are the words on
    invoices, as they were when it was chosen."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="items")
    option = models.ForeignKey(ProductOption, models.PROTECT, related_name="items", verbose_name=_("option"))
    choice = models.ForeignKey(OptionChoice, models.PROTECT, related_name="items", verbose_name=_("choice"))
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    unit_amount = AmountField(_("price"))
    setup_amount = AmountField(_("set-up fee"), default=Decimal(0))
    description = models.CharField(_("description"), max_length=200)

    unit = MoneyOf("unit_amount")
    setup = MoneyOf("setup_amount")

    class Meta:
        ordering = ["option__sort", "id"]
        verbose_name = _("option of a subscription")
        verbose_name_plural = _("options of subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["subscription", "option"], name="billing_item_option_once"),
            models.CheckConstraint(
                name="billing_item_amounts",
                condition=models.Q(unit_amount__gte=0, setup_amount__gte=0, quantity__gte=1),
            ),
        ]

    def __str__(self):
        return self.description

    @property
    def currency(self) -> str:
        """The subscription's."""
        return self.subscription.currency

    @property
    def part(self) -> str:
        """What tells its invoice lines from others of the same period."""
        return f"option:{self.pk}"

    @property
    def value(self) -> str | int:
        """What the panel gets: the number of units of a quantity, else the value of the choice."""
        if self.option.kind == ProductOption.Kind.QUANTITY:
            return self.quantity
        return self.choice.value or self.choice.name
