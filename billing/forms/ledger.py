"""Forms of the books."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import LedgerAccount
from billing.queries.journal_formats import FORMATS
from billing.queries.reports import currencies
from hostbill.core import clock
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.core.ui.fields import DayField


class LedgerAccountForm(forms.ModelForm):
    """What an account is called, here and elsewhere."""

    class Meta:
        model = LedgerAccount
        fields = ("name", "datev_account", "xero_code", "xero_tax", "quickbooks_name")
        help_texts = {
            "xero_tax": _("As it is called there; empty: Tax Exempt."),
            "quickbooks_name": _("As it is called there, with its parents: Income:Hosting."),
        }


class SpanForm(forms.Form):
    """From day to day, in one currency."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To"))
    currency = forms.ChoiceField(label=_("Currency"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        base = COMPANY_CURRENCY.value
        codes = [base, *(code for code in currencies() if code != base)]
        self.fields["currency"].choices = [(code, code) for code in codes]
        self.fields["currency"].initial = base
        self.fields["first"].initial = clock.today().replace(day=1)
        self.fields["last"].initial = clock.today()

    def clean(self):
        """The days in their order."""
        values = super().clean()
        if values.get("first") and values.get("last") and values["last"] < values["first"]:
            self.add_error("last", _("The last day is before the first."))
        return values


class JournalExportForm(SpanForm):
    """Which file."""

    file_format = forms.ChoiceField(label=_("File for"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file_format"].choices = [(key, kind.label) for key, kind in FORMATS.items()]


class MonthCloseForm(forms.Form):
    """Which month."""

    month = DayField(label=_("Close up to the month of"), help_text=_("Any day of it. The months before it are closed too."))


class ReopenForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
