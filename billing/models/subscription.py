"""Subscriptions: what we charge for. What exists on a server is provisioning's business."""

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel
from hostbill.core.search import Words
from hostbill.core.ui.words import day_words

from .account import Account
from .cycle import Cycle, Period, boundary, full_period, is_recurring, period
from .order import OrderLine
from .owned import OwnedQuerySet, owned
from .product import Product


class SubscriptionQuerySet(OwnedQuerySet):
    """Finding subscriptions."""

    def running(self):
        """Those that are served or suspended: the ones that renew."""
        return self.filter(state__in=["active", "suspended"])

    def due_by(self, day):
        """Running, recurring, and with a period to invoice that starts on or before the day."""
        return self.running().filter(next_due_on__lte=day)


class Subscription(TrackedModel):
    """A client's running agreement for one product.

    `anchor_day` (1-31) and `origin` are where all periods are counted from; `period_index` is the number of the next period
    to be invoiced and `next_due_on` its first day (None: one-time, ended, or nothing more to invoice). `started_on` is the
    first day served and the origin, unless `origin_on` says otherwise: later, and the days between are a free trial; earlier,
    and the first period is a part of one (an addon that was ordered within its parent's period). `ends_on` is the first day
    not served any more, known beforehand (limited periods or days). `cancel_on` is the day on which it ends because it was
    cancelled (`cancel_at_end`: nothing more is invoiced) or, of an addon, because what it belongs to was: it renews until then.
    `paid_until` is the end of the last paid period, exclusive: a fact about payments, not a switch."""

    #: What other nouns' lists read of it.
    BRIEF = ("label", "state")

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        CANCELLED = "cancelled", _("Cancelled")
        ENDED = "ended", _("Ended")

    TRANSITIONS = {
        "pending": {"active", "cancelled"},
        "active": {"suspended", "ended"},
        "suspended": {"active", "ended"},
        "cancelled": {"pending"},
        "ended": set(),
    }

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="subscriptions")
    account = models.ForeignKey(Account, models.PROTECT, related_name="subscriptions")
    product = models.ForeignKey(Product, models.PROTECT, related_name="subscriptions")
    order_line = models.OneToOneField(OrderLine, models.PROTECT, null=True, blank=True, related_name="subscription")
    label = models.CharField(_("label"), max_length=253, blank=True)
    currency = CurrencyField()
    cycle = models.CharField(_("cycle"), max_length=12, choices=Cycle)
    quantity = models.PositiveIntegerField(default=1)
    price_amount = AmountField(_("recurring price"))
    price_is_override = models.BooleanField(_("a price of its own"), default=False)
    price_includes_tax = models.BooleanField(_("the price includes tax"), default=False)
    anchor_day = models.PositiveSmallIntegerField()
    started_on = models.DateField()
    origin_on = models.DateField(null=True, blank=True)
    # First day that is charged by the present calendar, where a change or a pause made it begin later than the first day served.
    counted_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="addons", verbose_name=_("belongs to"))
    period_index = models.PositiveIntegerField(default=0)
    next_due_on = models.DateField(null=True, blank=True)
    paid_until = models.DateField(null=True, blank=True)
    # End of the last period that cost nothing and so stands on no invoice, exclusive.
    free_until = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    answers = models.JSONField(default=dict, blank=True)
    separate_invoice = models.BooleanField(_("invoices of its own"), default=False)
    cancel_at_end = models.BooleanField(default=False)
    cancel_on = models.DateField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    active_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    price = MoneyOf("price_amount")

    objects = owned("billing.subscription.view", area="services", base=SubscriptionQuerySet)

    SEARCH = Words("billing_sub_words", "label")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        indexes = [
            models.Index(fields=["next_due_on", "id"], name="billing_sub_list"),
            models.Index(fields=["state", "next_due_on", "id"], name="billing_sub_state_list"),
            models.Index(fields=["next_due_on"], name="billing_sub_due", condition=models.Q(next_due_on__isnull=False)),
            models.Index(fields=["state"], name="billing_sub_state"),
            models.Index(fields=["cycle"], name="billing_sub_by_cycle"),
            models.Index(fields=["ends_on"], name="billing_sub_ends", condition=models.Q(ends_on__isnull=False)),
            models.Index(fields=["ended_on"], name="billing_sub_ended", condition=models.Q(ended_on__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="billing_sub_anchor_day", condition=models.Q(anchor_day__gte=1, anchor_day__lte=31)
            ),
            models.CheckConstraint(name="billing_sub_price", condition=models.Q(price_amount__gte=0)),
            models.CheckConstraint(
                name="billing_sub_ends_later", condition=models.Q(ends_on=None) | models.Q(ends_on__gt=models.F("started_on"))
            ),
        ]

    def __str__(self):
        return f"{self.product} {self.label}".strip()

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:subscription_detail", self.pk)

    @property
    def state_words(self) -> tuple:
        """Kind, words and rest for screens."""
        kinds = {"pending": "pending", "active": "ok", "suspended": "paused", "cancelled": "ended", "ended": "ended"}
        rest = _now("ends %(day)s") % {"day": day_words(self.cancel_on)} if self.is_running and self.cancel_on else ""
        return (kinds[self.state], self.get_state_display(), rest)

    @property
    def is_recurring(self) -> bool:
        """Does it renew?"""
        return is_recurring(self.cycle)

    @property
    def first_day(self):
        """The first day of the present calendar."""
        return self.counted_on or self.started_on

    @property
    def origin(self):
        """The day all periods are counted from."""
        return self.origin_on or self.started_on

    @property
    def last_on(self):
        """The first day not served any more, as far as periods are invoiced; None without an end."""
        with_parent = None if self.cancel_at_end else self.cancel_on
        return min((day for day in (self.ends_on, with_parent) if day), default=None)

    def period(self, index: int) -> Period:
        """Period number `index` as it is served, half-open; only for recurring cycles. A first or last one may be a part of
        a full period. ValueError when nothing of it is served."""
        full = period(self.origin, self.anchor_day, self.cycle, index)
        start = max(full.start, self.first_day)
        end = min(full.end, self.last_on) if self.last_on else full.end
        if start >= end:
            raise ValueError("nothing of this period is served")
        return Period(start, end)

    def full_period(self, on) -> Period:
        """The full period that contains the day: what a price is for."""
        return full_period(self.origin, self.anchor_day, self.cycle, on)

    def due_on(self, index: int):
        """First day of period number `index`; None when nothing of it is served any more."""
        start = max(boundary(self.origin, self.anchor_day, self.cycle, index), self.first_day)
        return None if self.last_on and start >= self.last_on else start

    def move_to(self, index: int) -> None:
        """Make period number `index` the next to be invoiced; does not save."""
        self.period_index, self.next_due_on = index, self.due_on(index)

    @property
    def trial(self) -> Period | None:
        """The days free of charge before the first period, if there are any."""
        if self.counted_on or not self.origin_on or self.origin_on <= self.started_on:
            return None
        return Period(self.started_on, min(self.origin_on, self.ends_on) if self.ends_on else self.origin_on)

    @property
    def is_running(self) -> bool:
        """Served or suspended."""
        return self.state in ("active", "suspended")
