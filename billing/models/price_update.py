"""Changes of prices of running subscriptions: one by one on a day, or many at once with a mail to their clients."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel

from .product import Product
from .subscription import Subscription


class PriceUpdate(TrackedModel):
    """A raise (or cut) for many subscriptions, each from its first period on or after `starts_on`.

    Worked through in the background by the number of the subscription (`reached`); each gets a `ScheduledPrice`, each client
    one mail. Counts are for the screen."""

    class How(models.TextChoices):
        LIST = "list", _("The price in the catalogue on that day")
        PERCENT = "percent", _("Percent on top (or off, with a minus)")
        AMOUNT = "amount", _("Amount on top (or off, with a minus)")
        EXACT = "exact", _("Exactly this price")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RUNNING = "running", _("Being entered")
        DONE = "done", _("Done")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    TRANSITIONS = {"draft": {"running", "withdrawn"}, "running": {"done", "withdrawn"}, "done": {"withdrawn"}, "withdrawn": set()}

    name = models.CharField(_("name"), max_length=80)
    how = models.CharField(_("new price"), max_length=10, choices=How, default=How.LIST)
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4, null=True, blank=True)
    currency = CurrencyField(_("currency"))
    amount = AmountField(_("amount"), null=True, blank=True)
    starts_on = models.DateField(
        _("from"), help_text=_("Each service pays the new price from its first period that begins on this day or later.")
    )
    products = models.ManyToManyField(Product, blank=True, related_name="+", verbose_name=_("products"))
    cycles = models.JSONField(_("cycles"), default=list, blank=True)
    client_group = models.ForeignKey(
        "clients.ClientGroup", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("only the group")
    )
    skips_overrides = models.BooleanField(_("leave out services with a price of their own"), default=True)
    tells = models.BooleanField(_("mail to the clients"), default=True)
    reason = models.TextField(_("words in the mail"), blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    reached = models.BigIntegerField(default=0)
    entered_count = models.PositiveIntegerField(_("services"), default=0)
    told_count = models.PositiveIntegerField(_("mails"), default=0)
    running_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    money = MoneyOf("amount")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("price change")
        verbose_name_plural = _("price changes")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:price_update_detail", self.pk)

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens."""
        kinds = {"draft": "draft", "running": "running", "done": "ok", "withdrawn": "ended"}
        return (kinds[self.state], self.get_state_display())


class ScheduledPrice(TrackedModel):
    """Another price a piece of a subscription, from its first period that begins on `starts_on` or later."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="scheduled_prices")
    update = models.ForeignKey(PriceUpdate, models.PROTECT, null=True, blank=True, related_name="rows")
    starts_on = models.DateField()
    currency = CurrencyField()
    was_amount = AmountField()
    amount = AmountField()
    applied_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    was = MoneyOf("was_amount")
    money = MoneyOf("amount")

    class Meta:
        ordering = ["subscription", "starts_on"]
        verbose_name = _("scheduled price")
        verbose_name_plural = _("scheduled prices")
        indexes = [models.Index(fields=["update", "told_at", "subscription"], name="billing_schedprice_told")]
        constraints = [
            models.UniqueConstraint(fields=["subscription", "starts_on"], name="billing_schedprice_once"),
            models.CheckConstraint(name="billing_schedprice_sign", condition=models.Q(amount__gte=0)),
        ]

    def __str__(self):
        return f"{self.subscription}: {self.money} {self.starts_on}"
