"""The form of a product's options and addons, as the store, staff and clients fill it. What was chosen is checked by
`clean_choices`; here it is only asked."""

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _

from billing.models import Product, ProductOption
from billing.queries.catalogue import PER, Pricing
from billing.queries.chosen import Asked, asked, is_needed, is_shown, tolerant_choices
from billing.queries.price import price_for, prices_of
from hostbill.core.errors import AppError
from hostbill.core.money import Money
from hostbill.core.ui.words import money as money_words


class _Asking(forms.Form):
    """Asks and checks nothing by itself: it is drawn again with every choice, and nobody is done yet."""

    def full_clean(self):
        """No errors but those that are told."""
        self._errors, self.cleaned_data = ErrorDict(), {}


class OptionsForm(_Asking):
    """A field for each option that its rules show. `pricing`: whose prices are shown, with tax; without it they stand as they are
    stored."""

    def __init__(self, data=None, *, product: Product, currency: str, cycle: str, chosen=None, pricing=None, prefix=None):
        super().__init__(data, prefix=prefix)
        self.product, self.currency, self.cycle, self.pricing = product, currency, cycle, pricing
        price = price_for(product, currency, cycle, pricing.client) if pricing else None
        self.includes_tax = bool(price and price.includes_tax)
        self.rows = asked(product, currency, cycle)
        self.choices = tolerant_choices(product, currency, cycle, self.raw(chosen))
        options = {row.option.pk: row.option for row in self.rows}
        for row in self.rows:
            if is_shown(row.option, self.choices, options):
                self._add(row, is_needed(row.option, self.choices, options))

    def raw(self, chosen: dict | None = None) -> dict:
        """What was sent; before that what is chosen already, or what stands there at first."""
        if self.is_bound:
            return {str(row.option.pk): self.data.get(self.add_prefix(row.field)) for row in self.rows}
        return {str(row.option.pk): row.initial for row in self.rows} if chosen is None else chosen

    def _add(self, row: Asked, is_needed: bool) -> None:
        option = row.option
        common = {"label": option.name, "required": is_needed or bool(row.initial), "help_text": self._hint(row)}
        value = self.choices.get(str(option.pk))
        if option.kind == ProductOption.Kind.YES_NO:
            field = forms.BooleanField(**common, initial=bool(value))
        elif option.kind == ProductOption.Kind.QUANTITY:
            least = option.min_quantity if is_needed else 0
            field = forms.IntegerField(**common, initial=value or least, min_value=least, max_value=option.max_quantity)
            field.widget.attrs |= {"step": "any" if least % option.step else option.step, "inputmode": "numeric"}
        else:
            field = forms.ChoiceField(**common, choices=self._choices(row, is_needed), initial=value or row.initial or "")
            if option.kind == ProductOption.Kind.RADIO:
                field.widget = forms.RadioSelect(choices=field.choices)
        self.fields[row.field] = field

    def _choices(self, row: Asked, is_needed: bool) -> list:
        words = [(offer.choice.pk, f"{offer.choice.name} · {self._price(offer)}") for offer in row.offers]
        if row.initial or (is_needed and row.option.kind == ProductOption.Kind.RADIO):
            return words
        return [("", _("Please choose") if is_needed else _("None")), *words]

    def _hint(self, row: Asked) -> str:
        if row.option.is_list:
            return row.option.hint
        price = self._price(row.offers[0])
        if row.option.kind == ProductOption.Kind.QUANTITY:
            words = _("%(price)s for each %(unit)s") if row.option.unit else _("%(price)s for each")
            price = words % {"price": price, "unit": row.option.unit_of(1)}
        return " · ".join(part for part in (row.option.hint, price) if part)

    def _price(self, offer) -> str:
        """As people write it, with tax: "€4.76 a month, plus €5.95 once"."""
        pair = (offer.money, offer.setup)
        if self.pricing:
            pair = [self.pricing.with_tax(self.product, money, self.includes_tax) for money in pair]
        return price_words(*pair, self.cycle)

    def refuse(self, error: AppError) -> None:
        """What `clean_choices` said, beside the fields; what has none at the top."""
        for name, words in error.details.get("errors", {error.field: error.message}).items():
            self.add_error(name if name in self.fields else None, str(words))


class AddonsForm(_Asking):
    """The addons of a product: each left, or taken in a cycle; one that is paid in its parent's cycle is taken or not."""

    def __init__(self, data=None, *, addons, pricing: Pricing, currency: str, cycle: str, chosen=None, prefix=None):
        super().__init__(data, prefix=prefix)
        self.addons = {}
        for product in addons:
            found = prices_of(product, currency, pricing.client)
            if product.follows_parent:
                found = {cycle: found[cycle]} if cycle in found else {}
            if found:
                self.addons[product.pk] = product
                self.fields[f"addon_{product.pk}"] = self._field(product, found, pricing, (chosen or {}).get(product.pk, ""))

    def _field(self, product, found: dict, pricing: Pricing, initial: str):
        words = {}
        for key, price in found.items():
            pair = [pricing.with_tax(product, money, price.includes_tax) for money in (price.money, price.setup)]
            words[key] = price_words(*pair, key)
        if len(words) == 1:
            (key, price), = words.items()
            hint = " · ".join(part for part in (product.tagline, price) if part)
            widget = forms.CheckboxInput(attrs={"value": key})
            return forms.CharField(label=product.name, required=False, initial=initial, help_text=hint, widget=widget)
        choices = [("", _("None")), *words.items()]
        return forms.ChoiceField(label=product.name, required=False, choices=choices, initial=initial, help_text=product.tagline)

    def chosen(self) -> dict[int, str]:
        """{product id: cycle} of what was taken."""
        found = {pk: str(self.data.get(self.add_prefix(f"addon_{pk}")) or "") for pk in self.addons}
        return {pk: cycle for pk, cycle in found.items() if cycle}


def price_words(money: Money, setup: Money, cycle: str) -> str:
    """A price in words: "€4.76 a month, plus €5.95 once", "free"."""
    if money.is_zero and setup.is_zero:
        return _("free")
    per = _("%(price)s %(per)s") % {"price": money_words(money), "per": PER[cycle]}
    if setup.is_zero:
        return per
    once = _("%(fee)s once") % {"fee": money_words(setup)}
    return once if money.is_zero else _("%(price)s, plus %(once)s") % {"price": per, "once": once}
