"""Input about bank statements: a file, what its columns say, and what its lines are for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import BankAccount
from billing.queries.bank_csv import COLUMNS, DAYS, NEEDED
from hostbill.core.options import COMPANY_CURRENCY

MOST_BYTES = 4 * 1024 * 1024


class StatementForm(forms.Form):
    """A file of the bank, for an account we know or a new one."""

    account = forms.ModelChoiceField(
        label=_("Bank account"), queryset=BankAccount.objects.none(), required=False, empty_label=_("A new one")
    )
    new_name = forms.CharField(
        label=_("Name of the new account"), required=False, max_length=80, help_text=_("As you call it: “Sparkasse”, “Wise EUR”.")
    )
    currency = forms.CharField(
        label=_("Currency of the new account"), max_length=3, min_length=3, help_text=_("For files that name none.")
    )
    file = forms.FileField(label=_("File of the bank"), help_text=_("CSV, CAMT.053 (XML) or MT940. Outgoing money is left out."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known = BankAccount.objects.all()
        self.fields["account"].queryset = known
        self.fields["account"].initial = known.first()
        self.fields["currency"].initial = COMPANY_CURRENCY.value

    def clean_currency(self):
        """As codes are written."""
        return self.cleaned_data["currency"].upper()

    def clean_file(self):
        """Statements are small."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is too large: export shorter spans of time."))
        return file


class MappingForm(forms.Form):
    """Which column of a CSV file says what."""

    day = forms.ChoiceField(label=_("Days are written"), choices=[(pattern, pattern) for pattern in DAYS])

    def __init__(self, *args, head, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["day"].choices = [(pattern, today.strftime(pattern)) for pattern in DAYS]
        columns = [(name, name) for name in dict.fromkeys(head)]
        for key, (label, _names) in COLUMNS.items():
            choices = columns if key in NEEDED else [("", _("Not in the file")), *columns]
            self.fields[key] = forms.ChoiceField(label=label, choices=choices, required=key in NEEDED)
        self.order_fields([*COLUMNS, "day"])

    @property
    def mapping(self) -> dict:
        """As it is remembered."""
        return {key: value for key, value in self.cleaned_data.items() if value}
