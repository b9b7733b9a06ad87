"""Staff logins and their roles."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.actions.staff_role import create_role, delete_role, update_role
from clients.actions.user import create_staff, update_staff
from clients.forms.user import NewStaffForm, RoleForm, StaffForm
from clients.models import StaffRole, User
from hostbill.core.crud import (
    Column,
    DateColumn,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Text,
    YesNo,
)

VIEW, EDIT = "clients.user.view", "clients.user.edit"


class UserList(StaffListView):
    """Everybody with a login; staff first."""

    model = User
    permission = VIEW
    title = _("Logins")
    columns = [
        Column("label", _("Person"), link=True, strong=True, beside=lambda user: user.native_name),
        StateColumn(),
        Column("email", _("E-mail"), sort="email"),
        Column("role_names", _("Roles")),
        DateColumn("last_login", _("Signed in last")),
    ]
    filters = [YesNo("is_active", _("May sign in"))]
    search = ["email__icontains", "name__icontains", "native_name__icontains"]
    sort = "email"
    tabs = [
        Tab("staff", _("Staff"), Q(is_staff=True)),
        Tab("clients", _("Clients' people"), Q(is_staff=False)),
        Tab("all", _("Everything"), Q()),
    ]
    prefetch = ("roles",)
    create_permission = EDIT
    create_url = "clients_staff:user_create"
    create_label = _("New colleague")
    empty = (_("Nobody here"), _("Add the people you work with."))


class UserCreate(StaffEditView):
    """A new colleague."""

    model = User
    form_class = NewStaffForm
    permission = EDIT
    title = _("Colleague")
    crumbs = [(_("Logins"), "clients_staff:user_list")]
    success_url = "clients_staff:user_list"
    create_action = staticmethod(create_staff)


class UserEdit(StaffEditView):
    """A colleague's login and roles."""

    model = User
    form_class = StaffForm
    permission = EDIT
    title = _("Colleague")
    crumbs = [(_("Logins"), "clients_staff:user_list")]
    success_url = "clients_staff:user_list"
    update_action = staticmethod(update_staff)

    def get_queryset(self):
        """Staff only: clients' people are changed on the client's page."""
        return super().get_queryset().filter(is_staff=True)


class RoleList(StaffListView):
    """What kinds of colleagues there are."""

    model = StaffRole
    permission = VIEW
    title = _("Staff roles")
    prefetch = ("users",)
    columns = [
        Column("name", _("Role"), link=True, strong=True),
        Column("member_count", _("People")),
        Column("permission_words", _("May do")),
    ]
    search = ["name__icontains"]
    filters = [Text("name", _("Role"))]
    sort = "name"
    create_permission = EDIT
    create_url = "clients_staff:role_create"
    create_label = _("New role")
    empty = (_("No roles"), _("A role is a set of rights that you give to colleagues."))


class RoleEdit(StaffEditView):
    """A role and its rights."""

    model = StaffRole
    form_class = RoleForm
    crumbs = [(_("Staff roles"), "clients_staff:role_list")]

    def form_options(self):
        """The role itself: not a model form, since permissions are one column."""
        return {"instance": self.current()}

    permission = EDIT
    title = _("Staff role")
    create_action = staticmethod(create_role)
    update_action = staticmethod(update_role)


class RoleDelete(StaffVerbView):
    """Delete a role nobody has."""

    model = StaffRole
    permission = EDIT
    title = _("Delete this role")
    explain = _("Only a role that nobody has can be deleted.")
    button = _("Delete the role")
    kind = "danger"
    action = staticmethod(delete_role)
    success_url = "clients_staff:role_list"
    done = _("Deleted.")
