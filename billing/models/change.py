"""Changes of running subscriptions: another plan, cycle, quantity or options; and what of invoiced time was given back."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel
from hostbill.core.ui.words import day_words

from .credit_note import CreditNote
from .cycle import Cycle
from .invoice import Invoice, InvoiceLine
from .owned import OwnedQuerySet, owned
from .product import Product
from .subscription import Subscription


class ChangeQuerySet(OwnedQuerySet):
    """Finding changes."""

    def under_way(self):
        """Those that wait for their day or for money."""
        return self.filter(state__in=SubscriptionChange.UNDER_WAY)


class SubscriptionChange(TrackedModel):
    """Somebody wants other terms. `effective_on` is the first day of the new ones. With `when` "now" the difference is
    invoiced at once and the terms change when it is paid; unpaid on `expires_on` it lapses. With "term_end" the renewal of
    that day is priced with the new terms; `is_billed` says that this has happened, so price, cycle and quantity of the
    subscription are the new ones already while the product follows on its day.

    `before` and `after` are the terms as plain JSON (see `billing.queries.terms`)."""

    UNDER_WAY = ("scheduled", "unpaid")

    class When(models.TextChoices):
        NOW = "now", _("Now")
        TERM_END = "term_end", _("At the end of the paid period")

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("Waits for its day")
        UNPAID = "unpaid", _("Waits for payment")
        DONE = "done", _("Done")
        WITHDRAWN = "withdrawn", _("Taken back")

    TRANSITIONS = {
        "scheduled": {"done", "withdrawn"},
        "unpaid": {"done", "withdrawn"},
        "done": set(),
        "withdrawn": set(),
    }

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="changes")
    # The change of the parent that this one, of an addon in its cycle, is a part of: asked, paid and taken back with it.
    leader = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followers")
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="subscription_changes")
    when = models.CharField(_("when"), max_length=10, choices=When)
    state = models.CharField(_("state"), max_length=10, choices=State)
    from_product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("from"))
    to_product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("to"))
    to_cycle = models.CharField(_("cycle"), max_length=12, choices=Cycle)
    currency = CurrencyField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    effective_on = models.DateField(_("from"))
    expires_on = models.DateField(null=True, blank=True)
    is_raise = models.BooleanField(default=True)
    is_billed = models.BooleanField(default=False)
    due_amount = AmountField(_("charged"), default=Decimal(0))
    credit_amount = AmountField(_("credit"), default=Decimal(0))
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="changes")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    due = MoneyOf("due_amount")
    credit = MoneyOf("credit_amount")

    objects = owned("billing.subscription.view", area="services", base=ChangeQuerySet)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("change of a subscription")
        verbose_name_plural = _("changes of subscriptions")
        indexes = [
            models.Index(fields=["state", "effective_on", "id"], name="billing_change_list"),
            models.Index(fields=["client", "-id"], name="billing_change_client"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=models.Q(state__in=["scheduled", "unpaid"]),
                name="billing_change_one_under_way",
            ),
            models.CheckConstraint(
                name="billing_change_amounts", condition=models.Q(due_amount__gte=0, credit_amount__gte=0)
            ),
        ]

    def __str__(self):
        if self.from_product_id == self.to_product_id:
            return f"{self.subscription}"
        return f"{self.from_product} → {self.to_product}"

    def get_absolute_url(self):
        """The page of its subscription, where it is shown."""
        return address("billing_staff:subscription_detail", self.subscription_id)

    @property
    def state_words(self) -> tuple:
        """Kind, words and rest for screens."""
        kinds = {"scheduled": "pending", "unpaid": "attention", "done": "ok", "withdrawn": "ended"}
        rest = ""
        if self.state == self.State.SCHEDULED:
            rest = _now("on %(day)s") % {"day": day_words(self.effective_on)}
        elif self.state == self.State.UNPAID and self.expires_on:
            rest = _now("lapses on %(day)s") % {"day": day_words(self.expires_on)}
        return (kinds[self.state], self.get_state_display(), rest)

    @property
    def is_under_way(self) -> bool:
        """Does it still wait for its day or for money?"""
        return self.state in self.UNDER_WAY


class LineCredit(TrackedModel):
    """The time from `from_on` to the end of a line's period was given back, by a line of an invoice or by a credit note. Until
    that document is cancelled (`released`) the line covers its period only up to that day. `amount` is net, with the sign
    of the line."""

    line = models.ForeignKey(InvoiceLine, models.PROTECT, related_name="given_back")
    from_on = models.DateField()
    currency = CurrencyField()
    amount = AmountField()
    change = models.ForeignKey(SubscriptionChange, models.PROTECT, null=True, blank=True, related_name="line_credits")
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="line_credits")
    credit_note = models.ForeignKey(CreditNote, models.PROTECT, null=True, blank=True, related_name="line_credits")
    released = models.BooleanField(default=False)

    money = MoneyOf("amount")

    class Meta:
        ordering = ["id"]
        verbose_name = _("time given back")
        verbose_name_plural = _("times given back")
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=models.Q(released=False), name="billing_linecredit_once")
        ]

    def __str__(self):
        return f"{self.line} > {self.from_on}"
