"""Input about metered use."""

from datetime import time
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from billing.models import Metric
from billing.queries.usage import changes_of_product
from hostbill.core import clock
from hostbill.core.ui.fields import DayField

NOON = time(12)


class UsageForm(forms.Form):
    """What staff enter by hand: more use, or with a minus a correction."""

    metric = forms.ModelChoiceField(Metric.objects.none(), label=_("Metric"))
    quantity = forms.DecimalField(
        label=_("Quantity"), max_digits=18, decimal_places=4, help_text=_("With a minus it is taken off what was recorded.")
    )
    happened_on = DayField(
        label=_("Day"), required=False, help_text=_("Empty: now. A day of a closed month counts in the month that is open.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False, help_text=_("A correction says why."))

    def __init__(self, *args, subscription, **kwargs):
        super().__init__(*args, **kwargs)
        products = {subscription.product_id, *(change.from_product_id for change in changes_of_product(subscription))}
        self.fields["metric"].queryset = Metric.objects.filter(product_id__in=products, ended_on=None)

    def clean_quantity(self):
        """Not nothing."""
        if self.cleaned_data["quantity"] == Decimal(0):
            raise forms.ValidationError(_now("Enter more or less than 0."))
        return self.cleaned_data["quantity"]

    def clean(self):
        """`occurred_at` is what the action takes."""
        data = super().clean()
        day = data.pop("happened_on", None)
        data["occurred_at"] = clock.start_of(day, NOON) if day and day != clock.today() else None
        if data.get("quantity", 0) < 0 and not data.get("reason", "").strip():
            self.add_error("reason", _now("Say why."))
        return data
