"""Forms of people with a login, and of contacts."""

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext_lazy as _

from clients.models import Area, User


def _areas(label):
    """Checkboxes of what somebody may use."""
    return forms.MultipleChoiceField(label=label, choices=Area, widget=forms.CheckboxSelectMultiple)


class InviteForm(forms.Form):
    """Who shall get in, and where to."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("The invitation works for this address only."))
    areas = _areas(_("May use"))


class RightsForm(forms.Form):
    """What a member may use."""

    areas = _areas(_("May use"))


class ContactForm(forms.Form):
    """An extra recipient of mail."""

    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail address"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    areas = _areas(_("Gets mail about"))


class JoinForm(forms.Form):
    """A new login for somebody who was invited."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, email, **kwargs):
        super().__init__(*args, **kwargs)
        self.email = email
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_password(self):
        """Strong enough."""
        validate_password(self.cleaned_data["password"], User(email=self.email))
        return self.cleaned_data["password"]
