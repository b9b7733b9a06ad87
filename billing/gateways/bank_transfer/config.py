"""The form that asks for our bank account."""

from django import forms
from django.utils.translation import gettext_lazy as _


def iban_is_valid(iban: str) -> bool:
    """ISO 7064 check digits: the rearranged number leaves 1 when divided by 97."""
    if not (15 <= len(iban) <= 34 and iban.isalnum() and iban.isascii() and iban[:2].isalpha() and iban[2:4].isdigit()):
        return False
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


class BankTransferConfig(forms.Form):
    """What clients read on the pay page and the invoice."""

    account_holder = forms.CharField(label=_("Account holder"), max_length=120)
    iban = forms.CharField(label=_("IBAN or account number"), max_length=42)
    bic = forms.CharField(label=_("BIC"), max_length=11, required=False)
    bank_name = forms.CharField(label=_("Bank"), max_length=120, required=False)
    instructions = forms.CharField(
        label=_("Further words to the client"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
    )

    def clean_iban(self):
        """Without spaces; one that looks like an IBAN must have right check digits."""
        iban = "".join(self.cleaned_data["iban"].split()).upper()
        if iban[:2].isalpha() and not iban_is_valid(iban):
            raise forms.ValidationError(_("This IBAN has a typing error."))
        return iban

    def clean_bic(self):
        """Eight or eleven signs."""
        bic = self.cleaned_data["bic"].strip().upper()
        if bic and (len(bic) not in (8, 11) or not bic.isalnum()):
            raise forms.ValidationError(_("A BIC has 8 or 11 signs."))
        return bic
