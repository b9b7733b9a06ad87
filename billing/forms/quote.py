"""Input about quotes: whom it is for, its lines and terms; what those type who sign or decline it."""

from copy import copy
from decimal import Decimal

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from billing import kinds
from billing.actions.quote import Offered
from billing.forms.invoice import MOST_LINES, MOST_OF_A_LINE
from billing.models import Price, PriceList, Product, Quote, TaxClass
from billing.models.cycle import Cycle
from billing.queries.catalogue import Pricing
from billing.queries.price import prices_of
from hostbill.core import clock
from hostbill.core.errors import AppError
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.core.ui.fields import DayField, MoneyField, SearchSelect


def sold_with_tax(currency: str, client=None) -> bool:
    """Are prices written with tax for whom it is: is there a price list with tax in this currency for everybody or their group?"""
    group = client.group_id if client else None
    lists = PriceList.objects.filter(is_active=True, includes_tax=True, currency=currency)
    return lists.filter(Q(client_group=None) | Q(client_group=group)).exists()


def products_in(currency: str, client=None, *, includes_tax: bool = False) -> dict[tuple[str, str], tuple[Product, object]]:
    """{(product id, cycle): (product, price)}: what can be quoted in this currency, before tax or with it as the quote's prices are."""
    rows = Product.objects.filter(is_retired=False, prices__currency=currency).distinct()
    rows = rows.select_related("group").prefetch_related("prices__price_list").order_by("group__sort", "sort", "name")
    pricing = Pricing(currency, str(client.country or "") if client else "", client)
    return {
        (str(product.pk), cycle): (product, _alike(product, price, pricing, includes_tax))
        for product in rows
        for cycle, price in prices_of(product, currency, client).items()
    }


def _alike(product: Product, price: Price, pricing: Pricing, includes_tax: bool) -> Price:
    """The price without the tax that its list includes, or with the tax that it lacks; not stored."""
    if price.includes_tax == includes_tax:
        return price
    found, turned = copy(price), pricing.with_tax if includes_tax else pricing.net
    found.amount = turned(product, price.money, price.includes_tax).amount
    found.setup_amount = turned(product, price.setup, price.includes_tax).amount
    return found


def product_choices(sold: dict) -> list:
    """The same as grouped choices."""
    groups: dict[str, list] = {}
    for (pk, cycle), (product, price) in sold.items():
        words = f"{product.name} · {Cycle(cycle).label} · {price.money.amount}"
        groups.setdefault(product.group.name, []).append((f"{pk}:{cycle}", words))
    return [("", _("Written by hand")), *groups.items()]


class QuoteForm(forms.ModelForm):
    """Words and terms."""

    cases = {
        "deposit_value": ("deposit_kind", (Quote.Deposit.PERCENT, Quote.Deposit.AMOUNT)),
        "rest_days": ("rest_when", (Quote.Rest.DAYS,)),
    }

    class Meta:
        model = Quote
        fields = ("subject", "valid_until", "introduction", "notes", "includes_tax", "deposit_kind", "deposit_value", "rest_when",
                  "rest_days", "staff_notes")  # fmt: skip
        widgets = {
            "introduction": forms.Textarea(attrs={"rows": 3}),
            "notes": forms.Textarea(attrs={"rows": 2}),
            "staff_notes": forms.Textarea(attrs={"rows": 2}),
        }
        field_classes = {"valid_until": DayField}
        help_texts = {
            "introduction": _("Above the lines, in the mail too."),
            "deposit_value": _("Percent, or the amount with tax; counts only with a deposit."),
            "rest_days": _("Counts only where the rest comes after days."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["deposit_value"].required = self.fields["rest_days"].required = False
        has_deposit = bool(self.instance.deposit_kind)
        self.initial["deposit_value"] = f"{self.instance.deposit_value.normalize():f}" if has_deposit else None
        self.fields["introduction"].max_length = self.fields["notes"].max_length = 4000
        for name in ("introduction", "notes", "staff_notes"):
            self.fields[name].validators.append(forms.fields.validators.MaxLengthValidator(4000))

    def clean_valid_until(self):
        """Not before today."""
        if self.cleaned_data["valid_until"] < clock.today():
            raise forms.ValidationError(_("This day has passed."))
        return self.cleaned_data["valid_until"]

    def clean(self):
        """A deposit has a size."""
        data = super().clean()
        value = data.get("deposit_value") or Decimal(0)
        kind = data.get("deposit_kind")
        if kind and "deposit_value" not in self.errors and (value <= 0 or kind == Quote.Deposit.PERCENT and value >= 100):
            words = _("More than 0 and less than 100 percent.") if kind == Quote.Deposit.PERCENT else _("Enter an amount.")
            self.add_error("deposit_value", words)
        data["deposit_value"] = value if kind else Decimal(0)
        data["rest_days"] = 30 if data.get("rest_days") is None else data["rest_days"]
        return data


class ProspectForm(forms.ModelForm):
    """Somebody who is no client yet."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    currency = forms.ChoiceField(label=_("Currency"))

    class Meta:
        model = Quote
        fields = ("company", "first_name", "last_name", "email", "phone", "address1", "address2", "postcode", "city", "region",
                  "country", "tax_id", "language", "currency")  # fmt: skip

    def __init__(self, *args, currencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.fields["currency"].choices = [(code, code) for code in currencies]
        self.fields["currency"].initial = COMPANY_CURRENCY.value

    def clean(self):
        """A company or a person."""
        data = super().clean()
        if not any(data.get(name) for name in ("company", "first_name", "last_name")):
            self.add_error("last_name", _("Please give a company or a name."))
        return data


class QuoteLineForm(forms.Form):
    """One line: a product in a cycle, or words; an empty one is left out. What is empty beside a product is the catalogue's."""

    product = forms.ChoiceField(label=_("Product"), required=False, widget=SearchSelect)
    description = forms.CharField(label=_("Description"), required=False, max_length=500)
    quantity = forms.DecimalField(
        label=_("Quantity"), initial=1, max_digits=10, decimal_places=4, min_value=Decimal("0.0001")
    )
    unit_amount = forms.DecimalField(label=_("Price, net"), required=False, max_digits=14, decimal_places=4)
    setup_amount = MoneyField(label=_("Set-up fee, net"), required=False, min_value=Decimal(0), max_digits=14, decimal_places=4)
    discount_percent = forms.DecimalField(
        label=_("Discount in percent"), required=False, max_digits=7, decimal_places=4, min_value=Decimal(0), max_value=Decimal(100)
    )
    tax_class = forms.ChoiceField(label=_("Tax"), choices=TaxClass.choices, initial=TaxClass.STANDARD)

    def __init__(self, *args, sold: dict, currency: str, includes_tax: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.sold = sold
        if includes_tax:
            self.fields["unit_amount"].label = _("Price, with tax")
            self.fields["setup_amount"].label = _("Set-up fee, with tax")
        self.fields["product"].choices = product_choices(sold)
        self.fields["setup_amount"].currency = currency
        for name, field in self.fields.items():
            is_number = name not in ("product", "description", "tax_class")
            field.widget.attrs["class"] = "input input-s input-num" if is_number else "input input-s"
            field.widget.attrs["aria-label"] = field.label
        found = self.chosen
        if found:
            self.fields["unit_amount"].widget.attrs["placeholder"] = str(found[1].money.amount)
            self.fields["setup_amount"].widget.attrs["placeholder"] = str(found[1].setup.amount)
            self.fields["description"].widget.attrs["placeholder"] = found[0].name

    @property
    def chosen(self) -> tuple | None:
        """(product, price) as far as one is chosen."""
        given = self.data.get(self.add_prefix("product")) if self.is_bound else self.initial.get("product")
        pk, _colon, cycle = str(given or "").partition(":")
        return self.sold.get((pk, cycle))

    def clean(self):
        """Words and price belong together."""
        data = super().clean()
        if self.is_filled and not data.get("product"):
            if data.get("unit_amount") is None and "unit_amount" not in self.errors:
                self.add_error("unit_amount", _("Enter a price."))
            if not data.get("description"):
                self.add_error("description", _("Say what this is for."))
        if abs((data.get("unit_amount") or 0) * (data.get("quantity") or 0)) > MOST_OF_A_LINE:
            self.add_error("unit_amount", _("This is more than a line can hold."))
        return data

    @property
    def is_filled(self) -> bool:
        """Whether it says anything."""
        return any(self.cleaned_data.get(name) not in (None, "") for name in ("product", "description", "unit_amount"))

    def offered(self) -> Offered:
        """As the action takes it."""
        data = self.cleaned_data
        product, price = self.chosen or (None, None)
        unit = data.get("unit_amount")
        setup = data.get("setup_amount")
        words = data.get("description") or product.name
        common = {"quantity": data["quantity"], "discount_percent": data.get("discount_percent") or Decimal(0)}
        if product is None:
            return Offered(words, unit, tax_class=data["tax_class"], **common)
        return Offered(
            words,
            price.amount if unit is None else unit,
            tax_class=product.tax_class,
            product=product,
            cycle=price.cycle,
            setup_amount=price.setup_amount if setup is None else setup,
            **common,
        )

    def refuse(self, error: AppError) -> None:
        """What the action said, beside its field."""
        self.add_error(error.field if error.field in self.fields else "product", str(error.message))


class _QuoteLines(forms.BaseFormSet):
    """At least one line says something."""

    def clean(self):
        """Refuse a quote about nothing."""
        if not any(self.errors) and not self.filled:
            raise forms.ValidationError(_("Enter at least one line."))

    @property
    def filled(self) -> list[QuoteLineForm]:
        """The lines that say something."""
        return [form for form in self.forms if hasattr(form, "cleaned_data") and form.is_filled]


QuoteLineFormSet = forms.formset_factory(
    QuoteLineForm, formset=_QuoteLines, extra=1, max_num=MOST_LINES, absolute_max=MOST_LINES
)


class SignForm(forms.Form):
    """A typed name as the signature, with the answers to what products ask that nobody has answered yet."""

    name = forms.CharField(label=_("Your full name"), min_length=2, max_length=200)
    agree = forms.BooleanField(label=_("I agree"), error_messages={"required": _("Please agree to go on.")})

    def __init__(self, *args, quote: Quote, agreement: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.quote = quote
        self.fields["agree"].label = agreement

    @cached_property
    def asks(self) -> list[tuple]:
        """(line, form) for each product with questions."""
        lines = [] if self.quote.converted_at else self.quote.lines.select_related("product")
        found = []
        for line in lines:
            form_class = kinds.get(line.product.kind).order_form if line.product_id and not line.answers else None
            if form_class:
                found.append((line, form_class(self.data if self.is_bound else None, prefix=f"line-{line.pk}")))
        return found

    def clean(self):
        """With `answers`: {line id: answers}, which the kinds of the products have looked at too."""
        data = super().clean()
        answered = [self._is_answered(line, form) for line, form in self.asks]
        if not all(answered):
            raise forms.ValidationError(_("Please answer what is asked below."))
        return data | {"answers": {line.pk: line.answers for line, _form in self.asks}}

    def _is_answered(self, line, form) -> bool:
        if not form.is_valid():
            return False
        try:
            line.answers = kinds.clean_answers(line.product, form.cleaned_data)
        except AppError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
            return False
        return True


class DeclineForm(forms.Form):
    """No, and why."""

    reason = forms.CharField(
        label=_("Why not?"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Helps us to offer something better."),
    )  # fmt: skip


class StaffSignForm(SignForm):
    """A client said yes otherwise: by phone, by letter."""

    told = forms.CharField(
        label=_("How do we know?"), max_length=500, help_text=_("For example: signed letter of 3 May, in the file. Kept as evidence.")
    )
    field_order = ("name", "told")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the one who said yes")
        del self.fields["agree"]


class ResumeForm(forms.Form):
    """Until when it holds."""

    valid_until = DayField(label=_("Valid until"))


class WhyForm(forms.Form):
    """A reason that may be missing."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=300, help_text=_("Kept in the history."))


class NoteForm(forms.Form):
    """The reason that is asked for."""

    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Kept in the history."))
