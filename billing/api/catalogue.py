"""The catalogue by API: products with terms and prices, options, bundles, each as one body."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from billing.actions.bundle import Part, save_bundle
from billing.actions.product import create_product, update_product
from billing.api.drafts import exact
from billing.forms.bundle import BundleForm
from billing.forms.price import clean_currency
from billing.forms.product import ProductForm, provisioning_form
from billing.forms.product_terms import ProductTermsForm
from billing.models import Bundle, Cycle, Product
from billing.queries.chosen import clean_choices
from billing.queries.price import usual_prices
from billing.views.staff.product import EDIT, plain_setup
from hostbill.core.api.inputs import ListField, RowsField
from hostbill.core.api.rows import RowsForm
from hostbill.core.crud import StaffEditView
from hostbill.core.errors import AppError
from hostbill.core.ui.fields import MoneyField

MOST_PRICES, MOST_PARTS = 400, 20


class PriceBody(forms.Form):
    """What it costs in one currency and cycle, net."""

    currency = forms.CharField(label=_("Currency"), max_length=3)
    cycle = forms.ChoiceField(label=_("Cycle"), choices=Cycle.choices)
    amount = MoneyField(label=_("Price"), min_value=Decimal(0), max_digits=14, decimal_places=4)
    setup = MoneyField(label=_("Set-up fee"), required=False, min_value=Decimal(0), max_digits=14, decimal_places=4)

    def __init__(self, data=None, **kwargs):
        super().__init__(data, **kwargs)
        for name in ("amount", "setup"):
            self.fields[name].currency = str((data or {}).get("currency") or "")[:3].upper()

    def clean_currency(self):
        """A code that exists."""
        return clean_currency(self.cleaned_data["currency"])


class ProductBody(RowsForm, ProductTermsForm, ProductForm):
    """All of a product. Prices that are sent are all that it has."""

    features = ListField(label=_("Features"), required=False, help_text=_("A list of lines on the plan card."))
    provisioning = forms.JSONField(label=_("Set-up"), required=False, help_text=_("What the product's kind asks, by name."))
    prices = RowsField(PriceBody, required=False, label=_("Prices"), help_text=_("One for each currency and cycle."))

    class Meta(ProductForm.Meta):
        """Both forms' columns."""

        fields = (*ProductForm.Meta.fields, *ProductTermsForm.Meta.fields)

    def __init__(self, data=None, files=None, *, instance=None, **kwargs):
        kind = (data or {}).get("kind") or (instance.kind if instance else None)
        super().__init__(data, files, instance=instance, kind=kind, **kwargs)
        product = self.instance
        if product.pk:
            self.initial["features"] = list(product.features)
            self.initial["provisioning"] = dict(product.provisioning)
        standing = usual_prices(product) if product.pk else {}
        self.initial["prices"] = [
            {"currency": currency, "cycle": cycle, "amount": exact(price.amount), "setup": exact(price.setup_amount)}
            for (currency, cycle), price in standing.items()
        ]

    def clean_features(self):
        """Lines of text."""
        rows = self.cleaned_data["features"] or []
        if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
            raise forms.ValidationError(_now("Send a list."))
        return [row.strip() for row in rows if row.strip()]

    def clean(self):
        """Each currency and cycle once; the set-up by the kind's own form."""
        data = super().clean() or self.cleaned_data
        rows = [row.cleaned_data for row in self.clean_rows("prices", PriceBody)]
        data["prices"] = {(row["currency"], row["cycle"]): (row["amount"], row["setup"] or Decimal(0)) for row in rows}
        if len(rows) > MOST_PRICES or len(data["prices"]) < len(rows):
            self.add_error("prices", _now("Each currency and cycle once."))
        if "kind" in data:
            data["provisioning"] = self._setup(data["kind"], data.get("provisioning") or {})
        return data

    def _setup(self, kind: str, sent) -> dict:
        empty = provisioning_form(kind)
        if not isinstance(sent, dict) or empty is None and sent:
            self.add_error("provisioning", _now("Send an object of what this kind asks."))
            return {}
        if empty is None:
            return {}
        if sent.keys() - empty.fields.keys():
            self.refuse("provisioning", [_now("There is no such field. There are: %(known)s.") % {"known": ", ".join(empty.fields)}])
        values = {name: sent.get(name, field.initial) for name, field in empty.fields.items()}
        form = provisioning_form(kind, {empty.add_prefix(name): value for name, value in values.items() if value is not None})
        for name, texts in form.errors.items():
            self.refuse(f"provisioning.{name}", texts)
        return plain_setup(form.cleaned_data)


class ProductByApi(StaffEditView):
    """Make or change one."""

    model, permission, form_class = Product, EDIT, ProductBody

    def get_queryset(self):
        """All; the permission guards them."""
        return Product.objects.prefetch_related("prices").select_related("group")

    def act(self, values):
        """All or nothing."""
        if self.current() is None:
            return create_product(**values, actor=self.request.actor)
        return update_product(Product.objects.get(pk=self.obj.pk), **values, actor=self.request.actor)


class PartBody(forms.Form):
    """One product of a bundle. Without prices in a currency it costs there what the catalogue says."""

    product = forms.ModelChoiceField(Product.objects.filter(is_retired=False), label=_("Product"))
    cycle = forms.ChoiceField(label=_("Paid"), choices=Cycle.choices)
    quantity = forms.IntegerField(label=_("Quantity"), initial=1, min_value=1, max_value=1000)
    options = forms.JSONField(label=_("Options"), required=False, help_text=_("By id of the option: id of the choice, number, or true."))
    prices = forms.JSONField(label=_("Prices"), required=False, help_text=_("By currency: {\"amount\": \"10.00\", \"setup\": \"0\"}."))

    def clean(self):
        """Sold in that cycle, with options that there are; `part` is what the action takes."""
        data = super().clean()
        product, cycle = data.get("product"), data.get("cycle")
        if not product or not cycle:
            return data
        sold = product.prices.filter(cycle=cycle).order_by("currency").values_list("currency", flat=True).first()
        if not sold:
            self.add_error("cycle", _now("This product is not sold in that billing cycle."))
            return data
        prices, options = self._prices(data.get("prices") or {}), data.get("options") or {}
        try:
            if not isinstance(options, dict):
                raise AppError(_now("Send an object."))
            chosen = clean_choices(product, sold, cycle, {str(key): value for key, value in options.items()})
        except AppError as error:
            self.add_error("options", str(error.message))
            return data
        data["part"] = Part(product, cycle, data["quantity"], chosen, prices)
        return data

    def _prices(self, sent) -> dict:
        found = {}
        for currency, row in sent.items() if isinstance(sent, dict) else [("?", None)]:
            form = PriceBody((row if isinstance(row, dict) else {}) | {"currency": currency, "cycle": Cycle.MONTHLY})
            if form.is_valid():
                found[form.cleaned_data["currency"]] = (form.cleaned_data["amount"], form.cleaned_data["setup"] or Decimal(0))
            for texts in form.errors.values():
                self.add_error("prices", texts)
        return found


class BundleBody(RowsForm, BundleForm):
    """A bundle with its parts: those that are sent are all of it."""

    parts = RowsField(PartBody, label=_("Products"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        items = self.instance.items.prefetch_related("prices") if self.instance.pk else []
        self.initial["parts"] = [_part(item) for item in items]

    def clean(self):
        """At most so many."""
        data = super().clean()
        data["parts"] = [row.cleaned_data["part"] for row in self.clean_rows("parts", PartBody)]
        if len(data["parts"]) > MOST_PARTS:
            self.add_error("parts", _now("At most %(most)d lines.") % {"most": MOST_PARTS})
        return data


def _part(item) -> dict:
    prices = {row.currency: {"amount": exact(row.amount), "setup": exact(row.setup_amount)} for row in item.prices.all()}
    return {"product": item.product_id, "cycle": item.cycle, "quantity": item.quantity, "options": item.options, "prices": prices}


class BundleByApi(StaffEditView):
    """Make or change one."""

    model, permission, form_class = Bundle, EDIT, BundleBody

    def get_queryset(self):
        """All; the permission guards them."""
        return Bundle.objects.all()

    def make_form(self, data=None, files=None):
        """Kept: its row has what was sent, and the action stores it."""
        self.form = super().make_form(data, files)
        return self.form

    def act(self, values):
        """All or nothing."""
        return save_bundle(self.form.instance, parts=values["parts"], actor=self.request.actor)
