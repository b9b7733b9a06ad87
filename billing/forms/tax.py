"""Input about tax: rules, and clients who are charged none."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import TaxRate
from hostbill.core.ui.fields import DayField

UNTAXED = _("With this kind of tax nothing is charged: the percent is 0.")


class TaxRateForm(forms.ModelForm):
    """A rate from a day on, for a place, a kind of buyer and a step."""

    class Meta:
        model = TaxRate
        fields = (
            "name", "percent", "tax_class", "category", "reason", "country", "state", "postcode", "buyer", "seller_country", "step",
            "compound", "valid_from", "valid_until",
        )  # fmt: skip
        field_classes = {"valid_from": DayField, "valid_until": DayField}

    def clean_country(self):
        """Two letters or nothing."""
        return _two_letters(self.cleaned_data["country"])

    def clean_seller_country(self):
        """Two letters or nothing."""
        return _two_letters(self.cleaned_data["seller_country"])

    def clean_percent(self):
        """Between nothing and everything."""
        percent = self.cleaned_data["percent"]
        if not 0 <= percent <= 100:
            raise forms.ValidationError(_("Between 0 and 100."))
        return percent

    def clean_step(self):
        """Few taxes stand on one another."""
        step = self.cleaned_data["step"]
        if not 1 <= step <= 9:
            raise forms.ValidationError(_("Between 1 and 9."))
        return step

    def clean(self):
        """What belongs together."""
        values = super().clean()
        category = values.get("category")
        if category and category != "S":
            if values.get("percent"):
                self.add_error("percent", UNTAXED)
            if category != "Z" and not values.get("reason"):
                self.add_error("reason", _("Say why: it is printed on documents."))
        first, last = values.get("valid_from"), values.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("Not before the first day."))
        if (values.get("state") or values.get("postcode")) and not values.get("country"):
            self.add_error("country", _("A state or postcode needs its country."))
        if values.get("compound") and values.get("step") == 1:
            self.add_error("compound", _("The first step has no taxes before it."))
        return values


def _two_letters(text: str) -> str:
    country = text.strip().upper()
    if country and (len(country) != 2 or not country.isascii() or not country.isalpha()):
        raise forms.ValidationError(_("Two letters, such as DE."))
    return country


class ExemptionForm(forms.Form):
    """Charge a client no tax, and why."""

    is_exempt = forms.BooleanField(label=_("Charge no tax"), required=False)
    exempt_reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Printed on documents, for example: Diplomatic mission.")
    )
    exempt_until = DayField(label=_("Last day"), required=False, help_text=_("Empty: until you change it."))
