"""Promotions by API: amounts as a list, one for each currency."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms.price import clean_currency
from billing.forms.promotion import PromotionForm
from billing.models import DiscountKind
from billing.views.staff.promotion import PromotionEdit
from hostbill.core.api.inputs import RowsField
from hostbill.core.api.rows import RowsForm
from hostbill.core.ui.fields import MoneyField


class AmountBody(forms.Form):
    """What a code gives in one currency, and from which spend on."""

    currency = forms.CharField(label=_("Currency"), max_length=3)
    value = MoneyField(label=_("Amount off, or price"), required=False, min_value=Decimal(0), max_digits=14, decimal_places=4)
    minimum = MoneyField(label=_("Minimum spend"), required=False, min_value=Decimal(0), max_digits=14, decimal_places=4)

    def __init__(self, data=None, **kwargs):
        super().__init__(data, **kwargs)
        for name in ("value", "minimum"):
            self.fields[name].currency = str((data or {}).get("currency") or "")[:3].upper()

    def clean_currency(self):
        """A code that exists."""
        return clean_currency(self.cleaned_data["currency"])


class PromotionBody(RowsForm, PromotionForm):
    """A code with its amounts."""

    amounts = RowsField(AmountBody, required=False, label=_("Amounts"), help_text=_("One for each currency."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in [name for name in self.fields if name.startswith(("value_", "minimum_"))]:
            del self.fields[name]
        self.currencies = []
        standing = self.instance.amounts.all() if self.instance.pk else []
        self.initial["amounts"] = [
            {"currency": row.currency, "value": _text(row.value_amount), "minimum": _text(row.minimum_amount)} for row in standing
        ]

    def clean(self):
        """Each currency once."""
        rows = [row.cleaned_data for row in self.clean_rows("amounts", AmountBody)]
        data = super().clean()
        counts = data.get("kind") in (DiscountKind.FIXED, DiscountKind.OVERRIDE)
        data["amounts"] = {row["currency"]: (row["value"] if counts else None, row["minimum"] or Decimal(0)) for row in rows}
        if len(data["amounts"]) < len(rows):
            self.add_error("amounts", _("Each currency once."))
        return data


def _text(value) -> str | None:
    return None if value is None else f"{value.normalize():f}"


class PromotionByApi(PromotionEdit):
    """Make or change one."""

    form_class = PromotionBody
