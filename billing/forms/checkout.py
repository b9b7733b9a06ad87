"""What checkout asks: who are you, how do you pay, do you agree."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from phonenumber_field.formfields import PhoneNumberField

from hostbill.core.models import ModuleConfig


class SignUpForm(forms.Form):
    """The account part, for visitors without a login."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("Receipts and access go here."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=128,
        help_text=_("At least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )
    first_name = forms.CharField(
        label=_("First name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    address1 = forms.CharField(
        label=_("Street and number"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "address-line1"})
    )
    postcode = forms.CharField(
        label=_("Postcode"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    city = forms.CharField(
        label=_("City"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    country = CountryField().formfield(label=_("Country"))
    phone = PhoneNumberField(
        label=_("Phone"),
        required=False,
        help_text=_("With country code, such as +49 461 555010."),
    )
    company = forms.CharField(
        label=_("Company"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    tax_id = forms.CharField(label=_("VAT number"), max_length=40, required=False, help_text=_("Only for firms."))

    def clean(self):
        """No control characters anywhere: they break documents and panels."""
        values = super().clean()
        for name, value in list(values.items()):
            if name != "password" and isinstance(value, str) and any(ord(letter) < 32 for letter in value):
                self.add_error(name, _("This holds a character that cannot be used here."))
        return values

    def client_fields(self) -> dict:
        """The part that makes the client account."""
        names = ("company", "first_name", "last_name", "address1", "postcode", "city", "tax_id")
        fields = {name: self.cleaned_data[name] for name in names}
        return fields | {"country": self.cleaned_data["country"], "phone": str(self.cleaned_data["phone"] or "")}


class PayForm(forms.Form):
    """How to pay, and the consent. Where nothing is to pay there is nothing to choose."""

    gateway = forms.ModelChoiceField(
        label=_("How you pay"), queryset=ModuleConfig.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    terms = forms.BooleanField(
        label=_("I accept the terms of service, and want my hosting to start now."),
        error_messages={"required": _("Please accept the terms to go on.")},
    )
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)
    expected_total = forms.DecimalField(max_digits=18, decimal_places=4, widget=forms.HiddenInput)

    def __init__(self, *args, needs_payment=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.gateways = ModuleConfig.objects.filter(kind="gateway", is_active=True).order_by("-is_default", "id")
        if not needs_payment:
            del self.fields["gateway"]
            return
        self.fields["gateway"].queryset = self.gateways
        if not self.is_bound:
            self.initial.setdefault("gateway", self.gateways.first())


class ClientChoiceForm(forms.Form):
    """For people with several client accounts: which one orders."""

    client = forms.ModelChoiceField(label=_("Order for"), queryset=None, empty_label=None)

    def __init__(self, clients, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["client"].queryset = clients
