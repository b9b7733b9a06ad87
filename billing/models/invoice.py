"""Invoices, their lines and their tax groups. From issue on the database itself refuses to change them."""

from datetime import timedelta
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hostbill.core import clock
from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel
from hostbill.core.ui.words import in_digits

from .account import Account
from .owned import OwnedQuerySet, owned
from .subscription import Subscription
from .tax import TaxCategory, TaxClass, written_percent


class InvoiceQuerySet(OwnedQuerySet):
    """Finding invoices."""

    def visible_to(self, actor):
        """Drafts are ours alone."""
        rows = super().visible_to(actor)
        return rows if actor.kind != "client" else rows.issued()

    def issued(self):
        """Every legal document: drafts left out."""
        return self.exclude(state="draft")

    def unpaid(self):
        """Issued with something still to pay."""
        return self.filter(state="issued")

    def overdue(self, on=None):
        """Unpaid and past the due date on the day (default: today)."""
        return self.unpaid().filter(due_on__lt=on or clock.today())


class Invoice(TrackedModel):
    """A demand for money. Drafts have no number; `seller` and `buyer` are stored as they were at issue.

    `open_amount` = total - payments - credit used + refunds + chargebacks, zero when paid, cancelled or written off."""

    #: What other nouns' lists read of it.
    BRIEF = ("number", "kind", "state", "due_on", "currency", "total_amount", "open_amount", "collections_at")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Unpaid")
        PAID = "paid", _("Paid")
        CANCELLED = "cancelled", _("Cancelled")
        REFUNDED = "refunded", _("Refunded")
        BAD_DEBT = "bad_debt", _("Written off")

    class Kind(models.TextChoices):
        ORDER = "order", _("Order")
        RENEWAL = "renewal", _("Renewal")
        CHANGE = "change", _("Change")
        MANUAL = "manual", _("Manual")
        CORRECTIVE = "corrective", _("Corrective")

    class Supply(models.TextChoices):
        NONE = "", _("By the rates")
        DOMESTIC = "domestic", _("At home")
        EU_CONSUMER = "eu_consumer", _("To consumers in other EU states")
        EU_BUSINESS = "eu_business", _("To businesses in other EU states")
        OUTSIDE = "outside", _("To other countries")

    TRANSITIONS = {
        "draft": {"issued", "paid"},
        "issued": {"paid", "refunded", "cancelled", "bad_debt"},
        "paid": {"issued", "refunded", "cancelled"},
        "cancelled": set(),
        "refunded": set(),
        "bad_debt": {"issued"},
    }

    number = models.CharField(_("number"), max_length=40, unique=True, null=True, blank=True)
    series = models.CharField(max_length=60, blank=True)
    series_number = models.PositiveIntegerField(null=True, blank=True)
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="invoices")
    account = models.ForeignKey(Account, models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.MANUAL)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    currency = CurrencyField()
    issued_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(_("due on"))
    net_amount = AmountField(default=Decimal(0))
    tax_amount = AmountField(default=Decimal(0))
    total_amount = AmountField(default=Decimal(0))
    open_amount = AmountField(default=Decimal(0))
    # What credit notes have taken back of the total.
    credited_amount = AmountField(default=Decimal(0))
    # A pro-forma invoice has a number of its own series; the legal one is drawn when it is paid.
    is_proforma = models.BooleanField(default=False)
    proforma_number = models.CharField(max_length=40, blank=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrected_by")
    seller = models.JSONField(default=dict, blank=True)
    buyer = models.JSONField(default=dict, blank=True)
    # Where the sale is taxed and as what, decided with the lines; `tax_proof` holds what the decision rests on.
    tax_supply = models.CharField(max_length=12, choices=Supply, default=Supply.NONE, blank=True)
    tax_country = models.CharField(max_length=2, blank=True)
    tax_proof = models.JSONField(default=dict, blank=True)
    # A draft that waits for an answer about the client's VAT number, since then.
    held_at = models.DateTimeField(_("held back"), null=True, blank=True)
    language = models.CharField(max_length=10, blank=True)
    reference = models.CharField(max_length=40, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True)
    collections_at = models.DateTimeField(null=True, blank=True)
    collections_note = models.CharField(max_length=300, blank=True)
    # Links signed with another number than this one have been withdrawn.
    pay_link_generation = models.PositiveIntegerField(default=0)

    net = MoneyOf("net_amount")
    tax = MoneyOf("tax_amount")
    total = MoneyOf("total_amount")
    open = MoneyOf("open_amount")
    credited = MoneyOf("credited_amount")

    objects = owned("billing.invoice.view", base=InvoiceQuerySet)

    class Meta:
        ordering = ["-issued_on", "-id"]
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes = [
            models.Index(fields=["due_on", "id"], name="billing_invoice_list"),
            models.Index(fields=["state", "due_on", "id"], name="billing_invoice_state_list"),
            models.Index(fields=["due_on"], name="billing_invoice_unpaid", condition=models.Q(state="issued")),
            models.Index(fields=["client", "-issued_on"], name="billing_invoice_client"),
            models.Index(fields=["series_number"], name="billing_invoice_by_number"),
            models.Index(fields=["issued_on", "id"], name="billing_invoice_by_issue"),
            models.Index(fields=["kind"], name="billing_invoice_by_kind"),
            models.Index(fields=["currency"], name="billing_invoice_by_currency"),
            models.Index(fields=["total_amount"], name="billing_invoice_by_total"),
            models.Index(
                fields=["held_at"], name="billing_invoice_held", condition=models.Q(state="draft", held_at__isnull=False)
            ),
            models.Index(
                fields=["issued_on"], name="billing_invoice_eu_consumer", condition=models.Q(tax_supply="eu_consumer")
            ),
            models.Index(fields=["state"], name="billing_invoice_of_orders", condition=models.Q(kind="order")),
            models.Index(fields=["open_amount"], name="billing_invoice_by_open", condition=models.Q(state="issued")),
            models.Index(
                fields=["due_on", "id"], name="billing_invoice_collections", condition=models.Q(collections_at__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["series", "series_number"], name="billing_invoice_series_number"),
            models.CheckConstraint(
                name="billing_invoice_total",
                condition=models.Q(total_amount=models.F("net_amount") + models.F("tax_amount")),
            ),
            models.CheckConstraint(
                name="billing_invoice_number_at_issue",
                condition=models.Q(state="draft", number__isnull=True)
                | (~models.Q(state="draft") & models.Q(number__isnull=False, issued_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="billing_invoice_open",
                condition=models.Q(
                    state="issued",
                    open_amount__gt=0,
                    open_amount__lte=models.F("total_amount") - models.F("credited_amount"),
                )
                | models.Q(state="draft")
                | models.Q(state__in=["paid", "cancelled", "refunded", "bad_debt"], open_amount=0),
            ),
            models.CheckConstraint(
                name="billing_invoice_credited",
                condition=models.Q(credited_amount__gte=0, credited_amount__lte=models.F("total_amount"))
                | models.Q(state="draft", credited_amount=0),
            ),
        ]

    def __str__(self):
        return self.number or str(_("Draft {id}")).format(id=self.pk)

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:invoice_detail", self.pk)

    @property
    def state_words(self) -> tuple:
        """Kind, words and rest for screens: how late, or when it is due."""
        if self.state != "issued":
            kinds = {"draft": "draft", "paid": "ok", "cancelled": "ended", "refunded": "ended", "bad_debt": "ended"}
            return (kinds[self.state], self.get_state_display())
        if self.collections_at:
            return ("paused", _now("In collections"), _now("partly paid") if self.open_amount < self.total_amount else "")
        late = self.days_overdue
        part = _now("partly paid") if self.open_amount < self.total_amount else ""
        if late > 0:
            words = ngettext("Overdue %(days)d day", "Overdue %(days)d days", late) % {"days": late}
            return ("failed", in_digits(words), part)
        if late == 0:
            return ("pending", _now("Due today"), part)
        words = ngettext("Due in %(days)d day", "Due in %(days)d days", -late) % {"days": -late}
        return ("pending", in_digits(words), part)

    @property
    def is_overdue(self) -> bool:
        """Unpaid although the due date has passed."""
        return self.state == "issued" and self.due_on < clock.today()

    @property
    def days_overdue(self) -> int:
        """Whole days since the due date; negative before it."""
        return (clock.today() - self.due_on).days


class InvoiceLine(TrackedModel):
    """One thing charged. A subscription's period is charged once per kind and part: the unique constraint sees to it.

    `part` tells lines of one period apart: "" the price itself, "option:<item id>" a configurable option, others by their owner."""

    class Kind(models.TextChoices):
        RECURRING = "recurring", _("Recurring")
        SETUP = "setup", _("Set-up")
        ONE_TIME = "one_time", _("One-time")
        DISCOUNT = "discount", _("Discount")
        CREDIT = "credit", _("Time given back")
        LATE_FEE = "late_fee", _("Late fee")
        USAGE = "usage", _("Use")
        MANUAL = "manual", _("Manual")

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    subscription = models.ForeignKey(Subscription, models.PROTECT, null=True, blank=True, related_name="invoice_lines")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.MANUAL)
    part = models.CharField(max_length=40, blank=True, default="")
    revenue_code = models.CharField(max_length=40, default="manual")
    description = models.CharField(_("description"), max_length=500)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=4, default=1)
    currency = CurrencyField()
    # More decimals than money: prices of very small units (a kilobyte, a second).
    unit_amount = AmountField(_("unit price"), max_digits=20, decimal_places=8)
    net_amount = AmountField()
    tax_class = models.CharField(max_length=20, choices=TaxClass, default=TaxClass.STANDARD)
    tax_name = models.CharField(max_length=40, blank=True)
    # Of all components together, on the net amount; documents from before 0024 may say "S" with 0 %.
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    tax_category = models.CharField(max_length=2, choices=TaxCategory, default=TaxCategory.STANDARD)
    tax_components = models.JSONField(default=list, blank=True)
    tax_reason = models.CharField(max_length=200, blank=True)
    # Set where the price includes tax: this is what is paid, and the net follows from it.
    gross_amount = AmountField(null=True, blank=True)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    released = models.BooleanField(default=False)
    sort = models.PositiveIntegerField(default=0)

    unit = MoneyOf("unit_amount")
    net = MoneyOf("net_amount")

    class Meta:
        ordering = ["sort", "id"]
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "period_start", "kind", "part"],
                condition=models.Q(subscription__isnull=False, period_start__isnull=False, released=False),
                name="billing_line_period_once",
            ),
            models.CheckConstraint(
                name="billing_line_period",
                condition=models.Q(period_end__isnull=True) | models.Q(period_end__gt=models.F("period_start")),
            ),
        ]

    @property
    def origin(self) -> str:
        """Tells the line of an ordered service from the others of its draft, however often they are rewritten; empty for
        lines written by hand."""
        if not self.subscription_id:
            return ""
        return f"{self.subscription_id}-{self.kind}-{self.period_start or ''}" + (f"-{self.part}" if self.part else "")

    def __str__(self):
        return self.description

    @property
    def unit_price(self) -> Decimal:
        """The unit price as it is written: the currency's decimals, and more where it has more."""
        exact = self.unit_amount.normalize()
        return self.unit.amount if exact == self.unit.amount else exact

    @property
    def last_day(self):
        """The last day served: periods are stored half-open, people read the day included."""
        return self.period_end - timedelta(days=1) if self.period_end else None


class InvoiceTax(TrackedModel):
    """One component of the tax of one (category, rate) group of an invoice, rounded once over the group.

    `net_amount` is the sum of the lines, `base_amount` what the component is charged on where that is more (compound),
    `gross_amount` the sum of the prices that include tax: of such a group the tax is what its net leaves."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="taxes")
    tax_class = models.CharField(max_length=20, choices=TaxClass)
    category = models.CharField(max_length=2, choices=TaxCategory, default=TaxCategory.STANDARD)
    reason = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=40, blank=True)
    percent = models.DecimalField(max_digits=7, decimal_places=4)
    country = models.CharField(max_length=2, blank=True)
    step = models.PositiveSmallIntegerField(default=1)
    is_compound = models.BooleanField(default=False)
    currency = CurrencyField()
    net_amount = AmountField()
    base_amount = AmountField(null=True, blank=True)
    gross_amount = AmountField(null=True, blank=True)
    tax_amount = AmountField()

    net = MoneyOf("net_amount")
    tax = MoneyOf("tax_amount")

    class Meta:
        ordering = ["-percent", "id"]
        verbose_name = _("invoice tax")
        verbose_name_plural = _("invoice taxes")
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "tax_class", "category", "percent", "step"], name="billing_invoicetax_step_once"
            )
        ]

    def __str__(self):
        return f"{self.name} {self.percent.normalize():f} %"

    @property
    def words(self) -> str:
        """Its name, or why nothing is charged, in the language of the document."""
        return self.name if self.percent else self.reason or self.name or str(_("No tax"))

    @property
    def ledger_code(self) -> str:
        """The account that owes it: by class and rate, and by country where that is not our own."""
        code = f"tax:{self.tax_class}:{written_percent(self.percent)}"
        return f"{code}:{self.country}" if self.country else code
