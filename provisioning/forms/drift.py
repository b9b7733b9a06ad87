"""What people decide about a difference."""

from django import forms
from django.utils.translation import gettext_lazy as _

from provisioning.models import Service
from provisioning.queries.drift import can_take


class LeaveForm(forms.Form):
    """Why it may stay."""

    reason = forms.CharField(label=_("Why may it stay?"), max_length=200, help_text=_("Kept in the record."))


class TakeForm(forms.Form):
    """Which service an unknown account belongs to."""

    service = forms.TypedChoiceField(
        label=_("Service"),
        help_text=_("Services without an account of their own, the same domain first. If there is none, order the product first."),
    )

    def __init__(self, *args, drift=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.services = {str(row.pk): row for row in (can_take(drift) if drift is not None else [])}
        rows = [(pk, f"{row} · {row.client.name}") for pk, row in self.services.items()]
        self.fields["service"].choices = [("", _("Choose a service")), *rows]

    def clean_service(self) -> Service:
        """The row."""
        return self.services[self.cleaned_data["service"]]
