"""Consent to keep a card."""

from django import forms
from django.utils.translation import gettext_lazy as _

#: What is agreed to; kept with the card in the words that were read.
CONSENT = _("Keep this card and charge it for renewals of my services until I remove it.")


class ConsentForm(forms.Form):
    """A card is kept only when its owner says so."""

    agreed = forms.BooleanField(
        label=CONSENT,
        error_messages={"required": _("Without this we cannot keep a card. You can still pay each invoice by card.")},
    )
