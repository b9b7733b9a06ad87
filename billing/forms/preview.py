"""The question to the time machine."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.actions.preview_changes import TRIED
from billing.models import Preview, Product
from clients.models import Client
from hostbill.core import clock, options
from hostbill.core.models import Rule
from hostbill.core.ui.fields import DayField, SearchSelect


class PreviewForm(forms.Form):
    """Until when, for whom, and what might be otherwise: one setting, one rule and one product at a time."""

    until = DayField(label=_("Until"))
    client = forms.ModelChoiceField(
        Client.objects.none(), label=_("Client"), required=False, empty_label=_("All"), widget=SearchSelect
    )
    cards = forms.ChoiceField(label=_("Saved cards"), choices=Preview.Cards, initial=Preview.Cards.PAY)
    option = forms.ChoiceField(label=_("Setting to try"), required=False, widget=SearchSelect)
    value = forms.CharField(label=_("Its value"), required=False, max_length=200)
    rule = forms.ModelChoiceField(Rule.objects.none(), label=_("Rule to try"), required=False, empty_label="—")
    days = forms.IntegerField(
        label=_("Its days"), required=False, min_value=-365, max_value=3650, help_text=_("Empty: the rule is off.")
    )
    product = forms.ModelChoiceField(
        Product.objects.none(), label=_("Product whose price to try"), required=False, empty_label="—"
    )
    percent = forms.CharField(
        label=_("Its change in percent"),
        required=False,
        max_length=12,
        help_text=_("Such as 10 or -5.5, from the next period on."),
    )

    def __init__(self, *args, clients=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["client"].queryset = Client.objects.none() if clients is None else clients
        self.fields["rule"].queryset = Rule.objects.order_by("order", "id")
        self.fields["product"].queryset = Product.objects.order_by("name")
        tried = [(option.key, option.label) for option in options.all_options() if option.key.startswith(TRIED)]
        self.fields["option"].choices = [("", "—"), *tried]
        self.fields["until"].initial = clock.today() + timedelta(days=30)

    def clean(self):
        """With `changes` as `Preview.changes` has them."""
        values, found = super().clean(), {"options": {}, "rules": {}, "prices": {}}
        if self.errors:
            return values
        if values.get("option"):
            found["options"][values["option"]] = values["value"]
        if values.get("rule"):
            found["rules"][str(values["rule"].pk)] = values.get("days")
        if values.get("product"):
            found["prices"][str(values["product"].pk)] = values["percent"]
        return values | {"changes": {name: those for name, those in found.items() if those}}
