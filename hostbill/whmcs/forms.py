"""Forms of credentials and roles of the WHMCS API."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.networks import NetworksField
from clients.models import ApiRole
from clients.models.api_credential import ALL_ACTIONS
from hostbill.whmcs.catalogue import DOCUMENTED
from hostbill.whmcs.documented import AREAS


class CredentialForm(forms.Form):
    """What credentials are for and what they may call."""

    label = forms.CharField(label=_("What is it for?"), max_length=80, help_text=_("The program that will use it."))
    roles = forms.ModelMultipleChoiceField(
        label=_("API roles"),
        queryset=ApiRole.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("It may call what any of these roles allows, as far as you may do it yourself."),
    )
    networks = NetworksField()

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["roles"].queryset = ApiRole.objects.visible_to(actor).order_by("name")


class ApiRoleForm(forms.Form):
    """A role's name and the actions it allows, by area of WHMCS's documentation."""

    name = forms.CharField(label=_("Name"), max_length=80)
    everything = forms.BooleanField(
        label=_("Every action"),
        required=False,
        help_text=_("Also those that later versions bring; what is ticked below does not count then."),
    )

    def __init__(self, *args, instance=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance = instance
        held = instance.actions if instance else ()
        for number, area in enumerate(AREAS):
            names = [entry.name for entry in DOCUMENTED.values() if entry.area == area]
            self.fields[f"area_{number}"] = forms.MultipleChoiceField(
                label=area,
                required=False,
                choices=[(name, name) for name in names],
                widget=forms.CheckboxSelectMultiple,
                initial=[name for name in names if name in held],
            )
        if instance:
            self.fields["name"].initial, self.fields["everything"].initial = instance.name, instance.grants_all

    def clean_name(self):
        """Each name once."""
        name = self.cleaned_data["name"].strip()
        if ApiRole.objects.exclude(pk=self.instance and self.instance.pk).filter(name__iexact=name).exists():
            raise forms.ValidationError(_("There is a role with this name."))
        return name

    def clean(self):
        """One list of actions, which is not empty."""
        data = super().clean()
        chosen = [name for field, names in data.items() if field.startswith("area_") for name in names]
        actions = [ALL_ACTIONS] if data.get("everything") else chosen
        if not actions:
            self.add_error("everything", _("Choose at least one action."))
        return {"name": data.get("name"), "actions": actions}
