"""What of a product is metered, and what a unit of it costs."""

from decimal import Decimal
from typing import NamedTuple

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel

from .price import ALWAYS
from .product import Product

_KEY = RegexValidator(r"^[a-z][a-z0-9_]*$", _("Small Latin letters, digits and _, beginning with a letter."))


class Tier(NamedTuple):
    """A range of one currency's prices: above which quantity beyond what is included, the price of a unit, and an amount for the range
    itself, once in a month that reaches it."""

    above: Decimal
    price: Decimal
    fixed: Decimal


class Metric(TrackedModel):
    """Something that is measured while a product is used. `key` is what programs call it; `unit` stands behind the number.

    `source`: who counts it; what is read from servers is in GB of 1,024 MB, as panels show it. From `ended_on` on nothing is recorded
    any more; what was used before is charged as usual."""

    class Kind(models.TextChoices):
        SUM = "sum", _("Everything used is added up")
        LAST = "last", _("The last value of the month counts")
        MAX = "max", _("The highest value of the month counts")

    class Source(models.TextChoices):
        TOLD = "told", _("Programs and colleagues record it")
        TRAFFIC = "traffic", _("Read from the server: traffic, in GB")
        STORAGE = "storage", _("Read from the server: storage, in GB")

    product = models.ForeignKey(Product, models.PROTECT, related_name="metrics", verbose_name=_("product"))
    key = models.CharField(
        _("key"), max_length=40, validators=[_KEY], help_text=_("What programs call it, such as traffic_gb.")
    )
    name = models.CharField(_("name"), max_length=80)
    unit = models.CharField(_("unit"), max_length=20, blank=True, help_text=_("Behind the number, such as GB."))
    kind = models.CharField(_("how it is counted"), max_length=10, choices=Kind, default=Kind.SUM)
    source = models.CharField(_("where it comes from"), max_length=10, choices=Source, default=Source.TOLD)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["product", "id"]
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        constraints = [
            models.UniqueConstraint(fields=["product", "key"], name="billing_metric_key"),
            models.CheckConstraint(
                name="billing_metric_source_kind",
                condition=~models.Q(source="traffic", kind__in=["last", "max"]) & ~models.Q(source="storage", kind="sum"),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Where staff change it."""
        return address("billing_staff:metric_edit", self.pk)

    @classmethod
    def cannot_count(cls, source: str, kind: str) -> str:
        """Why what comes from there cannot be counted so; "" when it can. Servers tell how much traffic there was, and how much storage
        there is."""
        if source == cls.Source.TRAFFIC and kind != cls.Kind.SUM:
            return _now("Traffic is added up.")
        if source == cls.Source.STORAGE and kind == cls.Kind.SUM:
            return _now("Of storage the last or the highest value of the month counts.")
        return ""

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens."""
        return ("ended", _("Ended")) if self.ended_on else ("ok", _("Metered"))

    def terms_on(self, day) -> "MetricTerms":
        """Those of a period that begins on the day."""
        rows = [terms for terms in self.terms.all() if terms.valid_from <= day]
        return max(rows, key=lambda terms: terms.valid_from)


class MetricTerms(TrackedModel):
    """What is included in each month and what more costs, for months that begin on `valid_from` or later.

    `tiers` are in order: [{"from": "0", "prices": {"EUR": "0.05"}, "fixed": {"EUR": "2"}}, ...], net prices of one unit and, where it is
    there, what the range itself costs. They begin above quantities beyond what is included: what is exactly as much is of the range
    before. By `graduated` each tier's price is for the units within it, by `volume` the price of the tier reached is for all.
    The database refuses to change terms that a closed month was charged by."""

    class Model(models.TextChoices):
        GRADUATED = "graduated", _("Each price for the units of its range")
        VOLUME = "volume", _("The price of the range reached for all units")

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="terms")
    valid_from = models.DateField(default=ALWAYS)
    included = models.DecimalField(_("included each month"), max_digits=18, decimal_places=4, default=Decimal(0))
    model = models.CharField(_("what more costs"), max_length=10, choices=Model, default=Model.GRADUATED)
    tiers = models.JSONField(default=list)

    class Meta:
        ordering = ["metric", "valid_from"]
        verbose_name = _("price of a metric")
        verbose_name_plural = _("prices of metrics")
        constraints = [
            models.UniqueConstraint(fields=["metric", "valid_from"], name="billing_metricterms_once"),
            models.CheckConstraint(name="billing_metricterms_included", condition=models.Q(included__gte=0)),
        ]

    def __str__(self):
        return f"{self.metric} ({self.valid_from})"

    def prices_in(self, currency: str) -> list[Tier]:
        """In order; empty where it is not charged in the currency."""
        return [
            Tier(Decimal(tier["from"]), Decimal(tier["prices"][currency]), Decimal(tier.get("fixed", {}).get(currency, "0")))
            for tier in self.tiers
            if currency in tier["prices"]
        ]
