"""Input about billable items."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms.invoice import MOST_OF_A_LINE
from billing.models import BillableItem
from clients.models import Client
from hostbill.core import clock
from hostbill.core.ui.fields import DayField


class BillableForm(forms.ModelForm):
    """What, how much, and when it is invoiced."""

    cases = {
        "first_on": ("action", (BillableItem.Action.DUE_DATE, BillableItem.Action.RECURRING)),
        **dict.fromkeys(("every", "every_unit", "times"), ("action", (BillableItem.Action.RECURRING,))),
    }

    class Meta:
        model = BillableItem
        fields = ("description", "worked_on", "unit_kind", "quantity", "unit_amount", "tax_class", "action", "first_on", "every",
                  "every_unit", "times")  # fmt: skip
        field_classes = {"worked_on": DayField, "first_on": DayField}
        widgets = {"action": forms.RadioSelect}
        help_texts = {
            "quantity": _("Hours may be parts: 1.5."),
            "first_on": _("Where it is invoiced on a day, or again and again from that day on."),
            "times": _("Empty: until you stop it."),
        }

    quantity = forms.DecimalField(
        label=_("Quantity"), initial=1, max_digits=10, decimal_places=4, min_value=Decimal("0.0001"),
        help_text=_("Hours may be parts: 1.5."),
    )  # fmt: skip
    unit_amount = forms.DecimalField(label=_("Price of one, net"), max_digits=14, decimal_places=4, min_value=Decimal(0))
    every = forms.IntegerField(label=_("Every"), initial=1, min_value=1, max_value=1000, required=False)
    times = forms.IntegerField(
        label=_("How many times"), min_value=1, max_value=1000, required=False, help_text=_("Empty: until you stop it.")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = BillableItem.Action.choices
        if self.instance.pk and self.instance.times_done:
            choices = [choice for choice in choices if choice[0] == self.instance.action]
        self.fields["action"].choices = choices
        for name in ("quantity", "unit_amount"):
            if self.instance.pk:
                value = self.instance.unit_price if name == "unit_amount" else self.instance.quantity.normalize()
                self.initial[name] = f"{value:f}"

    def clean(self):
        """Days belong to what has days; all of it fits into a line."""
        data = super().clean()
        action = data.get("action")
        if action in ("due_date", "recurring") and not data.get("first_on") and "first_on" not in self.errors:
            self.add_error("first_on", _("Say on which day."))
        is_new_day = data.get("first_on") != self.instance.first_on or not self.instance.pk
        if data.get("first_on") and is_new_day and abs((data["first_on"] - clock.today()).days) > 3660:
            self.add_error("first_on", _("This day is more than ten years away."))
        if (data.get("unit_amount") or 0) * (data.get("quantity") or 0) > MOST_OF_A_LINE:
            self.add_error("unit_amount", _("This is more than a line can hold."))
        data["every"] = data.get("every") or 1
        return data


class NewBillableForm(BillableForm):
    """With the client, whom the page has asked for before."""

    client = forms.ModelChoiceField(Client.objects.none(), widget=forms.HiddenInput)

    field_order = ("client",)

    def __init__(self, *args, clients, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["client"].queryset = clients
        self.fields["worked_on"].initial = clock.today()
