"""Quotes: an offer to a client or to somebody who is none yet, its lines, and the signature under it."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from hostbill.core import clock
from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel
from hostbill.core.money import Money, round_amount
from hostbill.core.search import Words
from hostbill.core.ui.words import day_words

from .cycle import Cycle, is_recurring
from .invoice import Invoice
from .order import Order
from .owned import OwnedQuerySet, owned
from .product import Product
from .tax import TaxClass


class QuoteQuerySet(OwnedQuerySet):
    """Finding quotes."""

    def visible_to(self, actor):
        """What was never delivered is ours alone."""
        rows = super().visible_to(actor)
        return rows if actor.kind != "client" else rows.delivered()

    def delivered(self):
        """Those that were given out: they have a number."""
        return self.filter(number__isnull=False)

    def lapsed(self, on=None):
        """Still open although their last day has passed."""
        return self.filter(state__in=["delivered", "on_hold"], valid_until__lt=on or clock.today())


class Quote(TrackedModel):
    """An offer. Without `client` the address fields say whom it is for; with one they are empty and the client's count.

    Delivered it has a number and does not change any more: a change is a new version under the same number, which takes the
    earlier one's place. `taxes` holds the tax groups as they were worked out; `seller` and `buyer` are stored at delivery.
    `deposit_value` is percent of the total, or an amount with tax, by `deposit_kind`; the rest is invoiced `rest_days` after
    the acceptance, or when staff say that it is delivered."""

    #: What other nouns' lists read of it.
    BRIEF = ("number", "version", "subject", "state")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        DELIVERED = "delivered", _("Delivered")
        ON_HOLD = "on_hold", _("On hold")
        ACCEPTED = "accepted", _("Accepted")
        LOST = "lost", _("Lost")
        DEAD = "dead", _("Dead")
        EXPIRED = "expired", _("Expired")

    class Deposit(models.TextChoices):
        NONE = "", _("None: one invoice over the whole")
        PERCENT = "percent", _("A share in percent")
        AMOUNT = "amount", _("An amount, with tax")

    class Rest(models.TextChoices):
        DELIVERY = "delivery", _("When staff say that it is delivered")
        DAYS = "days", _("So many days after the acceptance")

    TRANSITIONS = {
        "draft": {"delivered", "dead"},
        "delivered": {"on_hold", "accepted", "lost", "dead", "expired"},
        "on_hold": {"delivered", "accepted", "lost", "dead", "expired"},
        "expired": {"delivered", "lost", "dead"},
        "lost": {"delivered", "dead"},
        "accepted": set(),
        "dead": set(),
    }

    number = models.CharField(max_length=60, null=True, blank=True)
    series = models.CharField(max_length=60, blank=True)
    series_number = models.PositiveIntegerField(null=True, blank=True)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    replaces = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="later_versions")
    client = models.ForeignKey("clients.Client", models.PROTECT, null=True, blank=True, related_name="quotes")
    company = models.CharField(_("company"), max_length=150, blank=True)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    address1 = models.CharField(_("address"), max_length=150, blank=True)
    address2 = models.CharField(_("address, second line"), max_length=150, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("state or region"), max_length=100, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    country = CountryField(_("country"), blank=True)
    tax_id = models.CharField(_("tax number"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    subject = models.CharField(_("subject"), max_length=200)
    introduction = models.TextField(_("introduction"), blank=True)
    notes = models.TextField(_("text below the lines"), blank=True)
    staff_notes = models.TextField(_("notes for staff"), blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    currency = CurrencyField()
    issued_on = models.DateField(null=True, blank=True)
    valid_until = models.DateField(_("valid until"))
    includes_tax = models.BooleanField(
        _("prices include tax"), default=False, help_text=_("What is entered is what consumers pay; net and tax are worked out of it.")
    )
    deposit_kind = models.CharField(_("deposit"), max_length=10, choices=Deposit, default=Deposit.NONE, blank=True)
    deposit_value = AmountField(_("deposit value"), default=Decimal(0))
    rest_when = models.CharField(_("the rest"), max_length=10, choices=Rest, default=Rest.DELIVERY)
    rest_days = models.PositiveSmallIntegerField(_("days"), default=30)
    net_amount = AmountField(default=Decimal(0))
    tax_amount = AmountField(default=Decimal(0))
    total_amount = AmountField(default=Decimal(0))
    taxes = models.JSONField(default=list, blank=True)
    seller = models.JSONField(default=dict, blank=True)
    buyer = models.JSONField(default=dict, blank=True)
    link_serial = models.PositiveIntegerField(default=1)
    looks = models.PositiveIntegerField(default=0)
    first_look_at = models.DateTimeField(null=True, blank=True)
    last_look_at = models.DateTimeField(null=True, blank=True)
    lost_reason = models.CharField(max_length=500, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    lost_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    expired_at = models.DateTimeField(null=True, blank=True)
    converted_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=500, blank=True)
    order = models.OneToOneField(Order, models.PROTECT, null=True, blank=True, related_name="quote")
    invoice = models.OneToOneField(Invoice, models.SET_NULL, null=True, blank=True, related_name="quote")
    rest_invoice = models.OneToOneField(Invoice, models.SET_NULL, null=True, blank=True, related_name="rest_of_quote")
    rest_on = models.DateField(null=True, blank=True)

    net = MoneyOf("net_amount")
    tax = MoneyOf("tax_amount")
    total = MoneyOf("total_amount")

    objects = owned("billing.quote.view", base=QuoteQuerySet)
    SEARCH = Words("billing_quote_words", "subject", "company", "first_name", "last_name", "email")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        indexes = [
            models.Index(fields=["valid_until", "id"], name="billing_quote_list"),
            models.Index(fields=["state", "valid_until", "id"], name="billing_quote_state_list"),
            models.Index(fields=["client", "-id"], name="billing_quote_client"),
            models.Index(fields=["issued_on", "id"], name="billing_quote_by_issue"),
            models.Index(fields=["number"], name="billing_quote_by_number", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["rest_on"], name="billing_quote_rest", condition=models.Q(rest_on__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number", "version"], name="billing_quote_number_once"),
            models.UniqueConstraint(
                fields=["series", "series_number"],
                condition=models.Q(version=1, series_number__isnull=False),
                name="billing_quote_series_number",
            ),
            models.CheckConstraint(
                name="billing_quote_number_at_delivery",
                condition=models.Q(state="draft") | models.Q(state="dead") | models.Q(number__isnull=False, issued_on__isnull=False),
            ),
            models.CheckConstraint(
                name="billing_quote_total",
                condition=models.Q(total_amount=models.F("net_amount") + models.F("tax_amount"), total_amount__gte=0),
            ),
            models.CheckConstraint(
                name="billing_quote_for_somebody",
                condition=models.Q(client__isnull=False) | ~models.Q(email=""),
            ),
        ]

    def __str__(self):
        name = self.number or str(_("Quote draft {id}")).format(id=self.pk)
        return f"{name} v{self.version}" if self.version > 1 else name

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:quote_detail", self.pk)

    @property
    def state_words(self) -> tuple:
        """Kind, words and rest for screens: until when it holds, or that nobody has looked at it yet."""
        kinds = {"draft": "draft", "delivered": "pending", "on_hold": "paused", "accepted": "ok", "expired": "late"}
        kind = kinds.get(self.state, "ended")
        if self.state == "delivered":
            return (kind, self.get_state_display(), _now("until %(day)s") % {"day": day_words(self.valid_until)})
        if self.state == "accepted" and self.trouble:
            return ("attention", self.get_state_display(), _now("not invoiced yet"))
        return (kind, self.get_state_display())

    @property
    def addressee_name(self) -> str:
        """The client's name, or the one given."""
        if self.client_id:
            return self.client.name
        return self.company or f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def is_lapsed(self) -> bool:
        """Its last day has passed."""
        return self.valid_until < clock.today()

    @property
    def can_be_signed(self) -> bool:
        """Delivered and still valid."""
        return self.state == "delivered" and not self.is_lapsed

    @property
    def deposit(self) -> Money:
        """What is invoiced first, with tax; zero without a split."""
        if self.deposit_kind == self.Deposit.PERCENT:
            return self.total * (self.deposit_value / 100)
        return Money(self.deposit_value if self.deposit_kind else Decimal(0), self.currency)


class QuoteLine(TrackedModel):
    """One thing offered, by hand or a product. `unit_amount` is net (with tax where the quote's prices include it) and before the
    discount; a product's is its price per cycle, which renewals keep, so that the discount is on the first period only. `net_amount`
    is after the discount, rounded once. Where prices include tax `full_net_amount` and `setup_net_amount` are the nets of the whole line
    before the discount and of its set-up fees, else None."""

    quote = models.ForeignKey(Quote, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+")
    cycle = models.CharField(_("cycle"), max_length=12, choices=Cycle, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    description = models.CharField(_("description"), max_length=500)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=4, default=1)
    currency = CurrencyField()
    unit_amount = AmountField(_("unit price"), max_digits=20, decimal_places=8)
    setup_amount = AmountField(_("set-up fee"), default=Decimal(0))
    discount_percent = models.DecimalField(_("discount"), max_digits=7, decimal_places=4, default=0)
    tax_class = models.CharField(_("tax"), max_length=20, choices=TaxClass, default=TaxClass.STANDARD)
    tax_name = models.CharField(max_length=40, blank=True)
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    net_amount = AmountField()
    full_net_amount = AmountField(null=True, blank=True)
    setup_net_amount = AmountField(null=True, blank=True)
    sort = models.PositiveIntegerField(default=0)

    net = MoneyOf("net_amount")

    class Meta:
        ordering = ["sort", "id"]
        verbose_name = _("quote line")
        verbose_name_plural = _("quote lines")
        constraints = [
            models.CheckConstraint(
                name="billing_quoteline_discount",
                condition=models.Q(discount_percent__gte=0, discount_percent__lte=100),
            ),
            models.CheckConstraint(name="billing_quoteline_quantity", condition=models.Q(quantity__gt=0)),
        ]

    def __str__(self):
        return self.description

    @property
    def is_recurring(self) -> bool:
        """Does it come again?"""
        return bool(self.product_id and self.cycle and is_recurring(self.cycle))

    @property
    def asked(self) -> Money:
        """The price without the discount in its own kind: net, or with tax."""
        return Money(self.unit_amount * self.quantity, self.currency)

    @property
    def asked_off(self) -> Money:
        """What the discount takes off that."""
        return self.asked - Money(self.net_of(self.unit_amount, self.quantity, self.discount_percent, self.currency), self.currency)

    @property
    def full(self) -> Money:
        """Net without the discount."""
        return self.asked if self.full_net_amount is None else Money(self.full_net_amount, self.currency)

    @property
    def discount(self) -> Money:
        """What the discount takes off the net."""
        return self.full - self.net

    @property
    def setup(self) -> Money:
        """The net set-up fee of all pieces; no discount on it."""
        return Money(self.setup_amount * self.quantity if self.setup_net_amount is None else self.setup_net_amount, self.currency)

    @property
    def setup_unit(self) -> Money:
        """The same of one piece."""
        return Money(self.setup_amount if self.setup_net_amount is None else self.setup_net_amount / self.quantity, self.currency)

    @property
    def unit(self) -> Money:
        """Net of one, rounded to the currency."""
        return Money(self._unit_net, self.currency)

    @property
    def unit_price(self) -> Decimal:
        """The net unit price as it is written: the currency's decimals, and more where it has more."""
        exact = self._unit_net.normalize()
        return self.unit.amount if exact == self.unit.amount else exact

    @property
    def _unit_net(self) -> Decimal:
        if self.full_net_amount is None:
            return self.unit_amount
        return (self.full_net_amount / self.quantity).quantize(Decimal("0.00000001"))

    @staticmethod
    def net_of(unit: Decimal, quantity: Decimal, discount_percent: Decimal, currency: str) -> Decimal:
        """Net after the discount, one rounding."""
        return round_amount(unit * quantity * (100 - discount_percent) / 100, currency)


class QuoteSignature(TrackedModel):
    """Who said yes to exactly what, as evidence: append-only. `document` is everything the page showed, `sha256` the
    hash of the PDF that it came with; `way` is "link", "account" or "staff" (told us otherwise, noted by a colleague)."""

    quote = models.OneToOneField(Quote, models.PROTECT, related_name="signature")
    way = models.CharField(max_length=10)
    signed_name = models.CharField(_("name"), max_length=200)
    signed_by = models.CharField(max_length=200, blank=True)
    agreed_text = models.TextField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    signed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")

    def __str__(self):
        return self.signed_name
