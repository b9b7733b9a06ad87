"""Client groups in the console."""

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from clients.actions.group import create_group, set_client_group, update_group
from clients.forms.group import GroupForm, SetGroupForm
from clients.models import Client, ClientGroup
from hostbill.core.crud import Amount, Column, NumberColumn, StaffEditView, StaffListView, StaffVerbView, Text

VIEW, EDIT = "clients.group.view", "clients.group.edit"


class GroupList(StaffListView):
    """By name."""

    model = ClientGroup
    permission = VIEW
    title = _("Client groups")
    columns = [
        Column("name", _("Group"), link=True, strong=True, sort="name"),
        NumberColumn("discount_percent", _("Discount"), value=lambda row: f"{row.discount_percent.normalize():f} %"),
        NumberColumn("count", _("Clients"), strong=True),
    ]
    search = ["name__icontains"]
    filters = [Text("name", _("Group")), Amount("discount_percent", _("Discount"))]
    sort = "name"
    create_url, create_label, create_permission = "clients_staff:client_group_create", _("New group"), EDIT
    empty = (_("No groups yet"), _("Resellers, friends, schools: whoever pays other prices."))

    def get_queryset(self):
        """All, with how many clients are in each."""
        return ClientGroup.objects.annotate(count=Count("clients"))


class GroupEdit(StaffEditView):
    """Make or change one."""

    model = ClientGroup
    form_class = GroupForm
    permission = EDIT
    title = _("client group")
    explain = _("The discount is a line of its own on orders and renewals from now on. Price lists can be made for a group.")
    crumbs = [(_("Client groups"), "clients_staff:client_group_list")]
    success_url = "clients_staff:client_group_list"
    create_action = staticmethod(create_group)
    update_action = staticmethod(update_group)

    def get_queryset(self):
        """All; the permission guards the page."""
        return ClientGroup.objects.all()

    def back_url(self, obj):
        """The list: a group has no other page."""
        return super().back_url(None)


class ClientGroupSet(StaffVerbView):
    """Put a client into a group."""

    model = Client
    permission = EDIT
    title = _("Group of this client")
    explain = _("Orders and coming periods follow the group's price list and discount. What is invoiced stays.")
    button = _("Save")
    form_class = SetGroupForm
    action = staticmethod(set_client_group)
    done = _("Saved.")

    def get_initial(self):
        """The group now."""
        return {"group": self.obj.group_id}
