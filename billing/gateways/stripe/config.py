"""The form that asks for a Stripe account's settings."""

from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def _secret(label, help_text, required=True):
    widget = forms.PasswordInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=255, widget=widget)


class StripeConfig(forms.Form):
    """Keys from the Stripe dashboard, under Developers."""

    publishable_key = forms.CharField(label=_("Publishable key"), max_length=255, help_text=_("Begins with pk_."))
    secret_key = _secret(_("Secret key"), _("Begins with sk_ or rk_."))
    webhook_secret = _secret(
        _("Webhook signing secret"), _("Begins with whsec_; Stripe shows it with the webhook endpoint."), required=False
    )
    api_base = forms.URLField(
        label=_("API address"), required=False, assume_scheme="https", help_text=_("Leave empty for Stripe itself.")
    )
    element_url = forms.URLField(
        label=_("Address of the card form's script"),
        required=False,
        assume_scheme="https",
        help_text=_("Leave empty for Stripe itself."),
    )

    def _starts(self, name: str, *prefixes: str) -> str:
        value = self.cleaned_data[name].strip()
        if value and not value.startswith(prefixes):
            raise forms.ValidationError(_("This should begin with %(start)s."), params={"start": prefixes[0]})
        return value

    def clean_publishable_key(self):
        """Refuse a key pasted into the wrong field."""
        return self._starts("publishable_key", "pk_")

    def clean_secret_key(self):
        """Refuse a key pasted into the wrong field."""
        return self._starts("secret_key", "sk_", "rk_")

    def clean_webhook_secret(self):
        """Refuse a key pasted into the wrong field."""
        return self._starts("webhook_secret", "whsec_")

    def _safe(self, name: str) -> str:
        """Keys and cards never travel unencrypted, except to this machine itself."""
        url = self.cleaned_data[name]
        parts = urlsplit(url)
        if url and parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise forms.ValidationError(_("Use an https address."))
        return url

    def clean_api_base(self):
        """Encrypted, or this machine."""
        return self._safe("api_base")

    def clean_element_url(self):
        """Encrypted, or this machine."""
        return self._safe("element_url")
