"""Input about orders that staff place for a client."""

import uuid
from decimal import Decimal

from django import forms
from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from billing import kinds
from billing.actions.staff_order import Ordered
from billing.forms.chosen import OptionsForm
from billing.forms.invoice import MOST_LINES
from billing.models import DiscountKind, Price, Product
from billing.models.cycle import Cycle
from billing.queries.catalogue import Pricing
from billing.queries.chosen import WITH_OPTIONS
from billing.queries.discount import Granted
from billing.queries.price import prices_of
from hostbill.core.compiled import Compiled, array, attach, attach_none, keys_in
from hostbill.core.errors import AppError
from hostbill.core.ui.fields import MoneyField, SearchSelect

PAID, NOW = ("payment", _("When the invoice is paid")), ("now", _("Now, paid or not"))
ISSUE = ("issue", _("Write it and issue it now"))
DRAFT = ("draft", _("Leave it as a draft, to be looked at and issued by hand"))
NONE = ("none", _("None: the first period is free of charge, the next is invoiced as usual"))


_SOLD = Compiled(
    lambda currency, keys: Product.objects.filter(is_retired=False, prices__currency=currency, pk__in=keys_in(keys))
    .annotate(
        has_options=Exists(Product.option_groups.through.objects.filter(product=OuterRef("pk"))),
        has_parents=Exists(Product.parents.through.objects.filter(from_product=OuterRef("pk"))),
    )
    .select_related("group")
    .distinct(),
    currency=str,
    keys=str,
)
_PRICES = Compiled(lambda keys: Price.objects.filter(product__in=keys_in(keys)).select_related("price_list"), keys=str)


def sold_in(currency: str) -> dict[str, Product]:
    """What is sold in this currency, hidden products too, by id as forms send it."""
    rows = Product.objects.filter(is_retired=False, prices__currency=currency).distinct()
    rows = rows.select_related("group").prefetch_related("prices", WITH_OPTIONS).order_by("group__sort", "sort", "name")
    return {str(product.pk): product for product in rows}


def sold_of(currency: str, ids) -> dict[str, Product]:
    """Of these ids the products that are sold in this currency; as programs ask for a few of them, in no order."""
    rows = _SOLD(currency=currency, keys=array(ids))
    attach(rows, prices=_PRICES)
    for product in rows:
        attach_none(product, *(["parents"] if not product.has_parents else []), *(["option_groups"] if not product.has_options else []))
    prefetch_related_objects(rows, "parents", WITH_OPTIONS)
    return {str(product.pk): product for product in rows}


class OrderLineForm(forms.Form):
    """One product: how often it is paid, at which price, and what its kind asks."""

    #: Whether people look at it.
    is_screen = True

    product = forms.ChoiceField(label=_("Product"), widget=SearchSelect)
    cycle = forms.ChoiceField(label=_("Paid"))
    quantity = forms.IntegerField(label=_("Quantity"), initial=1, min_value=1, max_value=1000)
    amount = MoneyField(label=_("Own price, net"), required=False, min_value=Decimal(0), max_digits=14, decimal_places=4)
    setup = MoneyField(label=_("Own set-up fee, net"), required=False, min_value=Decimal(0), max_digits=14, decimal_places=4)

    def __init__(self, *args, sold: dict, currency: str, may_price: bool, client=None, lenient: bool = False, **kwargs):
        """`lenient`: somebody is still typing, so a cycle left from another product gives way to the chosen one's first."""
        super().__init__(*args, **kwargs)
        self.empty_permitted = False
        self.currency = currency
        self.fields["product"].choices = [("", _("Choose a product")), *_by_group(sold.values())]
        given = self.data.get(self.add_prefix("product")) if self.is_bound else self.initial.get("product")
        self.chosen = sold.get(str(given or ""))
        self.prices = prices_of(self.chosen, currency, client) if self.chosen else {}
        self.pricing = Pricing(currency, str(client.country or "") if client else "", client)
        self.fields["cycle"].choices = [(key, label) for key, label in Cycle.choices if key in self.prices]
        if lenient and self.prices:
            self._fill_up()
        if not may_price:
            del self.fields["amount"], self.fields["setup"]
        for name in {"amount", "setup"} & set(self.fields):
            self.fields[name].currency = currency
            if self.is_screen:
                self.fields[name].widget.attrs["placeholder"] = self._listed(name)

    def _fill_up(self) -> None:
        """What was not asked before the product was chosen, and what the product chosen before left behind."""
        cycle, quantity = self.add_prefix("cycle"), self.add_prefix("quantity")
        self.data = self.data.copy()
        self.data.setdefault(quantity, "1")
        if self.data.get(cycle) not in self.prices:
            self.data[cycle] = self.fields["cycle"].choices[0][0]

    def _listed(self, name: str) -> str:
        """The catalogue's figure, shown where another may be typed."""
        cycle = self.data.get(self.add_prefix("cycle")) if self.is_bound else None
        price = self.prices.get(cycle) or next(iter(self.prices.values()), None)
        if price is None:
            return ""
        return self.fields[name].prepare_value(self._net(price)[name == "setup"])

    def _net(self, price) -> tuple:
        """The catalogue's price and set-up fee before tax."""
        return tuple(self.pricing.net(self.chosen, money, price.includes_tax).amount for money in (price.money, price.setup))

    @cached_property
    def answers(self):
        """What the product's kind asks about an order (for hosting the domain); None when it asks nothing."""
        return answers_form(self.chosen, self.data if self.is_bound else None, f"{self.prefix}-ask") if self.chosen else None

    @cached_property
    def options(self) -> OptionsForm | None:
        """The product's configurable options, as they can be chosen in the cycle; None when there are none."""
        if self.chosen is None or not self.prices:
            return None
        cycle = self.data.get(self.add_prefix("cycle")) if self.is_bound else None
        cycle = cycle if cycle in self.prices else next(iter(self.prices))
        data = self.data if self.is_bound and f"{self.prefix}-opt-shown" in self.data else None
        form = OptionsForm(data, product=self.chosen, currency=self.currency, cycle=cycle, prefix=f"{self.prefix}-opt")
        return form if form.rows else None

    def is_whole(self) -> bool:
        """Valid with its answers."""
        return all([self.is_valid(), self.answers is None or self.answers.is_valid()])

    def own_price(self) -> tuple | None:
        """(price, set-up fee) when staff set one of them; the other is the catalogue's."""
        amount, setup = self.cleaned_data.get("amount"), self.cleaned_data.get("setup")
        if amount is None and setup is None:
            return None
        listed = self._net(self.prices[self.cleaned_data["cycle"]])
        return (listed[0] if amount is None else amount, listed[1] if setup is None else setup)

    def ordered(self) -> Ordered:
        """As the action takes it. The answers may be missing while only the total is asked for."""
        data, ask = self.cleaned_data, self.answers
        answers = ask.cleaned_data if ask and ask.is_valid() else {}
        asked = self.options
        chosen = {"options": asked.raw(), "choices": asked.choices} if asked else {}
        return Ordered(self.chosen, data["cycle"], data["quantity"], answers, self.own_price(), **chosen)

    def hush(self) -> None:
        """While somebody is still typing, what is not there yet is not complained about."""
        for form in filter(None, (self, self.answers)):
            for name, errors in list(form.errors.items()):
                if {error.code for error in errors.as_data()} <= {"required"}:
                    del form.errors[name]

    def refuse(self, error: AppError) -> None:
        """What the action said, beside its field."""
        if error.code == "invalid_options" and self.options:
            self.options.refuse(error)
            return
        fits = self.answers if self.answers and error.field in self.answers.fields else self
        fits.add_error(error.field if error.field in fits.fields else None, str(error.message))


def _by_group(products) -> list:
    """Choices under the names of their groups."""
    groups: dict[str, list] = {}
    for product in products:
        groups.setdefault(product.group.name, []).append((product.pk, product.name))
    return list(groups.items())


OrderLineFormSet = forms.formset_factory(OrderLineForm, extra=1, max_num=MOST_LINES, absolute_max=MOST_LINES)


class OrderForm(forms.Form):
    """The rest: why at another price, when it begins, how it is invoiced and what the client hears of it."""

    reason = forms.CharField(
        label=_("Why another price or a discount"), required=False, max_length=300, help_text=_("Kept with the order.")
    )
    code = forms.CharField(label=_("Promotion code"), required=False, max_length=60)
    discount_kind = forms.ChoiceField(
        label=_("Discount"),
        required=False,
        choices=[("", _("None")), (DiscountKind.PERCENT, _("Percent off")), (DiscountKind.FIXED, _("Amount off the order"))],
    )
    discount_value = forms.DecimalField(
        label=_("How much"), required=False, min_value=Decimal(0), max_digits=12, decimal_places=4
    )
    discount_periods = forms.IntegerField(
        label=_("Billing periods"), required=False, min_value=1, max_value=1000, initial=1, help_text=_("Empty: for ever.")
    )
    begin = forms.ChoiceField(label=_("Set up"), choices=[PAID, NOW], widget=forms.RadioSelect, initial="payment")
    invoice = forms.ChoiceField(label=_("Invoice"), choices=[ISSUE, DRAFT, NONE], widget=forms.RadioSelect, initial="issue")
    mail = forms.BooleanField(
        label=_("Mail the client about it"), required=False, initial=True, help_text=_("The invoice with its pay link.")
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4
        # Without an invoice the first period is given away, which is a price too.
        may_price = actor.may("billing.order.price")
        drafts = [DRAFT] if actor.may("billing.invoice.create") else []
        self.fields["invoice"].choices = [ISSUE, *drafts, *([NONE] if may_price else [])]
        if len(self.fields["invoice"].choices) == 1:
            del self.fields["invoice"]
        if not actor.may("billing.order.begin"):
            del self.fields["begin"]
        may_discount = actor.may("billing.subscription.discount")
        if not may_price and not may_discount:
            del self.fields["reason"]
        if not may_discount:
            del self.fields["discount_kind"], self.fields["discount_value"], self.fields["discount_periods"]

    def clean(self):
        """A discount has a figure."""
        data = super().clean()
        if data.get("discount_kind") and not data.get("discount_value"):
            self.add_error("discount_value", _("Say how much."))
        return data

    def discount(self) -> Granted | None:
        """What is taken off, of a form that is valid."""
        data = self.cleaned_data
        if not data.get("discount_kind") or not data.get("discount_value"):
            return None
        return Granted(data["discount_kind"], data["discount_value"], data.get("discount_periods"))

    def codes(self) -> tuple:
        """Promotions' codes."""
        return tuple(part for part in [self.cleaned_data.get("code", "").strip()] if part)


def answers_form(product, data=None, prefix=None):
    """The questions of the product's kind, in the words for staff; None when there are none."""
    order_form = kinds.get(product.kind).order_form
    if order_form is None:
        return None
    form = order_form(data, prefix=prefix)
    for name, label in getattr(form, "staff_labels", {}).items():
        form.fields[name].label, form.fields[name].help_text = label, ""
    return form
