"""Input for pauses and for handing over."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from hostbill.core.ui.fields import DayField

CREDIT = [
    ("", _("As the settings say")),
    ("none", _("Is not given back")),
    ("prorated", _("Becomes credit, to the day")),
]


class PauseForm(forms.Form):
    """Until when, and what of the paid days."""

    until = DayField(
        label=_("Paused up to and including"),
        required=False,
        help_text=_(
            "The last day of it: it goes on by itself in the night after. Empty: until somebody lets it go on."
        ),
    )
    credit = forms.ChoiceField(label=_("The paid days that are left"), choices=CREDIT, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False, help_text=_("The client reads this."))


class ClientPauseForm(forms.Form):
    """Until when."""

    until = DayField(
        label=_("Paused up to and including"),
        required=False,
        help_text=_("It goes on by itself after that day. Empty: until you let it go on."),
    )


class TransferForm(forms.Form):
    """Who is to have it, by the number of the account."""

    number = forms.CharField(
        label=_("Account number of the other client"), max_length=20, help_text=_("Such as C-10024.")
    )

    def clean(self):
        """The account, or words that tell nothing about other people's accounts."""
        values = super().clean()
        found = self.find(values) if not self.errors else None
        if found is None and not self.errors:
            self.add_error("number", _("No account is known by this."))
        return {"to_client": found}

    def find(self, values) -> Client | None:
        """By number."""
        return Client.objects.active().filter(number__iexact=values["number"].strip()).first()


class ClientTransferForm(TransferForm):
    """A client has to know the address of the account too."""

    email = forms.EmailField(
        label=_("E-mail address of that account"), help_text=_("We ask there whether it is wanted.")
    )

    def find(self, values) -> Client | None:
        """By both."""
        rows = Client.objects.active().filter(number__iexact=values["number"].strip(), email__iexact=values["email"])
        return rows.first()
