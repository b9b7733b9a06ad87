"""Input about bundles: what the link offers and at which prices."""

from decimal import Decimal

from django import forms
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from billing.actions.bundle import Part
from billing.forms.chosen import OptionsForm
from billing.models import Bundle, Product
from billing.models.cycle import Cycle
from billing.queries.chosen import clean_choices
from hostbill.core.errors import AppError
from hostbill.core.money import exponent
from hostbill.core.ui.fields import MoneyField

MOST_PARTS = 20


class BundleForm(forms.ModelForm):
    """Its name and its link."""

    class Meta:
        model = Bundle
        fields = ("name", "slug", "tagline", "description", "sort", "is_hidden")
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        self.fields["slug"].help_text = _("The end of its link. Empty: made from the name.")

    def clean_slug(self):
        """From the name, when nobody chose one."""
        slug = self.cleaned_data["slug"] or slugify(self.cleaned_data.get("name", ""))[:80].strip("-")
        if not slug and self.cleaned_data.get("name"):
            raise forms.ValidationError(_("Give it an address part in Latin letters."))
        return slug


class PartForm(forms.Form):
    """One product of the bundle with its price in each currency. An empty product takes the row out."""

    product = forms.ModelChoiceField(label=_("Product"), queryset=Product.objects.none(), required=False, empty_label=_("None"))
    cycle = forms.ChoiceField(label=_("Paid"), choices=Cycle.choices, required=False, initial=Cycle.ANNUAL)
    quantity = forms.IntegerField(label=_("Quantity"), initial=1, min_value=1, max_value=1000, required=False)

    def __init__(self, *args, currencies: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.currencies = currencies
        self.options = self.initial.get("options", {})
        self.fields["product"].queryset = Product.objects.filter(is_retired=False).order_by("group__sort", "sort", "name")
        for currency in currencies:
            for part, words in (("amount", _("Price in %(c)s, net")), ("setup", _("Set-up fee in %(c)s, net"))):
                self.fields[f"{part}_{currency}"] = MoneyField(
                    currency=currency,
                    label=words % {"c": currency},
                    required=False,
                    min_value=Decimal(0),
                    max_digits=14,
                    decimal_places=4,
                )

    def clean(self):
        """A set-up fee needs a price; the product must be sold in that cycle, with the options as they are chosen."""
        data = super().clean()
        product, cycle = data.get("product"), data.get("cycle")
        if product and not product.prices.filter(cycle=cycle).exists():
            self.add_error("cycle", _("This product is not sold in that billing cycle."))
        for currency in self.currencies:
            if data.get(f"setup_{currency}") and data.get(f"amount_{currency}") is None:
                self.add_error(f"setup_{currency}", _("A set-up fee needs a price beside it."))
        if product and cycle and self.asked and self.asked.is_bound:
            self._take_options(product, cycle)
        return data

    def _take_options(self, product, cycle: str) -> None:
        try:
            self.options = clean_choices(product, self.asked.currency, cycle, self.asked.raw())
        except AppError as error:
            self.asked.refuse(error)
            self.add_error(None, _("Look at the options."))

    @cached_property
    def asked(self) -> OptionsForm | None:
        """The options of the product that is chosen, to be fixed; None while it has none. After another product was chosen they are
        asked anew."""
        product = self.fields["product"].queryset.filter(pk=_number(self["product"].value())).first()
        cycle = self["cycle"].value()
        sold = product and product.prices.filter(cycle=cycle).order_by("currency").values_list("currency", flat=True).first()
        if not sold:
            return None
        is_same = self.is_bound and self.data.get(self.shown_name) == str(product.pk)
        chosen = self.options if product.pk == self.initial.get("product") and self.options else None
        form = OptionsForm(
            self.data if is_same else None, product=product, currency=sold, cycle=cycle, chosen=chosen, prefix=f"{self.prefix}-opt"
        )
        return form if form.rows else None

    @property
    def shown_name(self) -> str:
        """Names the hidden field that tells whose options were on the page."""
        return f"{self.prefix}-opt-shown"

    def money_rows(self) -> list:
        """[(currency, [price, set-up fee])] for the template."""
        return [(currency, [self[f"amount_{currency}"], self[f"setup_{currency}"]]) for currency in self.currencies]

    def part(self) -> Part | None:
        """As the action takes it; None for an empty row."""
        data, prices = self.cleaned_data, {}
        if not data.get("product"):
            return None
        for currency in self.currencies:
            amount = data.get(f"amount_{currency}")
            if amount is not None:
                prices[currency] = (amount, data.get(f"setup_{currency}") or Decimal(0))
        is_same = data["product"].pk == self.initial.get("product") or (self.asked and self.asked.is_bound)
        return Part(data["product"], data["cycle"], data.get("quantity") or 1, self.options if is_same else {}, prices)


def _number(text) -> int | None:
    return int(text) if str(text or "").isascii() and str(text or "").isdigit() and len(str(text)) < 18 else None


def initial_of(item) -> dict:
    """A stored part as the form's first values."""
    found = {"product": item.product_id, "cycle": item.cycle, "quantity": item.quantity, "options": item.options}
    for price in item.prices.all():
        digits = exponent(price.currency)
        found[f"amount_{price.currency}"] = round(price.amount, digits)
        if price.setup_amount:
            found[f"setup_{price.currency}"] = round(price.setup_amount, digits)
    return found


PartFormSet = forms.formset_factory(PartForm, extra=1, max_num=MOST_PARTS, absolute_max=MOST_PARTS)
