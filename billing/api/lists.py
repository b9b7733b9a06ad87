"""Lists that the console shows inside other pages, so that programs can reach what stands in them."""

from django.utils.translation import gettext_lazy as _

from billing.models import Price, PriceList, Product, Subscription, SubscriptionDiscount
from clients.models import Client
from hostbill.core.crud import Choice, Column, Related, StaffListView, YesNo

VIEW = "billing.product.view"


class PriceRows(StaffListView):
    """Usual prices and those of lists; they stand on products' and price lists' pages."""

    model = Price
    permission = VIEW
    title = _("Prices")
    select = ("product", "price_list")
    columns = [Column("product", _("Product")), Column("price_list", _("Price list")), Column("valid_from", _("From"), sort="valid_from")]
    filters = [Related("product", _("Product"), Product), Related("price_list", _("Price list"), PriceList),
               Choice("cycle", _("Cycle"), Price._meta.get_field("cycle").choices)]  # fmt: skip
    sort = "-pk"

    def get_queryset(self):
        """All; the permission guards them."""
        return Price.objects.select_related(*self.select)


class DiscountRows(StaffListView):
    """What is taken off subscriptions; they stand on the subscriptions' pages."""

    model = SubscriptionDiscount
    permission = "billing.subscription.view"
    title = _("Discounts of subscriptions")
    select = ("subscription__product", "promotion")
    columns = [Column("name", _("Name")), Column("kind", _("Kind")), Column("ended_at", _("Ended"))]
    filters = [Related("subscription__client", _("Client"), Client), Related("subscription", _("Subscription"), Subscription),
               YesNo("ended_at__isnull", _("Runs"))]  # fmt: skip
    sort = "-pk"

    def get_queryset(self):
        """Of the subscriptions that the person may see."""
        seen = Subscription.objects.visible_to(self.request.actor)
        return SubscriptionDiscount.objects.filter(subscription__in=seen).select_related(*self.select)
