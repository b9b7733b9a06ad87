"""Input about invoices: a manual one with its lines, reasons, money received."""

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import PaymentMethod, TaxClass
from clients.models import Client
from hostbill.core import clock


class DayInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


class ReasonForm(forms.Form):
    """Why; recorded in the log."""

    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Kept in the history."))


class InvoiceForm(forms.Form):
    """For whom and until when."""

    client = forms.CharField(label=_("Client"), help_text=_("Client number or e-mail address."))
    due_on = forms.DateField(label=_("Due on"), widget=DayInput())
    notes = forms.CharField(
        label=_("Note on the invoice"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_on"].initial = clock.today() + timedelta(days=14)

    def clean_client(self):
        """The client of this number or address."""
        text = self.cleaned_data["client"].strip()
        found = Client.objects.filter(number__iexact=text).first()
        if found is None:
            matching = list(Client.objects.filter(email__iexact=text)[:2])
            if len(matching) > 1:
                raise forms.ValidationError(_("Several clients use this address. Enter the client's number."))
            found = matching[0] if matching else None
        if found is None:
            raise forms.ValidationError(_("No client has this number or address."))
        return found

    def clean_due_on(self):
        """Not before today."""
        if self.cleaned_data["due_on"] < clock.today():
            raise forms.ValidationError(_("This day has passed."))
        return self.cleaned_data["due_on"]


class LineForm(forms.Form):
    """One line; an empty one is left out. A negative price is a discount."""

    description = forms.CharField(label=_("Description"), required=False, max_length=500)
    quantity = forms.DecimalField(
        label=_("Quantity"), initial=1, max_digits=12, decimal_places=4, min_value=Decimal("0.0001")
    )
    unit_amount = forms.DecimalField(label=_("Price, net"), required=False, max_digits=18, decimal_places=4)
    tax_class = forms.ChoiceField(label=_("Tax"), choices=TaxClass.choices, initial=TaxClass.STANDARD)

    def clean(self):
        """Words and price belong together."""
        data = super().clean()
        if data.get("description") and data.get("unit_amount") is None and "unit_amount" not in self.errors:
            self.add_error("unit_amount", _("Enter a price."))
        if data.get("unit_amount") is not None and not data.get("description"):
            self.add_error("description", _("Say what this is for."))
        return data

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["class"] = (
                "input input-s input-num" if name in ("quantity", "unit_amount") else "input input-s"
            )

    @property
    def is_filled(self) -> bool:
        """Whether it says anything."""
        return bool(self.cleaned_data.get("description"))


class _Lines(forms.BaseFormSet):
    """At least one line says something."""

    def clean(self):
        """Refuse an invoice about nothing."""
        if not any(self.errors) and not self.filled:
            raise forms.ValidationError(_("Enter at least one line."))

    @property
    def filled(self) -> list[dict]:
        """The values of the lines that say something."""
        return [form.cleaned_data for form in self.forms if hasattr(form, "cleaned_data") and form.is_filled]


LineFormSet = forms.formset_factory(LineForm, formset=_Lines, extra=3, max_num=60, absolute_max=60)


class MoneyReceivedForm(forms.Form):
    """Money that came outside of any gateway, for one invoice."""

    amount = forms.DecimalField(label=_("Amount"), max_digits=18, decimal_places=2, min_value=Decimal("0.01"))
    reference = forms.CharField(
        label=_("Reference"),
        max_length=255,
        help_text=_("As on the bank statement; the same one is never booked twice."),
    )
    received_on = forms.DateField(label=_("Received on"), widget=DayInput())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["received_on"].initial = clock.today()


class MatchForm(MoneyReceivedForm):
    """A line of the bank statement."""

    currency = forms.ChoiceField(label=_("Currency"))
    field_order = ("amount", "currency", "reference", "received_on")

    def __init__(self, currencies, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = [(code, code) for code in currencies]
        self.fields["reference"].help_text = _(
            "The words on the statement: invoice number, name, whatever stands there."
        )


class SavedCardForm(forms.Form):
    """Which of the client's saved methods is charged."""

    payment_method = forms.ModelChoiceField(label=_("Card"), queryset=PaymentMethod.objects.none(), empty_label=None)

    def __init__(self, *args, methods, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["payment_method"].queryset = methods


class RefundForm(forms.Form):
    """How much goes back, and what it does to the books."""

    amount = forms.DecimalField(label=_("Amount"), max_digits=18, decimal_places=2, min_value=Decimal("0.01"))
    source = forms.ChoiceField(
        label=_("What happens to the invoice"),
        choices=[
            ("invoice", _("The invoice it paid is open again by this much")),
            ("credit", _("It is paid out of the client's credit; invoices stay paid")),
        ],
        widget=forms.RadioSelect,
        initial="invoice",
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)
