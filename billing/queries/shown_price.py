"""Recurring prices as a client reads them: with tax for people, before tax for companies, and which of both it is."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from billing.models import NewLine, ScheduledPrice, Subscription, SubscriptionDiscount, SubscriptionItem
from billing.queries.granted import cut_of, group_cuts
from billing.queries.pricing import charge_of, recurring_parts
from billing.queries.tax_lines import Amount
from billing.queries.taxing import taxing
from hostbill.core.compiled import Compiled, attach, keys_in
from hostbill.core.money import Money

_ROWS = {
    "items": Compiled(
        lambda keys: SubscriptionItem.objects.filter(subscription_id__in=keys_in(keys)).select_related("option"), keys=str
    ),
    "discounts": Compiled(lambda keys: SubscriptionDiscount.objects.filter(subscription_id__in=keys_in(keys)), keys=str),
    "scheduled_prices": Compiled(lambda keys: ScheduledPrice.objects.filter(subscription_id__in=keys_in(keys)), keys=str),
}


def fetch_priced(subscriptions: list[Subscription]) -> None:
    """`pricing.PRICED` for the few subscriptions of a page."""
    attach(subscriptions, **_ROWS)


@dataclass(frozen=True)
class ShownPrice:
    """A price, and "incl. VAT", "plus VAT" or nothing where no tax applies."""

    money: Money
    tax_words: str


class PriceTag:
    """Prices for one client. The tax rules are read once, whatever the number of prices; whoever shows many subscriptions hands
    over rows after `fetch_priced`."""

    def __init__(self, client):
        self.client = client
        self.taxing = taxing(client.currency, client=client)

    def of(self, subscription: Subscription) -> ShownPrice:
        """What the next period of it costs with options and discounts, at today's rate; once, what it cost by itself."""
        amounts = [
            Amount(line.tax_class, charge_of(line, subscription.currency), line.gross_amount) for line in self._lines(subscription)
        ]
        net, _groups, tax = self.taxing.sums(amounts)
        treated = self.taxing.of(subscription.product.tax_class)
        if not treated.percent:
            return ShownPrice(net, "")
        if not subscription.price_includes_tax and (self.client.company or self.client.tax_id):
            return ShownPrice(net, _("plus %(tax)s") % {"tax": treated.name})
        return ShownPrice(net + tax, _("incl. %(tax)s") % {"tax": treated.name})

    def _lines(self, subscription: Subscription) -> list[NewLine]:
        if not subscription.is_recurring:
            price = subscription.price_amount * subscription.quantity
            gross = price if subscription.price_includes_tax else None
            return [NewLine("", price, tax_class=subscription.product.tax_class, gross_amount=gross)]
        if subscription.next_due_on is None:
            return recurring_parts(subscription, subscription.full_period(subscription.first_day), cuts=[])
        own = [cut_of(row) for row in subscription.discounts.all() if row.is_live]
        period = subscription.period(subscription.period_index)
        return recurring_parts(subscription, period, cuts=[*own, *group_cuts(self.client)])
