"""Tax: dated rates per product class, and the rounding rule for a document's tax groups."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel
from hostbill.core.money import round_amount


class TaxClass(models.TextChoices):
    """What kind of supply a product is, for tax."""

    STANDARD = "standard", _("Standard rate")
    REDUCED = "reduced", _("Reduced rate")
    ZERO = "zero", _("No tax")


#: Names of taxes that every reader knows in words of their own; any other name stays as it was typed.
SPOKEN_NAMES = {"VAT": _("VAT")}


class TaxRate(TrackedModel):
    """A rate in percent for a product class from a day on; an empty country applies where no own row exists."""

    tax_class = models.CharField(_("tax class"), max_length=20, choices=TaxClass, default=TaxClass.STANDARD)
    country = models.CharField(_("country"), max_length=2, blank=True, help_text=_("Empty: every other country."))
    name = models.CharField(_("name on invoices"), max_length=40)
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4)
    valid_from = models.DateField(_("valid from"))

    class Meta:
        ordering = ["tax_class", "country", "-valid_from"]
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.UniqueConstraint(fields=["tax_class", "country", "valid_from"], name="billing_taxrate_once"),
            models.CheckConstraint(
                name="billing_taxrate_percent", condition=models.Q(percent__gte=0, percent__lte=100)
            ),
        ]

    def __str__(self):
        return f"{self.name} {self.percent.normalize():f} %"

    def get_absolute_url(self):
        """Where staff change it."""
        return address("billing_staff:tax_rate_edit", self.pk)

    @property
    def spoken_name(self) -> str:
        """The name in the language in force, where we know it."""
        return str(SPOKEN_NAMES.get(self.name, self.name))

    @classmethod
    def find(cls, tax_class: str, country: str, on):
        """The rate in force on a day: the country's own row first, then the general one; None means untaxed."""
        if tax_class == TaxClass.ZERO:
            return None
        rows = cls.objects.filter(tax_class=tax_class, country__in=[country or "", ""], valid_from__lte=on)
        return rows.order_by("-country", "-valid_from").first()


@dataclass(frozen=True)
class TaxGroup:
    """All lines of a document under one class and rate, with the tax on their sum."""

    tax_class: str
    percent: Decimal
    name: str
    net: Decimal
    tax: Decimal


def tax_groups(lines, currency: str) -> list[TaxGroup]:
    """Tax per (class, rate) group: round(sum of rounded line nets x rate). `lines` have tax_class, tax_percent,
    tax_name and net_amount. Order: highest rate first."""
    nets = defaultdict(Decimal)
    names = {}
    for line in lines:
        key = (line.tax_class, Decimal(line.tax_percent))
        nets[key] += line.net_amount
        names[key] = line.tax_name
    return [
        TaxGroup(tax_class, percent, names[tax_class, percent], net, round_amount(net * percent / 100, currency))
        for (tax_class, percent), net in sorted(nets.items(), key=lambda item: (-item[0][1], item[0][0]))
    ]
