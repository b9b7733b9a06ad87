"""Input about how a product is billed: its calendar, free days, end, quantity, and what it is an addon of."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing import kinds
from billing.models import ChangeTo, Product
from hostbill.core.errors import AppError


class ProductTermsForm(forms.ModelForm):
    """Everything empty: billed from the day of the order, until somebody cancels it."""

    cases = {"change_targets": ("change_to", (ChangeTo.LISTED,))}

    class Meta:
        model = Product
        fields = ("bill_day", "charge_next_from_day", "trial_days", "max_quantity", "cycles_limit", "terminate_after_days",
                  "setup_refund_days", "parents", "follows_parent", "change_to", "change_targets")  # fmt: skip

    def __init__(self, *args, kind: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind
        limits = {"bill_day": (1, 31), "charge_next_from_day": (1, 31), "trial_days": (0, 365), "max_quantity": (1, 1000),
                  "cycles_limit": (1, 1200), "terminate_after_days": (1, 36500), "setup_refund_days": (1, 365)}  # fmt: skip
        for name, (least, most) in limits.items():
            old = self.fields[name]
            self.fields[name] = forms.IntegerField(
                label=old.label, help_text=old.help_text, required=False, min_value=least, max_value=most, initial=old.initial
            )
        others = Product.objects.filter(is_retired=False, parents=None).exclude(pk=self.instance.pk)
        self.fields["parents"].queryset = others.order_by("group__sort", "sort", "name")
        self.fields["parents"].widget = forms.CheckboxSelectMultiple(choices=self.fields["parents"].choices)

        self._offer_targets()

    def _offer_targets(self) -> None:
        """What clients may change to. A form sent by an older page leaves the rule as it is."""
        self.fields["change_to"].required = False
        same = Product.objects.filter(is_retired=False).exclude(pk=self.instance.pk)
        same = same.filter(kind=self.instance.kind) if self.instance.pk else same
        self.fields["change_targets"].queryset = same.order_by("group__sort", "sort", "name")
        self.fields["change_targets"].widget = forms.CheckboxSelectMultiple(choices=self.fields["change_targets"].choices)

    def clean_change_to(self) -> str:
        """Empty is as it was."""
        return self.cleaned_data["change_to"] or self.instance.change_to

    def clean_trial_days(self) -> int:
        """Empty is none."""
        return self.cleaned_data["trial_days"] or 0

    def clean_max_quantity(self) -> int:
        """Empty is one."""
        return self.cleaned_data["max_quantity"] or 1

    def clean(self):
        """What makes sense together."""
        data = super().clean()
        if data.get("charge_next_from_day") and not data.get("bill_day"):
            self.add_error("charge_next_from_day", _("It needs a fixed billing day."))
        if data.get("change_to") == ChangeTo.LISTED and not data.get("change_targets"):
            self.add_error("change_targets", _("Choose at least one product, or “None” above."))
        if data.get("parents"):
            self._check_addon()
        elif data.get("follows_parent"):
            self.add_error("follows_parent", _("Choose what it is an addon of."))
        return data

    def _check_addon(self) -> None:
        """An addon asks nothing of its own, and has no addons."""
        if self.instance.pk and self.instance.addons.exists():
            self.add_error("parents", _("It has addons itself, so it cannot be one."))
        try:
            asks = self.kind and kinds.get(self.kind).order_form is not None
        except AppError:
            return
        if asks:
            self.add_error("parents", _("A product of this kind asks for a domain of its own, so it cannot be an addon."))
