"""Forms of logins and staff roles."""

import zoneinfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clients.models import StaffRole, User
from clients.queries.permission import expand
from hostbill.core import access


def _zones():
    """Time zones by name, the seller's first."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [("", _("As the company's")), *((name, name.replace("_", " ")) for name in names)]


class ProfileForm(forms.ModelForm):
    """What a person says about themselves."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones, required=False)

    class Meta:
        model = User
        fields = ["name", "native_name", "language", "time_zone", "theme"]


class StaffForm(forms.ModelForm):
    """A login of somebody who works here."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ["email", "name", "native_name", "language", "roles", "is_active"]
        widgets = {"roles": forms.CheckboxSelectMultiple}
        help_texts = {"roles": _("The person may do what any of these roles may do.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["roles"].queryset = StaffRole.objects.order_by("name")


class NewStaffForm(StaffForm):
    """A new colleague, who sets the password by mail."""

    class Meta(StaffForm.Meta):
        fields = ["email", "name", "native_name", "language", "roles"]
        help_texts = {**StaffForm.Meta.help_texts, "email": _("Choosing the password: by “Forgot your password?”.")}


class RoleForm(forms.Form):
    """A role's name and what it may do, by part of the product."""

    name = forms.CharField(label=_("Name"), max_length=80)

    def __init__(self, *args, instance=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance = instance
        held = expand(instance.permissions) if instance else frozenset()
        self.areas = {}
        for permission in access.all_permissions():
            self.areas.setdefault(str(permission.area), []).append(permission)
        for number, (area, permissions) in enumerate(self.areas.items()):
            self.fields[f"area_{number}"] = forms.MultipleChoiceField(
                label=area,
                required=False,
                choices=[(permission.code, permission.label) for permission in permissions],
                widget=forms.CheckboxSelectMultiple,
                initial=[permission.code for permission in permissions if permission.code in held],
            )
        if instance:
            self.fields["name"].initial = instance.name

    def clean_name(self):
        """Each name once."""
        name = self.cleaned_data["name"].strip()
        others = StaffRole.objects.exclude(pk=self.instance.pk if self.instance else None)
        if others.filter(name__iexact=name).exists():
            raise forms.ValidationError(_("There is a role with this name."))
        return name

    def clean(self):
        """One list of permissions."""
        data = super().clean()
        chosen = [code for field, codes in data.items() if field.startswith("area_") for code in codes]
        return {"name": data.get("name"), "permissions": chosen}
