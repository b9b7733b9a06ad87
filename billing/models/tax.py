"""Tax rules: dated rates by place, product class and kind of buyer; several components, each a row of its own step."""

from decimal import Decimal
from functools import cache

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel
from hostbill.core.ui.words import country_name


class TaxClass(models.TextChoices):
    """What kind of supply a product is, for tax."""

    STANDARD = "standard", _("Standard rate")
    REDUCED = "reduced", _("Reduced rate")
    ZERO = "zero", _("No tax")


class TaxCategory(models.TextChoices):
    """What a line is for tax, in the letters of EN 16931 (UNCL5305)."""

    STANDARD = "S", _("Taxed")
    ZERO = "Z", _("Zero rated")
    EXEMPT = "E", _("Exempt")
    REVERSE = "AE", _("Reverse charge")
    COMMUNITY = "K", _("Supply of goods inside the EU")
    EXPORT = "G", _("Export of goods")
    OUTSIDE = "O", _("Outside the scope of tax")


#: Names of taxes that every reader knows in words of their own; any other name stays as it was typed.
SPOKEN_NAMES = {"VAT": _("VAT")}


class TaxRate(TrackedModel):
    """A rate in percent from a day on. Of all rows that fit a sale, one per `step` counts: the narrowest (postcode before
    state before country before everywhere), and of those the newest. `compound`: on the amount with the steps before it."""

    class Buyer(models.TextChoices):
        ALL = "", _("Everybody")
        CONSUMER = "consumer", _("Consumers")
        BUSINESS = "business", _("Businesses with a checked VAT number")

    tax_class = models.CharField(_("tax class"), max_length=20, choices=TaxClass, default=TaxClass.STANDARD)
    seller_country = models.CharField(
        _("sold from"), max_length=2, blank=True, help_text=_("Country of the company. Empty: wherever it is.")
    )
    country = models.CharField(
        _("country"), max_length=2, blank=True, help_text=_("Of the client. Empty: every other country.")
    )
    state = models.CharField(
        _("state"), max_length=100, blank=True, help_text=_("Several spellings with commas between: QC, Québec, Quebec.")
    )
    postcode = models.CharField(
        _("postcode"), max_length=100, blank=True, help_text=_("How it begins; several with commas between: 902, 9031.")
    )
    buyer = models.CharField(_("for"), max_length=10, choices=Buyer, default=Buyer.ALL, blank=True)
    name = models.CharField(_("name on invoices"), max_length=40)
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4)
    category = models.CharField(
        _("kind of tax"),
        max_length=2,
        choices=[(row.value, row.label) for row in TaxCategory if row not in ("AE",)],
        default=TaxCategory.STANDARD,
    )
    reason = models.CharField(
        _("reason"), max_length=200, blank=True, help_text=_("Printed on documents; needed where nothing is charged.")
    )
    step = models.PositiveSmallIntegerField(
        _("step"), default=1, help_text=_("Where several taxes apply: 1 first, then 2. One row of each step counts.")
    )
    compound = models.BooleanField(_("on the amount with the taxes of the steps before"), default=False)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        ordering = ["tax_class", "country", "state", "postcode", "step", "-valid_from"]
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.UniqueConstraint(
                fields=["tax_class", "seller_country", "country", "state", "postcode", "buyer", "step", "valid_from"],
                name="billing_taxrate_place_once",
            ),
            models.CheckConstraint(
                name="billing_taxrate_percent", condition=models.Q(percent__gte=0, percent__lte=100)
            ),
            models.CheckConstraint(
                name="billing_taxrate_untaxed", condition=models.Q(category="S") | models.Q(percent=0)
            ),
            models.CheckConstraint(
                name="billing_taxrate_days",
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("valid_from")),
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
        return spoken(self.name)

    @property
    def place_words(self) -> str:
        """Country, state and postcode in one text; empty for everywhere."""
        return " · ".join(part for part in (country_name(self.country), self.state, self.postcode) if part)


@cache
def own_names() -> dict[str, str]:
    """{a known tax's name in any of our languages: the name it is stored by}."""
    found = {}
    for language, _words in settings.LANGUAGES:
        with translation.override(language):
            found |= {str(words): name for name, words in SPOKEN_NAMES.items()}
    return found


def spoken(name: str) -> str:
    """The name of a tax in the language in force, where we know it."""
    return str(SPOKEN_NAMES.get(name, name))


def written_percent(percent: Decimal) -> str:
    """As in ledger codes: no zeros at the end."""
    return f"{Decimal(percent).normalize():f}"
