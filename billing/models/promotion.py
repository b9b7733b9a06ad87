"""Promotions: codes that lower prices, who used them, and what is taken off a running subscription."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock
from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .order import Order
from .product import Product
from .product_option import OptionChoice
from .subscription import Subscription


class DiscountKind(models.TextChoices):
    """How a price becomes lower."""

    PERCENT = "percent", _("Percent off")
    FIXED = "fixed", _("Amount off")
    OVERRIDE = "override", _("A price of its own")
    FREE_SETUP = "free_setup", _("Free set-up")
    FREE_MONTHS = "free_months", _("Free months")


class Promotion(TrackedModel):
    """What a code gives, on what, to whom and how often.

    `periods`: for so many invoiced periods, the first included; empty means for ever. `products`, `cycles`, `choices` empty: all. A cap
    (`max_uses`) is kept by counting `used_count` up with a conditional update, and by a constraint."""

    #: What other nouns' lists read of it.
    BRIEF = ("name", "code")

    class Who(models.TextChoices):
        ALL = "all", _("Everybody")
        NEW = "new", _("New clients only")
        EXISTING = "existing", _("Clients with a running service only")

    name = models.CharField(_("name"), max_length=80, help_text=_("Clients read it in the basket and on invoices."))
    code = models.CharField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=DiscountKind, default=DiscountKind.PERCENT)
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4, null=True, blank=True)
    months = models.PositiveSmallIntegerField(_("free months"), null=True, blank=True)
    periods = models.PositiveSmallIntegerField(
        _("billing periods"),
        null=True,
        blank=True,
        default=1,
        help_text=_("For so many invoices of a service, the first included. Empty: for ever."),
    )
    products = models.ManyToManyField(
        Product, blank=True, related_name="+", verbose_name=_("on these products"), help_text=_("None: on all.")
    )
    cycles = models.JSONField(_("in these cycles"), default=list, blank=True)
    includes_base = models.BooleanField(_("on the product's own price"), default=True)
    includes_options = models.BooleanField(_("on options too"), default=True)
    choices = models.ManyToManyField(
        OptionChoice,
        blank=True,
        related_name="+",
        verbose_name=_("on these options only"),
        help_text=_("What is chosen of an option. None: on all options."),
    )
    includes_setup = models.BooleanField(_("on set-up fees too"), default=False)
    who = models.CharField(_("for"), max_length=10, choices=Who, default=Who.ALL)
    once_per_client = models.BooleanField(_("once per client"), default=False)
    max_uses = models.PositiveIntegerField(_("uses at most"), null=True, blank=True, help_text=_("Empty: no limit."))
    used_count = models.PositiveIntegerField(_("used"), default=0)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    required_products = models.ManyToManyField(
        Product,
        blank=True,
        related_name="+",
        verbose_name=_("only with one of these"),
        help_text=_("In the same basket, or running already. None: no condition."),
    )
    is_combinable = models.BooleanField(_("together with other codes"), default=False)
    ends_on_change = models.BooleanField(_("ends when the plan changes"), default=True)
    is_active = models.BooleanField(_("can be used"), default=True)
    notes = models.CharField(_("note for staff"), max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        constraints = [
            models.CheckConstraint(
                name="billing_promotion_cap",
                condition=models.Q(max_uses__isnull=True) | models.Q(used_count__lte=models.F("max_uses")),
            ),
            models.CheckConstraint(
                name="billing_promotion_percent",
                condition=models.Q(percent__isnull=True) | models.Q(percent__gt=0, percent__lte=100),
            ),
            models.CheckConstraint(
                name="billing_promotion_days",
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.code})"

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:promotion_detail", self.pk)

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens: whether the code works today."""
        today = clock.today()
        if not self.is_active:
            return ("ended", _("Switched off"))
        if self.ends_on and self.ends_on < today:
            return ("ended", _("Over"))
        if self.is_used_up:
            return ("ended", _("Used up"))
        if self.starts_on and self.starts_on > today:
            return ("pending", _("Not begun"))
        return ("ok", _("Running"))

    @property
    def is_used_up(self) -> bool:
        """As often used as it may be."""
        return self.max_uses is not None and self.used_count >= self.max_uses


class PromotionAmount(TrackedModel):
    """What a promotion takes off, or costs, in one currency; and what must be in the basket. Never converted."""

    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="amounts")
    currency = CurrencyField()
    value_amount = AmountField(_("amount"), null=True, blank=True)
    minimum_amount = AmountField(_("minimum spend"), default=Decimal(0))

    value = MoneyOf("value_amount")
    minimum = MoneyOf("minimum_amount")

    class Meta:
        ordering = ["currency"]
        verbose_name = _("amount of a promotion")
        verbose_name_plural = _("amounts of promotions")
        constraints = [
            models.UniqueConstraint(fields=["promotion", "currency"], name="billing_promotionamount_once"),
            models.CheckConstraint(
                name="billing_promotionamount_sign",
                condition=models.Q(minimum_amount__gte=0)
                & (models.Q(value_amount__isnull=True) | models.Q(value_amount__gte=0)),
            ),
        ]

    def __str__(self):
        return f"{self.promotion}: {self.currency}"


class PromotionUse(TrackedModel):
    """A code used in an order. Given back (`released_at`) when the order comes to nothing. `once`: the client's only one."""

    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="uses")
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="promotion_uses")
    order = models.ForeignKey(Order, models.PROTECT, related_name="promotion_uses")
    once = models.BooleanField(default=False)
    currency = CurrencyField()
    net_amount = AmountField(_("taken off the first invoice"))
    released_at = models.DateTimeField(null=True, blank=True)

    net = MoneyOf("net_amount")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("use of a promotion")
        verbose_name_plural = _("uses of promotions")
        constraints = [
            models.UniqueConstraint(
                fields=["promotion", "order"],
                condition=models.Q(released_at__isnull=True),
                name="billing_promotionuse_order",
            ),
            models.UniqueConstraint(
                fields=["promotion", "client"],
                condition=models.Q(once=True, released_at__isnull=True),
                name="billing_promotionuse_client",
            ),
        ]

    def __str__(self):
        return f"{self.promotion}: {self.order}"


class SubscriptionDiscount(TrackedModel):
    """What is taken off the coming periods of a subscription: by a promotion, or granted by staff with a reason.

    `amount`: off each period (fixed), or the price a piece (override), before tax as the subscription's own price.
    `periods_left`: invoiced periods still to come, None for ever; `months_left`: free months not yet given. At 0 it is over.
    `choices`: ids of option choices, empty for all."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="discounts")
    promotion = models.ForeignKey(Promotion, models.PROTECT, null=True, blank=True, related_name="discounts")
    kind = models.CharField(_("kind"), max_length=12, choices=DiscountKind)
    name = models.CharField(_("name"), max_length=80)
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4, null=True, blank=True)
    currency = CurrencyField()
    amount = AmountField(_("amount"), null=True, blank=True)
    periods_left = models.PositiveSmallIntegerField(_("periods left"), null=True, blank=True)
    months_left = models.PositiveSmallIntegerField(_("free months left"), null=True, blank=True)
    includes_base = models.BooleanField(_("on the product's own price"), default=True)
    includes_options = models.BooleanField(_("on options too"), default=True)
    choices = models.JSONField(_("on these options only"), default=list, blank=True)
    includes_setup = models.BooleanField(_("on set-up fees too"), default=False)
    ends_on_change = models.BooleanField(default=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    granted_by = models.CharField(_("granted by"), max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    money = MoneyOf("amount")

    class Meta:
        ordering = ["id"]
        verbose_name = _("discount of a subscription")
        verbose_name_plural = _("discounts of subscriptions")
        constraints = [
            models.CheckConstraint(
                name="billing_subdiscount_values",
                condition=(models.Q(percent__isnull=True) | models.Q(percent__gt=0, percent__lte=100))
                & (models.Q(amount__isnull=True) | models.Q(amount__gte=0)),
            )
        ]

    def __str__(self):
        return self.name

    @property
    def part(self) -> str:
        """Names its lines on invoices (`InvoiceLine.part`)."""
        return f"promo:{self.pk}"

    @property
    def is_live(self) -> bool:
        """Whether the next period is cheaper by it."""
        return self.ended_at is None and self.periods_left != 0 and self.months_left != 0
