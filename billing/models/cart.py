"""The cart: what a visitor has chosen, before anybody is known or anything is promised."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.fields import CurrencyField
from hostbill.core.models import TrackedModel

from .bundle import BundleItem
from .cycle import Cycle
from .product import Product


class Cart(TrackedModel):
    """Found again by the unguessable token in the visitor's session. `codes`: of promotions, in the order they came."""

    token = models.CharField(max_length=64, unique=True)
    currency = CurrencyField()
    client = models.ForeignKey("clients.Client", models.SET_NULL, null=True, blank=True, related_name="carts")
    codes = models.JSONField(default=list, blank=True)
    ordered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")

    def __str__(self):
        return f"cart {self.pk}"


class CartLine(TrackedModel):
    """One product with its cycle and the validated answers of its kind's order form.

    `options` {option id as text: choice id, number of units or True} as `queries.chosen.clean_choices` returns them. An
    addon is of another line (`parent`) or of what the client has (`for_subscription`). Lines put in by one bundle link
    share a `bundle_key` and leave together."""

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    cycle = models.CharField(max_length=12, choices=Cycle)
    quantity = models.PositiveIntegerField(default=1)
    answers = models.JSONField(default=dict, blank=True)
    label = models.CharField(max_length=253, blank=True)
    options = models.JSONField(default=dict, blank=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="addons")
    for_subscription = models.ForeignKey("billing.Subscription", models.CASCADE, null=True, blank=True, related_name="+")
    bundle_item = models.ForeignKey(BundleItem, models.CASCADE, null=True, blank=True, related_name="+")
    bundle_key = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("cart line")
        verbose_name_plural = _("cart lines")
        constraints = [
            models.CheckConstraint(
                name="billing_cartline_quantity", condition=models.Q(quantity__gte=1, quantity__lte=1000)
            )
        ]

    def __str__(self):
        return f"{self.product} {self.label}".strip()
