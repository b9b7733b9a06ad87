"""Input about invoices: a manual one with its lines, reasons, money received."""

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import PaymentMethod, TaxClass
from clients.models import EInvoiceWish
from hostbill.core import clock
from hostbill.core.ui.fields import DayField


class ReasonForm(forms.Form):
    """Why; recorded in the log."""

    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Kept in the history."))


def default_due_on():
    """Two weeks to pay, as on most invoices."""
    return clock.today() + timedelta(days=14)


class DraftForm(forms.Form):
    """Until when, and what is said below the lines."""

    due_on = DayField(label=_("Due on"))
    notes = forms.CharField(
        label=_("Note on the invoice"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean_due_on(self):
        """Not before today."""
        if self.cleaned_data["due_on"] < clock.today():
            raise forms.ValidationError(_("This day has passed."))
        return self.cleaned_data["due_on"]


#: A document of many such lines still fits into the books.
MOST_OF_A_LINE = Decimal(10_000_000_000)


class LineForm(forms.Form):
    """One line; an empty one is left out. A negative price is a discount."""

    description = forms.CharField(label=_("Description"), required=False, max_length=500)
    quantity = forms.DecimalField(
        label=_("Quantity"), initial=1, max_digits=10, decimal_places=4, min_value=Decimal("0.0001")
    )
    unit_amount = forms.DecimalField(label=_("Price, net"), required=False, max_digits=14, decimal_places=4)
    tax_class = forms.ChoiceField(label=_("Tax"), choices=TaxClass.choices, initial=TaxClass.STANDARD)
    origin = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def clean(self):
        """Words and price belong together."""
        data = super().clean()
        if data.get("description") and data.get("unit_amount") is None and "unit_amount" not in self.errors:
            self.add_error("unit_amount", _("Enter a price."))
        if data.get("unit_amount") is not None and not data.get("description"):
            self.add_error("description", _("Say what this is for."))
        if abs((data.get("unit_amount") or 0) * (data.get("quantity") or 0)) > MOST_OF_A_LINE:
            self.add_error("unit_amount", _("This is more than a line can hold."))
        return data

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            is_number = name in ("quantity", "unit_amount")
            field.widget.attrs["class"] = "input input-s input-num" if is_number else "input input-s"
            field.widget.attrs["aria-label"] = field.label

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


MOST_LINES = 60
LineFormSet = forms.formset_factory(LineForm, formset=_Lines, extra=1, max_num=MOST_LINES, absolute_max=MOST_LINES)


FRESH_LINE = {"description": "", "quantity": "1", "unit_amount": "", "tax_class": "standard"}


def shifted(data, verb: str, fresh: dict | None = None):
    """The form's data with a line added (`more`, holding `fresh`), removed (`remove-2`) or moved (`up-2`, `down-2`); the very
    same data for any other verb. Whatever a line holds goes with it."""
    act, _dash, place = verb.partition("-")
    if verb != "more" and not (act in ("up", "down", "remove") and _is_count(place)):
        return data
    shown = data.get("lines-TOTAL_FORMS", "")
    rows = [{} for _row in range(min(int(shown) if _is_count(shown) else 0, MOST_LINES))]
    moved = data.copy()
    for key in list(data):
        number, _dash, name = key.removeprefix("lines-").partition("-")
        if key.startswith("lines-") and _is_count(number):
            if int(number) < len(rows):
                rows[int(number)][name] = data.get(key)
            del moved[key]
    _shift(rows, act, int(place or 0), fresh or FRESH_LINE)
    moved["lines-TOTAL_FORMS"] = str(len(rows))
    for index, row in enumerate(rows):
        for name, value in row.items():
            moved[f"lines-{index}-{name}"] = value
    return moved


def _is_count(text: str) -> bool:
    return text.isdecimal() and len(text) < 5


def _shift(rows: list[dict], act: str, place: int, fresh: dict) -> None:
    if act == "more" and len(rows) < MOST_LINES:
        rows.append(fresh)
    elif act == "remove" and place < len(rows) and len(rows) > 1:
        del rows[place]
    elif act == "up" and 0 < place < len(rows):
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
    elif act == "down" and place + 1 < len(rows):
        rows[place + 1], rows[place] = rows[place], rows[place + 1]


class MoneyReceivedForm(forms.Form):
    """Money that came outside of any gateway, for one invoice."""

    amount = forms.DecimalField(label=_("Amount"), max_digits=12, decimal_places=2, min_value=Decimal("0.01"))
    reference = forms.CharField(
        label=_("Reference"),
        max_length=255,
        help_text=_("As on the bank statement; the same one is never booked twice."),
    )
    received_on = DayField(label=_("Received on"))

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

    amount = forms.DecimalField(label=_("Amount"), max_digits=12, decimal_places=2, min_value=Decimal("0.01"))
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


class EInvoiceForm(forms.Form):
    """Which kind."""

    format = forms.ChoiceField(label=_("Format"), choices=EInvoiceWish.choices[1:])
