"""Input about client groups."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import ClientGroup


class GroupForm(forms.ModelForm):
    """Its name and what it saves."""

    class Meta:
        model = ClientGroup
        fields = ("name", "discount_percent")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["discount_percent"] = f"{self.instance.discount_percent.normalize():f}"

    def clean_discount_percent(self):
        """Between nothing and everything."""
        percent = self.cleaned_data["discount_percent"]
        if not 0 <= percent <= 100:
            raise forms.ValidationError(_("Between 0 and 100."))
        return percent


class SetGroupForm(forms.Form):
    """Which group a client is in."""

    group = forms.ModelChoiceField(
        label=_("Group"), queryset=ClientGroup.objects.all(), required=False, empty_label=_("No group")
    )
