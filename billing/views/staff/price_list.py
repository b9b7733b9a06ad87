"""Price lists in the console, and single prices that hold from a day on."""

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from billing.actions.price_list import create_price_list, remove_price, set_price, update_price_list
from billing.forms.price import DatedPriceForm, PriceListForm, ProductPriceForm
from billing.models import Cycle, Price, PriceList, Product
from billing.queries.price import coming_prices
from clients.models import ClientGroup
from hostbill.core.crud import (
    Column,
    NumberColumn,
    Related,
    StaffDetailView,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Verb,
    YesNo,
)

VIEW, EDIT = "billing.product.view", "billing.product.edit"


class PriceListList(StaffListView):
    """By name."""

    model = PriceList
    permission = VIEW
    title = _("Price lists")
    select = ("client_group",)
    columns = [
        Column("name", _("Price list"), link=True, strong=True, sort="name"),
        StateColumn(),
        Column("currency", _("Currency")),
        Column("client_group", _("For"), value=lambda row: row.client_group.name if row.client_group else _("everybody")),
        Column("includes_tax", _("Prices"), value=lambda row: _("with tax") if row.includes_tax else _("net")),
        NumberColumn("count", _("Prices entered"), strong=True),
    ]
    filters = [Related("client_group", _("Group"), ClientGroup, offer=True), YesNo("is_active", _("In use"))]
    search = ["name__icontains"]
    sort = "name"
    create_url, create_label, create_permission = "billing_staff:price_list_create", _("New price list"), EDIT
    template_name = "billing/staff/product/list.html"
    link_related = False
    empty = (_("No price lists yet"), _("Everybody pays the usual prices of the products."))

    def get_queryset(self):
        """All, with how many prices are on each."""
        return PriceList.objects.annotate(count=Count("prices"))


class PriceListDetail(StaffDetailView):
    """Its prices, those to come too."""

    model = PriceList
    permission = VIEW
    select = ("client_group",)
    template_name = "billing/staff/price_list/detail.html"
    crumbs = [(_("Price lists"), "billing_staff:price_list_list")]
    verbs = [
        Verb("price", _("Enter a price…"), "billing_staff:price_list_price", EDIT, "primary", "plus"),
        Verb("edit", _("Change the list"), "billing_staff:price_list_edit", EDIT, "", "pencil"),
    ]

    def get_queryset(self):
        """All; the permission guards the page."""
        return PriceList.objects.all()

    def facts(self, row):
        """What it is."""
        return [
            (_("Currency"), row.currency),
            (_("For"), row.client_group.name if row.client_group else _("everybody")),
            (_("Prices"), _("with tax") if row.includes_tax else _("net")),
        ]

    def more_context(self, row):
        """Prices by product, cycle and day."""
        place = {cycle: index for index, cycle in enumerate(Cycle.values)}
        rows = row.prices.select_related("product")
        return {"prices": sorted(rows, key=lambda p: (p.product.name, place[p.cycle], p.valid_from))}


class PriceListEdit(StaffEditView):
    """Make or change a list."""

    model = PriceList
    form_class = PriceListForm
    permission = EDIT
    title = _("price list")
    explain = _("What a list does not price costs what it usually costs. Services keep the price they were ordered at.")
    crumbs = [(_("Price lists"), "billing_staff:price_list_list")]
    create_action = staticmethod(create_price_list)
    update_action = staticmethod(update_price_list)

    def get_queryset(self):
        """All; the permission guards the page."""
        return PriceList.objects.all()


class PriceListPrice(StaffVerbView):
    """Enter a price on a list."""

    model = PriceList
    permission = EDIT
    title = _("Enter a price")
    button = _("Enter it")
    form_class = DatedPriceForm
    done = _("The price is on the list.")

    def get_queryset(self):
        """All; the permission guards the page."""
        return PriceList.objects.all()

    def form_options(self):
        """In the list's currency."""
        return {"currency": self.obj.currency}

    def action(self, row, *, actor, **values):
        """On this list."""
        return set_price(currency=row.currency, price_list=row, actor=actor, **values)

    def after_url(self, result):
        """Back to the list."""
        return self.obj.get_absolute_url()


class ProductPrice(StaffVerbView):
    """A usual price from a day to come; those waiting are shown."""

    model = Product
    permission = EDIT
    title = _("A price from a day on")
    explain = _(
        "New orders pay it from its day on. Services that run keep their price: to change it too, prepare a change of prices for "
        "the same day afterwards."
    )
    button = _("Enter it")
    form_class = ProductPriceForm
    template_name = "billing/staff/price_list/coming.html"
    done = _("Entered. It holds from its day on.")

    def action(self, row, *, actor, **values):
        """Usual: on no list."""
        return set_price(row, actor=actor, **values)

    def more_context(self):
        """What waits already."""
        return super().more_context() | {"coming": coming_prices(self.obj)}

    def after_url(self, result):
        """Where the next can be entered."""
        return self.request.path


class PriceRemove(StaffVerbView):
    """Take a price off a list, or back before it begins to hold."""

    model = Price
    permission = EDIT
    select = ("product",)
    title = _("Remove this price")
    explain = _("What runs keeps its price.")
    button = _("Remove it")
    kind = "danger"
    done = _("The price is gone.")

    def get_queryset(self):
        """All; the permission guards the page."""
        return Price.objects.all()

    def action(self, row, *, actor):
        """Gone."""
        return remove_price(row, actor=actor)

    def back_url(self, obj):
        """The list, or the product."""
        return (obj.price_list or obj.product).get_absolute_url()

    def after_url(self, result):
        """The same."""
        return self.back_url(self.obj)
