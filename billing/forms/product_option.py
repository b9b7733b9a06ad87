"""Input about configurable options: a group, an option with its choices and their prices in a matrix, its rules."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.actions.product_option import Choice, Rule
from billing.models import OptionGroup, OptionRule, Price, Product, ProductOption
from billing.models.cycle import Cycle
from hostbill.core.money import exponent
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.core.ui.fields import MoneyField, MoneyInput

MOST_CHOICES, MOST_RULES = 60, 20


class OptionGroupForm(forms.ModelForm):
    """What it is called and which products offer it."""

    class Meta:
        model = OptionGroup
        fields = ("name", "products", "sort")
        widgets = {"products": forms.CheckboxSelectMultiple}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        products = Product.objects.filter(is_retired=False) | Product.objects.filter(option_groups=self.instance.pk)
        self.fields["products"].queryset = products.distinct().order_by("group__sort", "sort", "name")


class ProductOptionForm(forms.ModelForm):
    """The question itself."""

    cases = dict.fromkeys(("unit", "min_quantity", "max_quantity", "step"), ("kind", (ProductOption.Kind.QUANTITY,)))

    class Meta:
        model = ProductOption
        fields = ("name", "kind", "key", "hint", "is_required", "sort", "unit", "min_quantity", "max_quantity", "step", "is_retired")
        help_texts = {"unit": _("After the quantity, such as GB; one and many with a bar between: copy|copies.")}


    def clean(self):
        """Quantities that can be counted to."""
        data = super().clean()
        if data.get("step") == 0:
            self.add_error("step", _("At least 1."))
        least, most = data.get("min_quantity"), data.get("max_quantity")
        if least is not None and most is not None and least > most:
            self.add_error("max_quantity", _("The least is more than the most."))
        if most is not None and most > 1_000_000:
            self.add_error("max_quantity", _("At most a million."))
        return data


def ways_to_pay(group: OptionGroup) -> tuple[list[str], list[str]]:
    """(currencies, cycles) in which the group's products are sold, ours and all cycles where there is nothing yet."""
    sold = set(Price.objects.filter(product__option_groups=group).values_list("currency", "cycle"))
    currencies = [str(COMPANY_CURRENCY.value), *sorted({currency for currency, _cycle in sold})]
    cycles = {cycle for _currency, cycle in sold}
    return list(dict.fromkeys(currencies)), [cycle for cycle in Cycle.values if cycle in cycles or not cycles]


class ChoiceForm(forms.Form):
    """One choice with a price and a set-up fee for each currency and cycle."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Choice"), max_length=80, required=False)
    value = forms.CharField(label=_("Value for the panel"), max_length=120, required=False)
    is_default = forms.BooleanField(label=_("Chosen at first"), required=False)
    is_retired = forms.BooleanField(label=_("No longer offered"), required=False)

    def __init__(self, *args, currencies: list[str], cycles: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.currencies, self.cycles = currencies, cycles
        for name in ("name", "value", "is_default", "is_retired"):
            self.fields[name].widget.attrs["aria-label"] = self.fields[name].label
        for name in ("name", "value"):
            self.fields[name].widget.attrs["class"] = "input input-s"
        for currency in currencies:
            for cycle in cycles:
                for part, words in (("amount", _("price")), ("setup", _("set-up fee"))):
                    self.fields[f"{part}_{currency}_{cycle}"] = self._money(currency, f"{Cycle(cycle).label}: {words}")

    def _money(self, currency: str, label: str) -> MoneyField:
        widget = MoneyInput({"class": "input input-s input-num", "aria-label": label})
        return MoneyField(
            currency=currency, label=label, required=False, min_value=Decimal(0), max_digits=14, decimal_places=4, widget=widget
        )

    def clean(self):
        """A set-up fee needs a price; a row with prices needs a name."""
        data = super().clean()
        for currency in self.currencies:
            for cycle in self.cycles:
                if data.get(f"setup_{currency}_{cycle}") and data.get(f"amount_{currency}_{cycle}") is None:
                    self.add_error(f"setup_{currency}_{cycle}", _("A set-up fee needs a price beside it."))
        return data

    def cells(self, currency: str) -> list:
        """[(price field, set-up field)] of a currency, for the matrix."""
        return [(self[f"amount_{currency}_{cycle}"], self[f"setup_{currency}_{cycle}"]) for cycle in self.cycles]

    def choice(self) -> Choice:
        """As the action takes it."""
        data, prices = self.cleaned_data, {}
        for currency in self.currencies:
            for cycle in self.cycles:
                amount = data.get(f"amount_{currency}_{cycle}")
                if amount is not None:
                    prices[currency, cycle] = (amount, data.get(f"setup_{currency}_{cycle}") or Decimal(0))
        name, value = data.get("name", ""), data.get("value", "")
        flags = bool(data.get("is_default")), bool(data.get("is_retired"))
        return Choice(name, value, *flags, prices, data.get("pk"))


def initial_of(choice) -> dict:
    """A stored choice as the form's first values."""
    found = {name: getattr(choice, name) for name in ("pk", "name", "value", "is_default", "is_retired")}
    for price in choice.prices.all():
        digits = exponent(price.currency)
        found[f"amount_{price.currency}_{price.cycle}"] = round(price.amount, digits)
        if price.setup_amount:
            found[f"setup_{price.currency}_{price.cycle}"] = round(price.setup_amount, digits)
    return found


class RuleForm(forms.Form):
    """When the option is shown, or has to be chosen."""

    effect = forms.ChoiceField(label=_("It"), choices=[("", _("No rule")), *OptionRule.Effect.choices], required=False)
    when = forms.ChoiceField(label=_("While"), required=False)
    at_least = forms.IntegerField(label=_("at least"), required=False, min_value=1, max_value=1_000_000, initial=1)

    def __init__(self, *args, sources: dict, **kwargs):
        super().__init__(*args, **kwargs)
        self.sources = sources
        self.fields["when"].choices = [("", _("Choose an option")), *((key, words) for key, (words, *_rest) in sources.items())]

    def clean(self):
        """Both or none."""
        data = super().clean()
        if data.get("effect") and not data.get("when"):
            self.add_error("when", _("Say which option it depends on."))
        return data

    def rule(self) -> Rule | None:
        """As the action takes it; None for an empty row."""
        data = self.cleaned_data
        if not data.get("effect"):
            return None
        _words, source, choice = self.sources[data["when"]]
        return Rule(data["effect"], source, choice, data.get("at_least") or 1)


def sources_for(group: OptionGroup, option: ProductOption) -> dict:
    """{"source:choice": (words, option, choice)}: everything in the group that a rule can look at."""
    found = {}
    rows = group.options.exclude(pk=option.pk).prefetch_related("choices")
    for source in rows:
        anything = _("%(name)s: at least") if source.kind == ProductOption.Kind.QUANTITY else _("%(name)s: anything")
        found[f"{source.pk}:"] = (anything % {"name": source.name}, source, None)
        for choice in source.choices.all() if source.is_list else ():
            found[f"{source.pk}:{choice.pk}"] = (f"{source.name}: {choice.name}", source, choice)
    return found


ChoiceFormSet = forms.formset_factory(ChoiceForm, extra=0, max_num=MOST_CHOICES, absolute_max=MOST_CHOICES)
RuleFormSet = forms.formset_factory(RuleForm, extra=1, max_num=MOST_RULES, absolute_max=MOST_RULES)
