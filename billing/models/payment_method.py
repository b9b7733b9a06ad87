"""Saved ways to pay, kept with the client's consent. Only what is needed to recognise them is stored."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock
from hostbill.core.models import TrackedModel

from .owned import OwnedQuerySet, owned


class PaymentMethodQuerySet(OwnedQuerySet):
    """Finding saved methods."""

    def usable(self):
        """Not removed."""
        return self.filter(removed_at__isnull=True)


class PaymentMethod(TrackedModel):
    """A card (or debit mandate) stored at the gateway. `consented_at` is when its owner agreed to renewals. The same card
    (`fingerprint`) stored again takes the place of the row that was there. `due_from`: only invoices due on this day or later
    are charged to it by themselves, because what was due when it was kept was not agreed to; None: all."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="payment_methods")
    gateway = models.ForeignKey("core.ModuleConfig", models.PROTECT, related_name="+")
    customer_id = models.CharField(max_length=255, blank=True)
    remote_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=20, default="card")
    brand = models.CharField(max_length=30, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    country = models.CharField(max_length=2, blank=True, editable=False)  # of the bank that issued it
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    expires_year = models.PositiveSmallIntegerField(null=True, blank=True)
    expires_month = models.PositiveSmallIntegerField(null=True, blank=True)
    is_default = models.BooleanField(default=False)
    consented_at = models.DateTimeField()
    consent_text = models.CharField(max_length=500, blank=True)
    consent_ip = models.GenericIPAddressField(null=True, blank=True)
    due_from = models.DateField(null=True, blank=True, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = owned("billing.payment_method.view", base=PaymentMethodQuerySet)

    class Meta:
        ordering = ["-is_default", "-id"]
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
        constraints = [
            models.UniqueConstraint(fields=["gateway", "remote_id"], name="billing_method_remote"),
            models.UniqueConstraint(
                fields=["client"],
                condition=models.Q(is_default=True, removed_at__isnull=True),
                name="billing_method_one_default",
            ),
            models.UniqueConstraint(
                fields=["client", "gateway", "fingerprint"],
                condition=models.Q(removed_at__isnull=True) & ~models.Q(fingerprint=""),
                name="billing_method_shown_once",
            ),
        ]

    def __str__(self):
        return f"{self.brand.title()} •••• {self.last4}".strip()

    def covers(self, invoice) -> bool:
        """Whether its owner agreed that the invoice is charged to it without being asked again."""
        return self.due_from is None or invoice.due_on >= self.due_from

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens: usable, about to expire, expired."""
        if self.expires_year:
            today, last = clock.today(), (self.expires_year, self.expires_month)
            if last < (today.year, today.month):
                return ("failed", _("Expired"), self.expires)
            if last <= (today.year + (today.month + 1) // 13, (today.month % 12) + 1):
                return ("attention", _("Expires soon"), self.expires)
        return ("ok", _("Used for renewals")) if self.is_default else ("draft", _("Kept in reserve"))

    @property
    def expires(self) -> str:
        """MM/YY, or empty."""
        return f"{self.expires_month:02d}/{self.expires_year % 100:02d}" if self.expires_year else ""


class GatewayCustomer(TrackedModel):
    """The id by which a gateway knows a client."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="gateway_customers")
    gateway = models.ForeignKey("core.ModuleConfig", models.PROTECT, related_name="+")
    remote_id = models.CharField(max_length=255)

    class Meta:
        verbose_name = _("gateway customer")
        verbose_name_plural = _("gateway customers")
        constraints = [
            models.UniqueConstraint(fields=["client", "gateway"], name="billing_gatewaycustomer_once"),
            models.UniqueConstraint(fields=["gateway", "remote_id"], name="billing_gatewaycustomer_remote"),
        ]

    def __str__(self):
        return self.remote_id


class MethodSetup(TrackedModel):
    """A client is entering a method to keep, without paying: what they agreed to, until the gateway confirms."""

    key = models.CharField(max_length=80, unique=True)
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="method_setups")
    gateway = models.ForeignKey("core.ModuleConfig", models.PROTECT, related_name="+")
    remote_id = models.CharField(max_length=255, blank=True)
    client_secret = models.CharField(max_length=255, blank=True)
    consent_text = models.CharField(max_length=500)
    consent_ip = models.GenericIPAddressField(null=True, blank=True)
    payment_method = models.ForeignKey(PaymentMethod, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("method set-up")
        verbose_name_plural = _("method set-ups")

    def __str__(self):
        return self.key
