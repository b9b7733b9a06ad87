"""Consent to keep a card: what is agreed to, in words that are kept with the card as they were read."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hostbill.core.money import Money
from hostbill.core.ui.words import money

CONSENT = _("Keep this card and charge it for renewals of my services until I remove it.")


def consent_to_pay(amount: Money, *, is_owner: bool) -> str:
    """Beside a payment of this amount. Somebody with a link speaks for a client, and need not know of its services."""
    for_client = _now("Keep this card and charge it for later invoices of this client until the client removes it.")
    only = _now("Now only %(amount)s is charged, and nothing else that is due already.") % {"amount": money(amount)}
    return f"{CONSENT if is_owner else for_client} {only}"


class ConsentForm(forms.Form):
    """A card is kept only when its owner says so. `due`: what is charged to it at once."""

    agreed = forms.BooleanField(
        label=CONSENT,
        error_messages={"required": _("Without this we cannot keep a card. You can still pay each invoice by card.")},
    )

    def __init__(self, *args, due: Money | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        if due:
            at_once = _now("%(amount)s that is due is charged to it at once.") % {"amount": money(due)}
            self.fields["agreed"].label = f"{CONSENT} {at_once}"
