"""Products in the console, with all prices of one in a grid."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing import kinds
from billing.actions.product import (
    create_product,
    duplicate_product,
    restore_product,
    retire_product,
    sort_products,
    update_product,
)
from billing.forms.product import CopyPricesForm, DuplicateForm, PriceGrid, ProductForm, provisioning_form
from billing.forms.product_terms import ProductTermsForm
from billing.models import Product, ProductGroup
from billing.models.cycle import Cycle
from billing.queries.price import usual_prices
from hostbill.core.access import StaffView, require
from hostbill.core.crud import (
    Choice,
    Column,
    NumberColumn,
    Related,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    YesNo,
)
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.core.ui.words import money

VIEW, EDIT = "billing.product.view", "billing.product.edit"


def from_price(product) -> str:
    """The price of the shortest cycle in our own currency."""
    order = {cycle: place for place, cycle in enumerate(Cycle.values)}
    own = sorted(
        (p for p in usual_prices(product).values() if p.currency == COMPANY_CURRENCY.value), key=lambda p: order[p.cycle]
    )
    recurring = [price for price in own if price.months] or own
    return f"{money(recurring[0].money)} · {recurring[0].get_cycle_display()}" if recurring else "–"


class ProductList(StaffListView):
    """In the shop's order."""

    model = Product
    permission = VIEW
    title = gettext_lazy("Products and prices")
    select = ("group",)
    prefetch = ("prices",)
    columns = [
        Column("name", gettext_lazy("Product"), link=True, strong=True, second=lambda product: product.tagline, phone="lead"),
        StateColumn(phone="start"),
        Column("group", gettext_lazy("Group"), sort="group__name", phone="hide"),
        Column("prices", gettext_lazy("Price, net"), value=from_price, phone="end"),
        Column("setup_on", gettext_lazy("Set up"), value=lambda product: product.get_setup_on_display(), muted=True,
               phone="hide"),
        NumberColumn("stock", gettext_lazy("In stock"), value=lambda p: _("no limit") if p.stock is None else p.stock,
                     phone="hide"),
    ]
    filters = [
        Related("group", gettext_lazy("Group"), ProductGroup, offer=True),
        YesNo("is_hidden", gettext_lazy("Hidden")),
        Choice("setup_on", gettext_lazy("Set up"), Product._meta.get_field("setup_on").choices),
    ]
    search = ["name__icontains", "slug__icontains"]
    sort = "sort"
    tabs = [
        Tab("sold", gettext_lazy("Sold"), Q(is_retired=False)),
        Tab("retired", gettext_lazy("No longer sold"), Q(is_retired=True)),
    ]
    link_related = False
    create_url, create_label, create_permission = "billing_staff:product_create", gettext_lazy("New product"), EDIT
    template_name = "billing/staff/product/list.html"
    empty = (gettext_lazy("No products yet"), gettext_lazy("Make a group first, then a product with its prices."))


class ProductEdit(StaffView, View):
    """Product, the answers of its kind, and its prices: one page, saved as one."""

    model = Product
    crumbs = [(gettext_lazy("Products and prices"), "billing_staff:product_list")]
    permission = VIEW

    @cached_property
    def product(self):
        """The row named by the URL, or None when creating."""
        if "pk" not in self.kwargs:
            return None
        found = Product.objects.prefetch_related("prices").select_related("group").filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def kind_of(self, data=None) -> str:
        """What was chosen, what it is, or the first kind that can be set up."""
        known = [key for key, _label in kinds.choices()]
        chosen = (data or self.request.GET).get("kind", "")
        if chosen in known:
            return chosen
        if self.product:
            return self.product.kind
        return "hosting" if "hosting" in known else known[0]

    def get(self, request, pk=None):
        """The filled or empty forms. `?add_currency=USD` adds a column to the grid."""
        if self.product is None:
            require(request.actor, EDIT)
        kind = self.kind_of()
        initial = {"kind": kind} if self.product is None else {}
        return self.page(
            ProductForm(instance=self.product, initial=initial),
            ProductTermsForm(instance=self.product),
            provisioning_form(kind, initial=self.product.provisioning if self.product else None),
            PriceGrid(product=self.product, initial=request.GET.dict()),
        )

    def page(self, form, terms, setup, grid, status=200):
        """Four parts under one button."""
        title = str(self.product) if self.product else _("New product")
        context = {
            "page_title": title,
            "crumbs": [(_("Products and prices"), reverse("billing_staff:product_list")), (title, "")],
            "product": self.product,
            "state_words": self.product.state_words if self.product else None,
            "form": form,
            "terms": terms,
            "option_groups": self.product.option_groups.all() if self.product else [],
            "metrics": self.product.metrics.filter(ended_on=None) if self.product else [],
            "setup": setup,
            "grid": grid,
            "copy": CopyPricesForm(self.request.POST or None, product=self.product),
            "may_edit": self.request.actor.may(EDIT),
        }
        return render(self.request, "billing/staff/product/edit.html", context, status=status)

    def post(self, request, pk=None):
        """Save all or nothing."""
        require(request.actor, EDIT)
        form = ProductForm(request.POST, instance=self.product)
        terms = ProductTermsForm(request.POST, instance=self.product, kind=self.kind_of(request.POST))
        setup = provisioning_form(self.kind_of(request.POST), request.POST)
        grid = PriceGrid(request.POST, product=self.product)
        if request.POST.get("verb") == "columns":
            return self.page(form, terms, setup, grid)
        if request.POST.get("verb") == "copy":
            return self.page(form, terms, setup, self._copied(grid))
        if not all([form.is_valid(), terms.is_valid(), setup is None or setup.is_valid(), grid.is_valid()]):
            return self.page(form, terms, setup, grid, status=422)
        values = dict(form.cleaned_data) | terms.cleaned_data
        values["provisioning"] = plain_setup(setup.cleaned_data) if setup else {}
        try:
            saved = self.save(values, grid.prices())
        except AppError as error:
            add_error(form, error)
            return self.page(form, terms, setup, grid, status=422)
        messages.success(request, _("Saved."))
        return redirect(saved)

    def _copied(self, grid):
        """The grid filled with another product's prices; nothing is stored yet."""
        chosen = CopyPricesForm(self.request.POST, product=self.product)
        other = chosen.cleaned_data["copy_from"] if chosen.is_valid() else None
        return PriceGrid(grid.with_prices_of(other), product=self.product) if other else grid

    def save(self, values: dict, prices: dict):
        """Create, or change a fresh copy of the row: the form has already written into its own."""
        if self.product is None:
            return create_product(**values, prices=prices, actor=self.request.actor)
        return update_product(
            Product.objects.get(pk=self.product.pk), **values, prices=prices, actor=self.request.actor
        )


def plain_setup(values: dict) -> dict:
    """What JSON keeps of the set-up: a chosen row as its key."""
    return {name: value.pk if hasattr(value, "pk") else value for name, value in values.items()}


class ProductVerb(StaffVerbView):
    """One act on a product."""

    model = Product
    permission = EDIT


class ProductDuplicate(ProductVerb):
    """The same once more."""

    title = gettext_lazy("Duplicate this product")
    explain = gettext_lazy("With its prices and its set-up. The copy is hidden from the store until you show it.")
    button = gettext_lazy("Make the copy")
    form_class = DuplicateForm
    action = staticmethod(duplicate_product)
    done = gettext_lazy("The copy is made. It is hidden from the store.")

    def get_initial(self):
        """A name to begin with."""
        return {"name": _("%(name)s (copy)") % {"name": self.obj.name}}


class ProductRetire(ProductVerb):
    """Archive."""

    title = gettext_lazy("Stop selling this product")
    explain = gettext_lazy("It leaves the store and the order form. What customers have goes on and is renewed as before.")
    button = gettext_lazy("Stop selling it")
    kind = "danger"
    action = staticmethod(retire_product)
    done = gettext_lazy("It is no longer sold.")


class ProductRestore(ProductVerb):
    """Out of the archive."""

    title = gettext_lazy("Sell this product again")
    explain = gettext_lazy("It returns to the store unless it is hidden there.")
    button = gettext_lazy("Sell it again")
    action = staticmethod(restore_product)
    done = gettext_lazy("It is sold again.")


class ProductSort(StaffView, View):
    """The store's order: by buttons, or by dragging; each move is stored at once."""

    permission = EDIT

    def get(self, request):
        """All groups with what they sell."""
        groups = ProductGroup.objects.prefetch_related("products").order_by("sort", "name")
        context = {
            "page_title": _("Order in the store"),
            "crumbs": [(_("Products and prices"), reverse("billing_staff:product_list")), (_("Order in the store"), "")],
            "groups": [(group, self._sold(group)) for group in groups],
        }
        return render(request, "billing/staff/product/sort.html", context)

    def post(self, request):
        """`ids` in their new order (dragged), or `move` as "up-12" within them."""
        number = request.POST.get("group", "")
        group = ProductGroup.objects.filter(pk=number).first() if number.isdecimal() and len(number) < 18 else None
        if group is None:
            raise Http404
        ids = [int(text) for text in request.POST.getlist("ids") if text.isdecimal() and len(text) < 18]
        sort_products(group, _moved(ids, request.POST.get("move", "")), actor=request.actor)
        return redirect("billing_staff:product_sort")

    def _sold(self, group) -> list:
        return sorted((row for row in group.products.all() if not row.is_retired), key=lambda row: (row.sort, row.name))


def _moved(ids: list[int], move: str) -> list[int]:
    """The ids with one of them a place up or down."""
    way, _dash, number = move.partition("-")
    if way not in ("up", "down") or not number.isdecimal() or int(number) not in ids:
        return ids
    place = ids.index(int(number))
    other = place + (1 if way == "down" else -1)
    if 0 <= other < len(ids):
        ids[place], ids[other] = ids[other], ids[place]
    return ids
