"""Form of an API token."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.networks import NetworksField
from clients.models import ApiToken, Area
from clients.options import API_TOKEN_DAYS
from hostbill.core import access, clock
from hostbill.core.ui.fields import DayField


class TokenForm(forms.Form):
    """What a token is for, how long and from where it may be used."""

    label = forms.CharField(label=_("What is it for?"), max_length=80, help_text=_("The program that will use it."))
    reach = forms.ChoiceField(
        label=_("May do"), choices=ApiToken.Reach.choices, widget=forms.RadioSelect, initial=ApiToken.Reach.READ
    )
    expires_on = DayField(
        label=_("Valid up to and including"), required=False, help_text=_("Empty: until somebody revokes it.")
    )
    networks = NetworksField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["expires_on"].initial = clock.today() + timedelta(days=API_TOKEN_DAYS.value)

    def clean_expires_on(self):
        """Not before today."""
        day = self.cleaned_data["expires_on"]
        if day and day < clock.today():
            raise forms.ValidationError(_("This day has passed."))
        return day


class ApiTokenForm(TokenForm):
    """A colleague's. Offers the rights of its maker only."""

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        areas: dict = {}
        for permission in access.all_permissions():
            if actor.may(permission.code):
                areas.setdefault(str(permission.area), []).append((permission.code, permission.label))
        self.areas = [f"area_{number}" for number in range(len(areas))]
        for name, (area, choices) in zip(self.areas, areas.items(), strict=True):
            self.fields[name] = forms.MultipleChoiceField(
                label=area, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )

    def clean(self):
        """One list of permissions, which is not empty when it counts."""
        data = super().clean()
        chosen = [code for name in self.areas for code in data.pop(name, [])]
        if data.get("reach") == ApiToken.Reach.CHOSEN and not chosen:
            self.add_error("reach", _("Choose at least one right below."))
        return data | {"permissions": chosen}


class ClientTokenForm(TokenForm):
    """One of somebody with a login to a client account. Offers the parts of the account that its maker may use."""

    areas = forms.MultipleChoiceField(label=_("May use"), choices=Area.choices, widget=forms.CheckboxSelectMultiple)
    field_order = ("label", "areas", "reach")

    def __init__(self, *args, areas, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["areas"].choices = [(area, label) for area, label in Area.choices if area in areas]
        self.fields["reach"].choices = [
            (ApiToken.Reach.READ, _("Only look")),
            (ApiToken.Reach.ALL, _("Everything that I may do there")),
        ]
