"""Input about a client's money."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice, PaymentMethod
from hostbill.core.ui.fields import MoneyField
from hostbill.core.ui.words import day_words, money


class CreditForm(forms.Form):
    """How much, and why."""

    amount = MoneyField(label=_("Amount"), min_value=Decimal("0.01"), max_digits=14, decimal_places=4)
    note = forms.CharField(label=_("Why"), max_length=300, help_text=_("Kept in the history."))

    def __init__(self, *args, currency, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency


class InvoicesField(forms.ModelMultipleChoiceField):
    """Open invoices with what is open on them."""

    def label_from_instance(self, invoice):
        """Number, amount, day."""
        return f"{invoice} · {money(invoice.open)} · {day_words(invoice.due_on)}"


class ChargeForm(forms.Form):
    """Which invoices from which card."""

    payment_method = forms.ModelChoiceField(label=_("Card"), queryset=PaymentMethod.objects.none(), empty_label=None)
    invoices = InvoicesField(
        label=_("Invoices"), queryset=Invoice.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, methods, invoices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["payment_method"].queryset = methods
        self.fields["invoices"].queryset = invoices
        self.fields["invoices"].initial = [row.pk for row in invoices]
