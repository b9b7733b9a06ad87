"""What is asked before two clients are merged."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client


class MergeForm(forms.Form):
    """Who is kept, and whether the other's address goes on getting mails."""

    into = forms.ModelChoiceField(
        Client.objects.none(),
        label=_("Client to keep"),
        widget=forms.NumberInput,  # drawn hidden by the page, which has named the client above
        error_messages={"required": _("Choose the client to keep."), "invalid_choice": _("There is no such client.")},
    )
    stops_mail = forms.BooleanField(
        label=_("Send no more mails to the address of the account that goes"),
        required=False,
        help_text=_("Otherwise it becomes a contact of the kept client, who can be removed later."),
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300, help_text=_("Kept in the log."))

    def __init__(self, *args, clients=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = Client.objects.none() if clients is None else clients
