"""Input about prices: lists, prices from a day on, changes for many services, discounts of one."""

from decimal import Decimal

from babel import Locale
from babel.numbers import is_currency
from django import forms
from django.utils.translation import gettext_lazy as _

from billing.actions.discount import GRANTED
from billing.models import Cycle, DiscountKind, Price, PriceList, PriceUpdate, Product
from billing.models.cycle import months
from clients.models import ClientGroup
from hostbill.core.ui import cases
from hostbill.core.ui.fields import DayField, MoneyField

RECURRING = [(key, label) for key, label in Cycle.choices if months(key)]


def clean_currency(text: str) -> str:
    """A code that exists."""
    code = text.strip().upper()
    if not is_currency(code, Locale("en")):
        raise forms.ValidationError(_("There is no such currency. Use its code, as EUR."))
    return code


class PriceListForm(forms.ModelForm):
    """What a list is; its prices are entered on its page."""

    class Meta:
        model = PriceList
        fields = ("name", "currency", "client_group", "includes_tax", "is_active")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["client_group"].queryset = ClientGroup.objects.all()
        if self.instance.pk and self.instance.prices.exists():
            self.fields["currency"].disabled = True
            self.fields["currency"].help_text = _("Its prices are in it.")

    def clean_currency(self):
        """A code that exists."""
        return clean_currency(self.cleaned_data["currency"])


class DatedPriceForm(forms.Form):
    """One price, from a day on."""

    product = forms.ModelChoiceField(label=_("Product"), queryset=Product.objects.none())
    cycle = forms.ChoiceField(label=_("Cycle"), choices=Cycle.choices)
    amount = MoneyField(label=_("Price"), min_value=Decimal(0), max_digits=14, decimal_places=4)
    setup_amount = MoneyField(
        label=_("Set-up fee"), min_value=Decimal(0), max_digits=14, decimal_places=4, required=False, initial=Decimal(0)
    )
    valid_from = DayField(
        label=_("From"), required=False, help_text=_("New orders pay it from this day on. Empty: at once.")
    )

    def __init__(self, *args, currency="", products=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = Product.objects.filter(is_retired=False) if products is None else products
        for name in ("amount", "setup_amount"):
            self.fields[name].currency = currency

    def clean_setup_amount(self):
        """Nothing is none."""
        return self.cleaned_data["setup_amount"] or Decimal(0)


class ProductPriceForm(DatedPriceForm):
    """A usual price of one product that holds from a day to come."""

    currency = forms.ChoiceField(label=_("Currency"))
    field_order = ("currency", "cycle", "amount", "setup_amount", "valid_from")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["product"]
        used = Price.objects.order_by("currency").values_list("currency", flat=True).distinct()
        self.fields["currency"].choices = [(code, code) for code in used]
        self.fields["valid_from"].required = True
        self.fields["valid_from"].help_text = _("New orders pay it from this day on.")
        chosen = self.data.get("currency", "")
        for name in ("amount", "setup_amount"):
            self.fields[name].currency = chosen if chosen in used else ""


class PriceUpdateForm(forms.ModelForm):
    """Whose prices change, to what, from when, and what their clients read."""

    cycles = forms.MultipleChoiceField(
        label=_("Cycles"), choices=RECURRING, required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None: all.")
    )
    amount = MoneyField(label=_("Amount"), required=False, max_digits=14, decimal_places=4)

    cases = {"percent": ("how", (PriceUpdate.How.PERCENT,)), "amount": ("how", (PriceUpdate.How.AMOUNT, PriceUpdate.How.EXACT))}

    class Meta:
        model = PriceUpdate
        fields = ("name", "starts_on", "currency", "how", "percent", "amount", "products", "cycles", "client_group",
                  "skips_overrides", "tells", "reason")  # fmt: skip
        field_classes = {"starts_on": DayField}
        widgets = {
            "products": forms.CheckboxSelectMultiple,
            "reason": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {"products": _("None: all."), "reason": _("In the language of your clients. May be empty.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["products"].queryset = Product.objects.select_related("group")
        self.fields["client_group"].queryset = ClientGroup.objects.all()
        self.fields["amount"].currency = (self.data.get("currency") or self.instance.currency or "")[:3].upper()
        if not _is_code(self.fields["amount"].currency):
            self.fields["amount"].currency = ""

    def clean_currency(self):
        """A code that exists."""
        return clean_currency(self.cleaned_data["currency"])

    def clean(self):
        """No figure of another way."""
        data = super().clean()
        cases.refuse_strangers(self, data)
        if data.get("how") != PriceUpdate.How.PERCENT:
            data["percent"] = None
        if data.get("how") not in (PriceUpdate.How.AMOUNT, PriceUpdate.How.EXACT):
            data["amount"] = None
        return data


def _is_code(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalpha()


class DiscountForm(forms.Form):
    """What staff take off the coming periods of a subscription, and why."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind, kind.label) for kind in GRANTED])
    value = forms.DecimalField(
        label=_("Figure"),
        max_digits=12,
        decimal_places=4,
        min_value=Decimal(0),
        help_text=_("Percent; amount off each period; price a piece; or number of months."),
    )
    periods = forms.IntegerField(
        label=_("Billing periods"), required=False, min_value=1, max_value=1000, help_text=_("Empty: for ever.")
    )
    name = forms.CharField(
        label=_("Name on invoices"), max_length=80, required=False, help_text=_("Empty: “Discount” in the client's language.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Kept in the history."))

    def clean(self):
        """Months are whole."""
        data = super().clean()
        value = data.get("value")
        if data.get("kind") == DiscountKind.FREE_MONTHS and value is not None and value != int(value):
            self.add_error("value", _("Enter whole months."))
        return data
