"""Asking for more days to pay."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hostbill.core.ui.words import in_digits


class StayForm(forms.Form):
    """How many, of those on offer; why is the client's to tell or not."""

    days = forms.TypedChoiceField(label=_("How many more days do you need?"), coerce=int)
    reason = forms.CharField(
        label=_("Is there something we should know?"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, offered: int, **kwargs):
        super().__init__(*args, **kwargs)
        counts = range(offered, 0, -1)
        self.fields["days"].choices = [
            (n, in_digits(ngettext("%(n)d day", "%(n)d days", n) % {"n": n})) for n in counts
        ]
