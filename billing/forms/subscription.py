"""Input about subscriptions."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms.ending import CREDIT
from hostbill.core.ui.fields import DayField, MoneyField

WHEN = [("end", _("At the end of the paid period")), ("now", _("Now"))]


class SuspendForm(forms.Form):
    """Why it stops, and until when at most."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[("manual", _("By staff")), ("abuse", _("Abuse"))])
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("The client reads this."))
    until = DayField(
        label=_("Suspended up to and including"),
        required=False,
        help_text=_("The last day of it: it resumes by itself in the night after. Empty: until somebody lifts it."),
    )


class StayForm(forms.Form):
    """A promise to pay: until when it is taken."""

    until = DayField(
        label=_("Runs up to and including"),
        help_text=_("Paid by then, it stays. If not, it is suspended again in the night after."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Kept in the history."))


class CancelForm(forms.Form):
    """When it ends, and why."""

    when = forms.ChoiceField(label=_("When does it end?"), choices=WHEN, widget=forms.RadioSelect, initial="end")
    credit = forms.ChoiceField(
        label=_("Ended now: the paid days that are left"), choices=CREDIT, required=False, help_text=_("Credit, never cash.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=500)


class ClientCancelForm(forms.Form):
    """The client's own words are welcome, never demanded."""

    when = forms.ChoiceField(label=_("When shall it end?"), choices=WHEN, widget=forms.RadioSelect, initial="end")
    reason = forms.CharField(
        label=_("What could we have done better?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    sure = forms.BooleanField(
        label=_("I have read what will happen."),
        error_messages={"required": _("Please confirm that you have read it.")},
    )


class PriceForm(forms.Form):
    """Another recurring price, of its own kind (net, or with tax), from the next period on."""

    amount = MoneyField(label=_("Price, net"), max_digits=14, decimal_places=4, min_value=Decimal(0))
    starts_on = DayField(
        label=_("From"),
        required=False,
        help_text=_(
            "From the first period that begins on this day or later. Empty: from the next period on. A day that has been: what is "
            "invoiced since then is adjusted too, by a line on the next invoice or by a credit note."
        ),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("The client reads it on a credit note."))

    def __init__(self, *args, currency: str, includes_tax: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency
        if includes_tax:
            self.fields["amount"].label = _("Price with tax")
