"""Recurring prices as a client reads them: with tax for people, before tax for companies, and which of both it is."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.models import Subscription
from billing.queries.catalogue import gross_of
from billing.queries.tax_lines import Amount
from billing.queries.taxing import taxing
from hostbill.core.money import Money


@dataclass(frozen=True)
class ShownPrice:
    """A price, and "incl. VAT", "plus VAT" or nothing where no tax applies."""

    money: Money
    tax_words: str


class PriceTag:
    """Prices for one client. The tax rules are read once, whatever the number of prices."""

    def __init__(self, client):
        self.client = client
        self.taxing = taxing(client.currency, client=client)

    def of(self, subscription: Subscription) -> ShownPrice:
        """What a period of it costs from now on, at today's rate."""
        net, treated = subscription.price * Decimal(subscription.quantity), self.taxing.of(subscription.product.tax_class)
        if subscription.price_includes_tax:
            return self._with_tax_inside(subscription, net, treated)
        if not treated.percent:
            return ShownPrice(net, "")
        if self.client.company or self.client.tax_id:
            return ShownPrice(net, _("plus %(tax)s") % {"tax": treated.name})
        return ShownPrice(gross_of(net, treated.percent), _("incl. %(tax)s") % {"tax": treated.name})

    def _with_tax_inside(self, subscription: Subscription, price: Money, treated) -> ShownPrice:
        """The price as it is, or without the tax for those who are charged none."""
        if treated.percent:
            return ShownPrice(price, _("incl. %(tax)s") % {"tax": treated.name})
        line = self.taxing.lines([Amount(subscription.product.tax_class, price.amount, price.amount)])[0]
        return ShownPrice(Money(line.net_amount, price.currency), "")
