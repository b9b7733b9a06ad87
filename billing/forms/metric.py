"""Input about metrics: what is measured and what it costs, as lines of text or, by API, as objects."""

import re
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from billing.forms.price import clean_currency
from billing.models import Metric, MetricTerms, Product

MOST_TIERS = 30
#: ``100: 0.08 EUR, 0.09 USD``.
_LINE = re.compile(r"(?P<begins>\d{1,14}(\.\d{1,4})?)\s*:\s*(?P<prices>.+)")
_PRICE = re.compile(r"(?P<amount>\d{1,10}(\.\d{1,8})?)\s*(?P<currency>[A-Za-z]{3})(\s*\+\s*(?P<fixed>\d{1,10}(\.\d{1,4})?))?")


class TermsForm(forms.ModelForm):
    """All but the prices."""

    cases = {"unit": ("source", (Metric.Source.TOLD,))}

    included = forms.DecimalField(
        label=_("Included each month"), initial=0, min_value=Decimal(0), max_digits=18, decimal_places=4,
        help_text=_("So much costs nothing. It is not shared out by the day."),
    )  # fmt: skip
    source = forms.ChoiceField(
        label=_("Where it comes from"), choices=Metric.Source.choices, widget=forms.RadioSelect, initial=Metric.Source.TOLD, required=False,
        help_text=_(
            "Servers are asked every night what each account uses. Traffic is added up; of storage the last or the highest value counts."
        ),
    )  # fmt: skip
    model = forms.ChoiceField(label=_("What more costs"), choices=MetricTerms.Model.choices, widget=forms.RadioSelect, initial="graduated")

    class Meta:
        model = Metric
        fields = ("product", "name", "key", "source", "unit", "kind")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.terms = self.instance.terms.order_by("-valid_from").first() if self.instance.pk else None
        self.fields["product"].queryset = Product.objects.order_by("group__sort", "sort", "name")
        if self.terms:
            self.fields["product"].disabled = True
            self.initial |= {"included": f"{self.terms.included.normalize():f}", "model": self.terms.model}

    def clean_source(self) -> str:
        """As it stands, or recorded by programs, where nothing is said."""
        return self.cleaned_data["source"] or self.instance.source

    def clean_unit(self) -> str:
        """What is read from servers is in GB."""
        return self.cleaned_data["unit"] if self.cleaned_data.get("source") == Metric.Source.TOLD else "GB"

    def clean(self):
        """What servers tell can be counted in some ways only."""
        data = super().clean() or self.cleaned_data
        why = Metric.cannot_count(data.get("source", ""), data.get("kind", ""))
        if why:
            self.add_error("kind", why)
        return data


class MetricForm(TermsForm):
    """With the prices a range a line."""

    prices = forms.CharField(
        label=_("Prices of one unit, net"),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        initial="0: ",
        max_length=4000,
        help_text=_(
            "A range a line: the quantity beyond what is included above which it holds, and its price in each currency, with up to eight "
            "decimals. For example 0: 0.05 EUR, 0.06 USD and below it 1000: 0.04 EUR, 0.05 USD. Behind a +, what the range itself "
            "costs each month: 0: 0.05 EUR + 2."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.terms:
            self.initial["prices"] = "\n".join(_line(tier) for tier in self.terms.tiers)

    def clean_prices(self) -> list[dict]:
        """As `MetricTerms.tiers`."""
        return tiers_of([_read(line.strip()) for line in self.cleaned_data["prices"].splitlines() if line.strip()])


def _line(tier: dict) -> str:
    fixed = {currency: f" + {amount}" for currency, amount in tier.get("fixed", {}).items()}
    prices = ", ".join(f"{amount} {currency}{fixed.get(currency, '')}" for currency, amount in sorted(tier["prices"].items()))
    return f"{tier['from']}: {prices}"


def _read(line: str) -> tuple[str, list[tuple[str, str, str]]]:
    found = _LINE.fullmatch(line)
    prices = [_PRICE.fullmatch(part.strip()) for part in found["prices"].split(",")] if found else [None]
    if not all(prices):
        raise forms.ValidationError(_now("Not understood: %(line)s. Write it like 0: 0.05 EUR, 0.06 USD.") % {"line": line[:80]})
    return found["begins"], [(price["currency"], price["amount"], price["fixed"] or "0") for price in prices]


def tiers_of(rows: list[tuple[str, list[tuple[str, str, str]]]]) -> list[dict]:
    """[(from, [(currency, price of a unit, amount of the range)])] as they are stored. ValidationError for what cannot be."""
    if len(rows) > MOST_TIERS:
        raise forms.ValidationError(_now("At most %(most)d lines.") % {"most": MOST_TIERS})
    found = []
    for begins, prices in rows:
        exact = {clean_currency(currency): f"{Decimal(amount).normalize():f}" for currency, amount, _fixed in prices}
        if len(exact) < len(prices):
            raise forms.ValidationError(_now("Each currency once in a range."))
        fixed = {clean_currency(currency): f"{Decimal(fixed).normalize():f}" for currency, _amount, fixed in prices if Decimal(fixed)}
        found.append({"from": f"{Decimal(begins).normalize():f}", "prices": exact} | ({"fixed": fixed} if fixed else {}))
    begins = [Decimal(row["from"]) for row in found]
    if begins and (begins[0] or any(later <= before for before, later in zip(begins, begins[1:], strict=False))):
        raise forms.ValidationError(_now("The ranges begin at 0, and each begins later than the one before."))
    return found
