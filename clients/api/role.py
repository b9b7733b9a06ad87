"""Staff roles by API: one list of permissions instead of a field for each part of the product."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.user import RoleForm
from clients.views.staff.user import RoleEdit
from hostbill.core import access


class RoleFormForApi(RoleForm):
    """Name and permissions."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        held = [code for name in [*self.fields] if name.startswith("area_") for code in self.fields.pop(name).initial]
        self.fields["permissions"] = forms.MultipleChoiceField(
            label=_("Permissions"),
            choices=[(permission.code, permission.label) for permission in access.all_permissions()],
            initial=held,
        )

    def clean(self):
        """As they are."""
        return forms.Form.clean(self)


class RoleForApi(RoleEdit):
    """Create or change."""

    form_class = RoleFormForApi
