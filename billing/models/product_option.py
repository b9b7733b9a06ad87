"""Configurable options: what a customer chooses about a product, what each choice costs, and what depends on what."""

from decimal import Decimal

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .cycle import Cycle
from .product import Product

#: What panels, mails and programs call an option by.
_KEY = RegexValidator(r"^[a-z][a-z0-9_]*$", _("Small Latin letters, digits and _, beginning with a letter."))


class OptionGroup(TrackedModel):
    """Options that are offered together, with every product they are attached to."""

    name = models.CharField(_("name"), max_length=80)
    products = models.ManyToManyField(Product, related_name="option_groups", blank=True, verbose_name=_("products"))
    sort = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["sort", "name"]
        verbose_name = _("option group")
        verbose_name_plural = _("option groups")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Where staff change it."""
        return address("billing_staff:option_group_edit", self.pk)


class ProductOption(TrackedModel):
    """One question with a price. `key` names its value wherever it is delivered: panels, mails, the API.

    A yes/no and a quantity have exactly one choice, which carries the price (of one unit); the others have several.
    `min_quantity` to `max_quantity` in steps of `step` are the quantities that may be chosen."""

    class Kind(models.TextChoices):
        DROPDOWN = "dropdown", _("List to choose from")
        RADIO = "radio", _("Radio buttons")
        YES_NO = "yes_no", _("Yes or no")
        QUANTITY = "quantity", _("Quantity")

    group = models.ForeignKey(OptionGroup, models.CASCADE, related_name="options", verbose_name=_("group"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.DROPDOWN)
    name = models.CharField(_("name"), max_length=80)
    key = models.CharField(
        _("key"),
        max_length=40,
        validators=[_KEY],
        help_text=_("What the panel, mails and the API call it, such as disk_gb."),
    )
    hint = models.CharField(_("hint"), max_length=200, blank=True, help_text=_("Below the question."))
    unit = models.CharField(_("unit"), max_length=20, blank=True, help_text=_("After the quantity, such as GB."))
    is_required = models.BooleanField(_("must be chosen"), default=False)
    min_quantity = models.PositiveIntegerField(_("least"), default=0)
    max_quantity = models.PositiveIntegerField(_("most"), default=100)
    step = models.PositiveIntegerField(_("in steps of"), default=1)
    is_retired = models.BooleanField(_("no longer offered"), default=False)
    sort = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["sort", "id"]
        verbose_name = _("configurable option")
        verbose_name_plural = _("configurable options")
        constraints = [
            models.UniqueConstraint(fields=["group", "key"], name="billing_option_key_once"),
            models.CheckConstraint(
                name="billing_option_quantities",
                condition=models.Q(step__gte=1, max_quantity__gte=models.F("min_quantity"), max_quantity__lte=1_000_000),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Where staff change it."""
        return address("billing_staff:product_option_edit", self.pk)

    def unit_of(self, count: int) -> str:
        """After this quantity: of "copy|copies" one or the other, any other unit as it stands."""
        one, bar, many = self.unit.partition("|")
        return (many if bar and count != 1 else one).strip()

    @property
    def units(self) -> str:
        """After many."""
        return self.unit_of(2)

    @property
    def is_list(self) -> bool:
        """One of several choices, rather than one choice taken or counted."""
        return self.kind in (self.Kind.DROPDOWN, self.Kind.RADIO)


class OptionChoice(TrackedModel):
    """One thing that can be chosen. `value` is what the panel gets; empty means the name."""

    option = models.ForeignKey(ProductOption, models.CASCADE, related_name="choices", verbose_name=_("option"))
    name = models.CharField(_("name"), max_length=80)
    value = models.CharField(_("value for the panel"), max_length=120, blank=True)
    is_default = models.BooleanField(_("chosen at first"), default=False)
    is_retired = models.BooleanField(_("no longer offered"), default=False)
    sort = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["sort", "id"]
        verbose_name = _("choice")
        verbose_name_plural = _("choices")

    def __str__(self):
        return self.name

    def price_for(self, currency: str, cycle: str):
        """(amount, set-up fee) of one unit for one period; None when it is not offered so. A choice that has no price at
        all is free everywhere."""
        prices = list(self.prices.all())
        if not prices:
            return (Decimal(0), Decimal(0))
        found = next((row for row in prices if row.currency == currency and row.cycle == cycle), None)
        return (found.amount, found.setup_amount) if found else None


class OptionPrice(TrackedModel):
    """What one unit of a choice adds to each period of a cycle, and once."""

    choice = models.ForeignKey(OptionChoice, models.CASCADE, related_name="prices", verbose_name=_("choice"))
    currency = CurrencyField()
    cycle = models.CharField(_("cycle"), max_length=12, choices=Cycle)
    amount = AmountField(_("price"))
    setup_amount = AmountField(_("set-up fee"), default=Decimal(0))

    money = MoneyOf("amount")
    setup = MoneyOf("setup_amount")

    class Meta:
        ordering = ["choice", "currency", "id"]
        verbose_name = _("option price")
        verbose_name_plural = _("option prices")
        constraints = [
            models.UniqueConstraint(fields=["choice", "currency", "cycle"], name="billing_optionprice_once"),
            models.CheckConstraint(
                name="billing_optionprice_not_negative", condition=models.Q(amount__gte=0, setup_amount__gte=0)
            ),
        ]

    def __str__(self):
        return f"{self.choice}: {self.money} {self.get_cycle_display()}"


class OptionRule(TrackedModel):
    """`option` is shown, or has to be chosen, only while `source` has `choice` (or at least `at_least` units of it).

    Several rules of one effect: one that holds is enough. Without a show rule an option is always shown."""

    class Effect(models.TextChoices):
        SHOW = "show", _("is shown only")
        REQUIRE = "require", _("has to be chosen")

    option = models.ForeignKey(ProductOption, models.CASCADE, related_name="rules", verbose_name=_("option"))
    effect = models.CharField(_("effect"), max_length=10, choices=Effect)
    source = models.ForeignKey(ProductOption, models.CASCADE, related_name="+", verbose_name=_("while"))
    choice = models.ForeignKey(OptionChoice, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("is"))
    at_least = models.PositiveIntegerField(_("at least"), default=1)

    class Meta:
        ordering = ["id"]
        verbose_name = _("rule of an option")
        verbose_name_plural = _("rules of options")
        constraints = [
            models.UniqueConstraint(fields=["option", "effect", "source", "choice"], name="billing_optionrule_once"),
            models.CheckConstraint(
                name="billing_optionrule_other", condition=~models.Q(option=models.F("source"))
            ),
        ]

    def __str__(self):
        return f"{self.option} {self.get_effect_display()} {self.source}"
