"""Input about the catalogue: a product with the answers of its kind, and all its prices in one grid."""

from decimal import Decimal

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from billing import kinds
from billing.forms.currencies import currencies_in_use
from billing.models import Product, ProductGroup
from billing.models.cycle import Cycle
from billing.queries.price import usual_prices
from hostbill.core.errors import AppError
from hostbill.core.money import exponent
from hostbill.core.ui.currencies import folded
from hostbill.core.ui.fields import MoneyField, MoneyInput

#: Currencies side by side in one table of prices.
MOST_BESIDE = 4


class ProductForm(forms.ModelForm):
    """What the store shows. Features are typed one a line."""

    features = forms.CharField(
        label=_("Features"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One line each on the plan card."),
    )
    kind = forms.ChoiceField(label=_("Kind"))

    class Meta:
        model = Product
        fields = ("name", "slug", "group", "kind", "tagline", "features", "description", "faq", "setup_on", "tax_class", "stock", "sort",
                  "is_featured", "is_hidden", "is_retired")  # fmt: skip
        widgets = {"description": forms.Textarea(attrs={"rows": 3}), "faq": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds.choices()
        if self.instance.pk:
            self.initial["features"] = "\n".join(self.instance.features)
            return
        self.fields["slug"].required = False
        self.fields["slug"].help_text = _("Empty: made from the name.")
        if not ProductGroup.objects.exists():
            self._ask_for_the_first_group()

    def _ask_for_the_first_group(self):
        """In an empty shop there is none to choose: its name is asked instead."""
        words = _("Your first group: the plans in it stand side by side in the shop. More can be made later.")
        field = forms.CharField(label=_("Group"), max_length=80, initial=_("Web hosting"), help_text=words)
        parts = {("first_group" if name == "group" else name): part for name, part in self.fields.items()}
        self.fields = {**parts, "first_group": field}

    def clean_slug(self):
        """From the name, when nobody chose one."""
        slug = self.cleaned_data["slug"] or slugify(self.cleaned_data.get("name", ""))[:80].strip("-")
        if not slug and self.cleaned_data.get("name"):
            raise forms.ValidationError(_("Give it an address part in Latin letters."))
        return slug

    def clean_features(self):
        """A list of lines."""
        return [line.strip() for line in self.cleaned_data["features"].splitlines() if line.strip()]


def provisioning_form(kind: str, data=None, initial=None):
    """The form by which the product's kind asks what it needs; None when it asks nothing."""
    try:
        found = kinds.get(kind)
    except AppError:
        return None
    return found.product_form(data, initial=initial, prefix="setup") if found.product_form else None


class ProductGroupForm(forms.ModelForm):
    """A shelf."""

    class Meta:
        model = ProductGroup
        fields = ("name", "slug", "tagline", "sort", "is_hidden")


class PriceGrid(forms.Form):
    """Rows are cycles, columns are currencies; each cell has a price and a set-up fee. An empty price: not sold so."""

    def __init__(self, *args, product=None, **kwargs):
        super().__init__(*args, **kwargs)
        standing = usual_prices(product) if product else {}
        self.currencies = self._currencies()
        for currency in self.currencies:
            for cycle in Cycle.values:
                self._add(currency, cycle, standing.get((currency, cycle)))

    @property
    def asked(self) -> list[str]:
        """One more currency that was asked for, if any."""
        code = (self.data.get("add_currency") or self.initial.get("add_currency") or "").strip().upper()
        return [code] if len(code) == 3 and code.isascii() and code.isalpha() else []

    def _currencies(self) -> list[str]:
        """Ours, those in use, and one more that was asked for."""
        return list(dict.fromkeys([*currencies_in_use(), *self.asked]))

    def _add(self, currency: str, cycle: str, price) -> None:
        label = {"currency": currency, "cycle": Cycle(cycle).label}
        digits = exponent(currency)
        for kind, words in (
            ("amount", _("%(cycle)s in %(currency)s: price")),
            ("setup", _("%(cycle)s in %(currency)s: set-up fee")),
        ):
            value = None
            if price:
                value = price.amount if kind == "amount" else price.setup_amount
            self.fields[f"{kind}_{currency}_{cycle}"] = MoneyField(
                currency=currency,
                label=words % label,
                required=False,
                min_value=Decimal(0),
                max_digits=14,
                decimal_places=4,
                initial=round(value, digits) if value or (value is not None and kind == "amount") else None,
                widget=MoneyInput({"class": "input input-s input-num", "aria-label": words % label}),
            )

    def clean(self):
        """A set-up fee needs a price."""
        data = super().clean()
        for currency in self.currencies:
            for cycle in Cycle.values:
                if data.get(f"setup_{currency}_{cycle}") and data.get(f"amount_{currency}_{cycle}") is None:
                    self.add_error(f"setup_{currency}_{cycle}", _("A set-up fee needs a price beside it."))
        return data

    def prices(self) -> dict:
        """{(currency, cycle): (amount, set-up fee)} of the filled cells."""
        found = {}
        for currency in self.currencies:
            for cycle in Cycle.values:
                amount = self.cleaned_data.get(f"amount_{currency}_{cycle}")
                if amount is not None:
                    found[currency, cycle] = (amount, self.cleaned_data.get(f"setup_{currency}_{cycle}") or Decimal(0))
        return found

    def with_prices_of(self, other):
        """The form's data with every cell as the other product has it."""
        data = self.data.copy()
        standing = usual_prices(other)
        for currency in self.currencies:
            for cycle in Cycle.values:
                price = standing.get((currency, cycle))
                digits = exponent(currency)
                data[f"amount_{currency}_{cycle}"] = f"{price.amount:.{digits}f}" if price else ""
                data[f"setup_{currency}_{cycle}"] = f"{price.setup_amount:.{digits}f}" if price and price.setup_amount else ""
        return data

    def tables(self) -> list[dict]:
        """The grid in pieces that fit the page: those in use, and those that are folded."""
        found = []
        for is_folded, part in enumerate(folded(self.currencies, self._fields_of, self.asked)):
            pieces = [part[place : place + MOST_BESIDE] for place in range(0, len(part), MOST_BESIDE)]
            found += [{"currencies": piece, "rows": self._rows(piece), "is_folded": is_folded} for piece in pieces]
        return found

    def _fields_of(self, currency: str) -> list:
        return [self[f"{part}_{currency}_{cycle}"] for cycle in Cycle.values for part in ("amount", "setup")]

    def _rows(self, currencies) -> list:
        """(cycle's name, [(currency, price field, set-up field)])."""
        return [
            (Cycle(cycle).label, [(c, self[f"amount_{c}_{cycle}"], self[f"setup_{c}_{cycle}"]) for c in currencies])
            for cycle in Cycle.values
        ]


class CopyPricesForm(forms.Form):
    """Whose prices are taken over."""

    copy_from = forms.ModelChoiceField(label=_("Copy the prices of"), queryset=Product.objects.all(), required=False)

    def __init__(self, *args, product=None, **kwargs):
        super().__init__(*args, **kwargs)
        others = Product.objects.filter(prices__isnull=False).exclude(pk=product.pk if product else None).distinct()
        self.fields["copy_from"].queryset = others.order_by("group__sort", "sort", "name")
        self.fields["copy_from"].widget.attrs["class"] = "input input-s"


class DuplicateForm(forms.Form):
    """What the copy is called."""

    name = forms.CharField(label=_("Name of the copy"), max_length=80)
