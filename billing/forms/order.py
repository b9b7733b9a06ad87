"""Input about orders that staff place for a client."""

import uuid
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing import kinds
from billing.models import Product
from billing.models.cycle import Cycle
from hostbill.core.ui.fields import MoneyField, SearchSelect

BEGIN = [("payment", _("When the invoice is paid")), ("now", _("Now, paid or not"))]


class ProductChoiceForm(forms.Form):
    """What is sold in the client's currency, hidden products too."""

    product = forms.ModelChoiceField(label=_("Product"), queryset=Product.objects.none(), widget=SearchSelect)

    def __init__(self, *args, currency, **kwargs):
        super().__init__(*args, **kwargs)
        sold = Product.objects.filter(is_retired=False, prices__currency=currency).distinct()
        self.fields["product"].queryset = sold.select_related("group").order_by("group__sort", "sort", "name")


class OrderForm(forms.Form):
    """The rest: how often it is paid, at which price, when it begins, and what the client hears of it."""

    cycle = forms.ChoiceField(label=_("Paid"))
    quantity = forms.IntegerField(label=_("Quantity"), initial=1, min_value=1, max_value=1000)
    amount = MoneyField(label=_("Own price, net"), required=False, min_value=Decimal(0), max_digits=14, decimal_places=4)
    setup = MoneyField(label=_("Own set-up fee, net"), required=False, min_value=Decimal(0), max_digits=14, decimal_places=4)
    reason = forms.CharField(
        label=_("Why another price"), required=False, max_length=300, help_text=_("Kept with the order.")
    )
    begin = forms.ChoiceField(label=_("Set up"), choices=BEGIN, widget=forms.RadioSelect, initial="payment")
    invoice = forms.BooleanField(
        label=_("Write the invoice"),
        required=False,
        initial=True,
        help_text=_("Without one the first period is free of charge; the next is invoiced as usual."),
    )
    mail = forms.BooleanField(
        label=_("Mail the client about it"), required=False, initial=True, help_text=_("The invoice with its pay link.")
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, product, currency, may_price, **kwargs):
        super().__init__(*args, **kwargs)
        self.currency = currency
        prices = {price.cycle: price for price in product.prices.all() if price.currency == currency}
        self.fields["cycle"].choices = [(key, label) for key, label in Cycle.choices if key in prices]
        self.fields["key"].initial = uuid.uuid4
        for name in ("amount", "setup"):
            self.fields[name].currency = currency
            self.fields[name].help_text = _("Empty: as in the catalogue.")
        if not may_price:
            # Without an invoice the first period is given away, which is a price too.
            for name in ("amount", "setup", "reason", "invoice"):
                del self.fields[name]

    def own_price(self, product) -> tuple | None:
        """(price, set-up fee) when staff set one of them; the other is the catalogue's."""
        amount, setup = self.cleaned_data.get("amount"), self.cleaned_data.get("setup")
        if amount is None and setup is None:
            return None
        listed = product.price_for(self.currency, self.cleaned_data["cycle"])
        return (listed.amount if amount is None else amount, listed.setup_amount if setup is None else setup)


def answers_form(product, data=None):
    """What the product's kind asks about an order (for hosting the domain); None when it asks nothing."""
    order_form = kinds.get(product.kind).order_form
    return order_form(data) if order_form else None
