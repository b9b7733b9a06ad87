"""Input about promotions: what a code gives, on what, to whom, and its amounts in each currency."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms.currencies import currencies_in_use
from billing.models import Cycle, DiscountKind, OptionChoice, Product, Promotion
from hostbill.core.ui import cases
from hostbill.core.ui.fields import DayField, MoneyField

GIVES = ("kind", "percent", "months", "periods")
ON = ("products", "cycles", "includes_base", "includes_options", "includes_setup")
NARROWER = ("choices", "required_products")
PRICED = (DiscountKind.FIXED, DiscountKind.OVERRIDE)
WHO = ("who", "once_per_client", "max_uses", "starts_on", "ends_on", "is_combinable", "ends_on_change", "is_active")


def choice_words(choice: OptionChoice) -> str:
    """Group, option and what is chosen: "Server · Memory: 8 GB"."""
    option = choice.option
    return f"{option.group} · {option.name}" + (f": {choice.name}" if option.is_list else "")


class PromotionForm(forms.ModelForm):
    """A code. `amounts` {currency: (amount, minimum spend)} is gathered from two fields per currency."""

    cycles = forms.MultipleChoiceField(
        label=_("In these cycles"),
        choices=Cycle.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: in all."),
    )

    class Meta:
        model = Promotion
        fields = ("name", "code", *GIVES, *ON, *NARROWER, *WHO, "notes")
        field_classes = {"starts_on": DayField, "ends_on": DayField}
        widgets = {
            "products": forms.CheckboxSelectMultiple,
            "required_products": forms.CheckboxSelectMultiple,
            "choices": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offered = Product.objects.filter(is_retired=False).select_related("group")
        for name in ("products", "required_products"):
            self.fields[name].queryset = offered
        self.fields["choices"].queryset = self._choices()
        self.fields["choices"].label_from_instance = choice_words
        if self.instance.percent is not None:
            self.initial["percent"] = f"{self.instance.percent.normalize():f}"
        self.fields["code"].widget.attrs |= {"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
        standing = {row.currency: row for row in self.instance.amounts.all()} if self.instance.pk else {}
        self.cases = {"percent": ("kind", (DiscountKind.PERCENT,)), "months": ("kind", (DiscountKind.FREE_MONTHS,))}
        self.currencies = list(dict.fromkeys([*currencies_in_use(), *standing]))
        for currency in self.currencies:
            row = standing.get(currency)
            self.cases[f"value_{currency}"] = ("kind", PRICED)
            self._add(f"value_{currency}", currency, _("Amount off, or price, in %s"), row.value_amount if row else None)
            least = row.minimum_amount if row and row.minimum_amount else None
            self._add(f"minimum_{currency}", currency, _("Minimum spend in %s"), least)

    def _choices(self):
        """Those on offer, and those that it is given on already."""
        rows = OptionChoice.objects.filter(is_retired=False, option__is_retired=False)
        rows |= OptionChoice.objects.filter(pk__in=self.instance.choices.all() if self.instance.pk else [])
        return rows.select_related("option__group").order_by("option__group__sort", "option__sort", "sort", "pk")

    def _add(self, name: str, currency: str, words, initial) -> None:
        self.fields[name] = MoneyField(
            currency=currency,
            label=words % currency,
            required=False,
            min_value=Decimal(0),
            max_digits=14,
            decimal_places=4,
            initial=initial,
        )

    def clean_percent(self):
        """A share of the price."""
        percent = self.cleaned_data["percent"]
        if percent is not None and not 0 < percent <= 100:
            raise forms.ValidationError(_("More than 0, at most 100."))
        return percent

    def clean_months(self):
        """Within reason."""
        months = self.cleaned_data["months"]
        if months is not None and not 1 <= months <= 120:
            raise forms.ValidationError(_("From 1 to 120."))
        return months

    def clean_periods(self):
        """Nothing, or at least one."""
        periods = self.cleaned_data["periods"]
        if periods is not None and not 1 <= periods <= 1000:
            raise forms.ValidationError(_("From 1 to 1000, or nothing."))
        return periods

    def clean(self):
        """The amounts as one value, and no figure of another kind."""
        data = super().clean()
        cases.refuse_strangers(self, data)
        data["amounts"] = {}
        for currency in self.currencies:
            value, least = data.pop(f"value_{currency}", None), data.pop(f"minimum_{currency}", None)
            if data.get("kind") not in PRICED:
                value = None
            if value is not None or least:
                data["amounts"][currency] = (value, least or Decimal(0))
        if data.get("kind") != DiscountKind.PERCENT:
            data["percent"] = None
        if data.get("kind") != DiscountKind.FREE_MONTHS:
            data["months"] = None
        return data

    def rows(self, *names) -> list:
        """Bound fields by name, for the cards of the page."""
        return [self[name] for name in names]

    @property
    def head(self) -> list:
        """What it is called."""
        return self.rows("name", "code")

    @property
    def gives(self) -> list:
        """What it gives."""
        return self.rows(*GIVES)

    @property
    def money_rows(self) -> list:
        """[(currency, [amount or price, minimum spend])]."""
        return [(currency, self.rows(f"value_{currency}", f"minimum_{currency}")) for currency in self.currencies]

    @property
    def on(self) -> list:
        """On what."""
        return self.rows(*ON)

    @property
    def narrower(self) -> list:
        """Conditions that few promotions have; options are asked about where there are any."""
        return [field for field in self.rows(*NARROWER) if field.name != "choices" or field.field.queryset.exists()]

    @property
    def is_narrow(self) -> bool:
        """Whether one of these conditions is set, or wrong."""
        return any(field.value() or field.errors for field in self.narrower)

    @property
    def people(self) -> list:
        """For whom and when."""
        return self.rows(*WHO, "notes")
