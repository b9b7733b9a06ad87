"""Billable items: work and things that are charged once or again and again, outside of any product."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.fields import AmountField, CurrencyField, MoneyOf
from hostbill.core.models import TrackedModel
from hostbill.core.money import Money
from hostbill.core.ui.words import day_words

from .account import Account
from .cycle import add_months
from .invoice import Invoice, InvoiceLine
from .owned import OwnedQuerySet, owned
from .tax import TaxClass
from .usage import UsagePeriod


class BillableQuerySet(OwnedQuerySet):
    """Finding billable items."""

    def visible_to(self, actor):
        """Staff alone: clients see them on their invoices."""
        return super().visible_to(actor) if actor.kind != "client" else self.none()

    def due_by(self, day):
        """To be invoiced by the automation on or before the day, with a day of their own."""
        return self.filter(state="open", next_on__lte=day)

    def for_next_invoice(self):
        """Those that wait for whatever invoice comes next."""
        return self.filter(state="open", action="next_invoice")


class BillableItem(TrackedModel):
    """Hours or pieces to be charged to a client.

    `first_on` is the day of the first charge (`due_date` and `recurring`), from which all later ones are computed; `times` how
    often it is charged (null: for ever), `times_done` how often it was; `next_on` the day of the next charge."""

    class Unit(models.TextChoices):
        QUANTITY = "quantity", _("Pieces")
        HOURS = "hours", _("Hours")

    class Action(models.TextChoices):
        NOT_YET = "not_yet", _("Not yet: collect it here")
        NEXT_INVOICE = "next_invoice", _("With the client's next invoice")
        NOW = "now", _("Now, on an invoice of its own")
        DUE_DATE = "due_date", _("On a day")
        RECURRING = "recurring", _("Again and again")

    class Every(models.TextChoices):
        DAYS = "days", _("days")
        WEEKS = "weeks", _("weeks")
        MONTHS = "months", _("months")
        YEARS = "years", _("years")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Invoiced")
        DROPPED = "dropped", _("Dropped")

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="billable_items", verbose_name=_("client"))
    account = models.ForeignKey(Account, models.PROTECT, related_name="billable_items")
    description = models.CharField(_("description"), max_length=400)
    worked_on = models.DateField(_("day of the work"), null=True, blank=True)
    unit_kind = models.CharField(_("unit"), max_length=10, choices=Unit, default=Unit.HOURS)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=4, default=1)
    currency = CurrencyField()
    unit_amount = AmountField(_("unit price, net"), max_digits=20, decimal_places=8)
    tax_class = models.CharField(_("tax"), max_length=20, choices=TaxClass, default=TaxClass.STANDARD)
    action = models.CharField(_("invoice"), max_length=15, choices=Action, default=Action.NEXT_INVOICE)
    first_on = models.DateField(_("on the day"), null=True, blank=True)
    every = models.PositiveSmallIntegerField(_("every"), default=1)
    every_unit = models.CharField(_("unit of time"), max_length=10, choices=Every, default=Every.MONTHS)
    times = models.PositiveSmallIntegerField(_("how many times"), null=True, blank=True)
    times_done = models.PositiveIntegerField(default=0)
    next_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    #: The issued line whose period costs more by this, because its price was changed since a day that had been.
    adjusts = models.ForeignKey(InvoiceLine, models.SET_NULL, null=True, blank=True, related_name="adjustments")
    #: The first of its days that cost more; they end with the line's.
    adjusts_from = models.DateField(null=True, blank=True, editable=False)
    #: The closed month of metered use that this is charged for.
    usage = models.ForeignKey(UsagePeriod, models.PROTECT, null=True, blank=True, editable=False, related_name="items")

    unit = MoneyOf("unit_amount")

    objects = owned("billing.billable.view", base=BillableQuerySet)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("billable item")
        verbose_name_plural = _("billable items")
        indexes = [
            models.Index(fields=["state", "id"], name="billing_billable_list"),
            models.Index(fields=["next_on"], name="billing_billable_due", condition=models.Q(state="open", next_on__isnull=False)),
            models.Index(
                fields=["account"], name="billing_billable_next", condition=models.Q(state="open", action="next_invoice")
            ),
        ]
        constraints = [
            models.CheckConstraint(name="billing_billable_quantity", condition=models.Q(quantity__gt=0)),
            models.CheckConstraint(name="billing_billable_every", condition=models.Q(every__gte=1)),
        ]

    def __str__(self):
        return self.description

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:billable_detail", self.pk)

    @property
    def amount(self) -> Money:
        """One charge of it, net."""
        return Money(self.unit_amount * self.quantity, self.currency)

    @property
    def unit_price(self) -> Decimal:
        """The unit price as it is written: the currency's decimals, and more where it has more."""
        exact = self.unit_amount.normalize()
        return self.unit.amount if exact == self.unit.amount else exact

    @property
    def state_words(self) -> tuple:
        """Kind, words and rest for screens: when it is charged."""
        if self.state != "open":
            return ("ok" if self.state == "done" else "ended", self.get_state_display())
        if self.next_on:
            return ("pending", _now("On %(day)s") % {"day": day_words(self.next_on)})
        if self.action == "next_invoice":
            return ("pending", _now("Next invoice"))
        return ("draft", _now("Not yet"))

    def day_of(self, index: int) -> date:
        """The day of charge number `index` (0 is the first), computed from the first day: no drift at month ends."""
        count = self.every * index
        if self.every_unit in ("days", "weeks"):
            return self.first_on + timedelta(days=count * (7 if self.every_unit == "weeks" else 1))
        return add_months(self.first_on, count * (12 if self.every_unit == "years" else 1))


class BillableCharge(TrackedModel):
    """Charge number `index` of an item stands on an invoice: the unique constraint sees to it that it does once. A draft
    that is deleted takes it along, so the item is charged with the next one."""

    item = models.ForeignKey(BillableItem, models.PROTECT, related_name="charges")
    index = models.PositiveIntegerField()
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="billable_charges")

    class Meta:
        ordering = ["index"]
        verbose_name = _("charge of an item")
        verbose_name_plural = _("charges of items")
        constraints = [models.UniqueConstraint(fields=["item", "index"], name="billing_billable_once")]

    def __str__(self):
        return f"{self.item} {self.index + 1}"
