"""Orders: what a client asked for, frozen as it was seen and agreed to."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel
from hostbill.core.search import Words

from .cycle import Cycle
from .owned import owned
from .product import Product


class Order(TrackedModel):
    """The agreement. `snapshot` holds the lines, prices, tax and terms as shown; it never changes."""

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        ACCEPTED = "accepted", _("Accepted")
        CANCELLED = "cancelled", _("Cancelled")
        FRAUD = "fraud", _("Fraud")

    TRANSITIONS = {
        "pending": {"accepted", "cancelled", "fraud"},
        "accepted": {"pending", "cancelled", "fraud"},
        "cancelled": {"pending"},
        "fraud": {"pending"},
    }

    number = models.CharField(max_length=30, unique=True)
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="orders")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    currency = CurrencyField()
    total_amount = AmountField()
    snapshot = models.JSONField()
    idempotency_key = models.CharField(max_length=80, unique=True)
    invoice = models.OneToOneField("billing.Invoice", models.PROTECT, null=True, blank=True, related_name="order")
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=200, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    fraud_at = models.DateTimeField(null=True, blank=True)

    total = MoneyOf("total_amount")

    objects = owned("billing.order.view")

    class Meta:
        indexes = [
            models.Index(fields=["placed_at", "id"], name="billing_order_list"),
            models.Index(fields=["state", "placed_at", "id"], name="billing_order_state_list"),
        ]
        ordering = ["-placed_at", "-id"]
        verbose_name = _("order")
        verbose_name_plural = _("orders")

    @property
    def is_served(self) -> bool:
        """Whether something of it runs or is suspended."""
        return self.lines.filter(subscription__state__in=["active", "suspended"]).exists()

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:order_detail", self.pk)

    @property
    def is_quiet(self) -> bool:
        """Whether the client is not written to about the order and its invoice, as staff settled when placing it."""
        return not self.snapshot.get("terms", {}).get("mail", True)

    @property
    def waits(self) -> bool:
        """Whether nothing of it may begin, paid or not, because somebody has to accept it first."""
        return self.state == self.State.PENDING and self.snapshot.get("terms", {}).get("waits", False)

    @property
    def said(self) -> dict:
        """What a program told about it when it placed it."""
        return self.snapshot.get("terms", {}).get("said", {})

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens."""
        kinds = {"pending": "attention", "accepted": "ok", "cancelled": "ended", "fraud": "failed"}
        return (kinds[self.state], self.get_state_display())


class OrderLine(TrackedModel):
    """One ordered product; leads to the subscription it created."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    cycle = models.CharField(max_length=12, choices=Cycle)
    quantity = models.PositiveIntegerField(default=1)
    currency = CurrencyField()
    unit_amount = AmountField()
    setup_amount = AmountField(default=Decimal(0))
    label = models.CharField(max_length=253, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="addons")

    unit = MoneyOf("unit_amount")
    setup = MoneyOf("setup_amount")

    SEARCH = Words("billing_orderline_words", "label")

    class Meta:
        ordering = ["id"]
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")

    def __str__(self):
        return f"{self.product} {self.label}".strip()
