"""Recurring prices as a client reads them: with tax for people, before tax for companies, and which of both it is."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.models import Subscription, TaxRate
from billing.queries.catalogue import gross_of
from hostbill.core import clock
from hostbill.core.money import Money


@dataclass(frozen=True)
class ShownPrice:
    """A price, and "incl. VAT", "plus VAT" or nothing where no tax applies."""

    money: Money
    tax_words: str


class PriceTag:
    """Prices for one client. One query per tax class, whatever the number of prices."""

    def __init__(self, client):
        self.client = client
        self.rates = {}

    def of(self, subscription: Subscription) -> ShownPrice:
        """What a period of it costs from now on, at today's rate."""
        net, rate = subscription.price * Decimal(subscription.quantity), self._rate(subscription.product.tax_class)
        if rate is None or not rate.percent:
            return ShownPrice(net, "")
        if self.client.company or self.client.tax_id:
            return ShownPrice(net, _("plus %(tax)s") % {"tax": rate.spoken_name})
        return ShownPrice(gross_of(net, rate.percent), _("incl. %(tax)s") % {"tax": rate.spoken_name})

    def _rate(self, tax_class: str) -> TaxRate | None:
        if tax_class not in self.rates:
            self.rates[tax_class] = TaxRate.find(tax_class, str(self.client.country), clock.today())
        return self.rates[tax_class]
