"""Product groups in the console."""

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from billing.actions.product import create_product_group, update_product_group
from billing.forms.product import ProductGroupForm
from billing.models import ProductGroup
from hostbill.core.crud import Column, NumberColumn, StaffEditView, StaffListView, YesNo

VIEW, EDIT = "billing.product.view", "billing.product.edit"


class ProductGroupList(StaffListView):
    """The store's shelves in their order."""

    model = ProductGroup
    permission = VIEW
    title = _("Product groups")
    columns = [
        Column("name", _("Group"), link=True, strong=True, second=lambda group: group.tagline),
        Column("slug", _("Address part"), muted=True),
        NumberColumn("product_count", _("Products")),
        Column("is_hidden", _("Hidden"), value=lambda group: _("yes") if group.is_hidden else _("no")),
        NumberColumn("sort", _("Order"), sort="sort"),
    ]
    filters = [YesNo("is_hidden", _("Hidden"))]
    search = ["name__icontains"]
    sort = "sort"
    create_url, create_label, create_permission = "billing_staff:product_group_create", _("New group"), EDIT
    crumbs = []
    template_name = "billing/staff/product/list.html"
    empty = (_("No groups yet"), _("A group is a page of the shop on which its products stand side by side."))

    def get_queryset(self):
        """With how many products stand in each."""
        return ProductGroup.objects.annotate(product_count=Count("products"))


class ProductGroupEdit(StaffEditView):
    """Create or change."""

    model = ProductGroup
    form_class = ProductGroupForm
    permission = EDIT
    title = _("product group")
    crumbs = [(_("Product groups"), "billing_staff:product_group_list")]
    success_url = "billing_staff:product_group_list"
    create_action = staticmethod(create_product_group)
    update_action = staticmethod(update_product_group)

    def get_queryset(self):
        """All; the permission guards the page."""
        return ProductGroup.objects.all()

    def back_url(self, obj):
        """The list: a group has no other page."""
        return super().back_url(None)
