"""Departments."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.crud import Column, StaffEditView, StaffListView
from support.actions.department import create_department, update_department
from support.forms.ticket import DepartmentForm
from support.models import Department

EDIT = "support.department.edit"


class DepartmentList(StaffListView):
    """Where tickets go."""

    model = Department
    permission = "support.department.view"
    title = _("Departments")
    columns = [
        Column("name", _("Department"), link=True, strong=True, second=lambda department: department.description),
        Column("reply_minutes", _("Answer within, minutes")),
        Column("is_public", _("Clients may write")),
        Column("is_active", _("In use")),
    ]
    sort = "sort"
    create_permission = EDIT
    create_url = "support_staff:department_create"
    create_label = _("New department")
    empty = (_("No departments"), _("Tickets need at least one."))


class DepartmentEdit(StaffEditView):
    """Add or change."""

    model = Department
    form_class = DepartmentForm
    permission = EDIT
    title = _("Department")
    crumbs = [(_("Departments"), "support_staff:department_list")]
    success_url = "support_staff:department_list"
    create_action = staticmethod(create_department)
    update_action = staticmethod(update_department)
