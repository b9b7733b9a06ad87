"""Form of an API token."""

from datetime import timedelta
from ipaddress import ip_network

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import ApiToken
from clients.options import API_TOKEN_DAYS
from hostbill.core import access, clock
from hostbill.core.ui.fields import DayField

MOST_NETWORKS = 50


class ApiTokenForm(forms.Form):
    """What a token is for and how far it goes. Offers the rights of its maker only."""

    label = forms.CharField(label=_("What is it for?"), max_length=80, help_text=_("The program that will use it."))
    reach = forms.ChoiceField(
        label=_("May do"), choices=ApiToken.Reach.choices, widget=forms.RadioSelect, initial=ApiToken.Reach.READ
    )
    expires_on = DayField(
        label=_("Valid up to and including"), required=False, help_text=_("Empty: until somebody revokes it.")
    )
    networks = forms.CharField(
        label=_("From these addresses only"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("IP addresses or networks such as 203.0.113.0/24, one a line. Empty: from everywhere."),
    )

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["expires_on"].initial = clock.today() + timedelta(days=API_TOKEN_DAYS.value)
        areas: dict = {}
        for permission in access.all_permissions():
            if actor.may(permission.code):
                areas.setdefault(str(permission.area), []).append((permission.code, permission.label))
        self.areas = [f"area_{number}" for number in range(len(areas))]
        for name, (area, choices) in zip(self.areas, areas.items(), strict=True):
            self.fields[name] = forms.MultipleChoiceField(
                label=area, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )

    def clean_networks(self) -> list[str]:
        """As networks are written."""
        lines = self.cleaned_data["networks"].replace(",", "\n").split()
        if len(lines) > MOST_NETWORKS:
            raise forms.ValidationError(_("Not more than %(count)d addresses.") % {"count": MOST_NETWORKS})
        return [_network(line) for line in lines]

    def clean_expires_on(self):
        """Not before today."""
        day = self.cleaned_data["expires_on"]
        if day and day < clock.today():
            raise forms.ValidationError(_("This day has passed."))
        return day

    def clean(self):
        """One list of permissions, which is not empty when it counts."""
        data = super().clean()
        chosen = [code for name in self.areas for code in data.pop(name, [])]
        if data.get("reach") == ApiToken.Reach.CHOSEN and not chosen:
            self.add_error("reach", _("Choose at least one right below."))
        return data | {"permissions": chosen}


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise forms.ValidationError(_("“%(text)s” is no IP address or network.") % {"text": text[:60]}) from None
