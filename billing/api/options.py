"""Configurable options by API: the question with its choices, their prices and its rules as one body."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from billing.actions.product_option import Choice as WantedChoice
from billing.actions.product_option import Rule as WantedRule
from billing.actions.product_option import save_option
from billing.api.catalogue import PriceBody
from billing.api.drafts import exact
from billing.forms.product_option import MOST_CHOICES, MOST_RULES, ProductOptionForm
from billing.models import OptionChoice, OptionGroup, OptionRule, ProductOption
from billing.views.staff.product_option import EDIT, VIEW
from hostbill.core.api.fields import Fact, rows
from hostbill.core.api.inputs import RowsField
from hostbill.core.api.rows import RowsForm
from hostbill.core.crud import Choice, Column, Related, StaffEditView, StaffListView


class ChoiceBody(RowsForm):
    """One choice. With the `id` it was read with it stays that choice."""

    id = forms.IntegerField(required=False, min_value=1)
    name = forms.CharField(label=_("Choice"), max_length=80)
    value = forms.CharField(label=_("Value for the panel"), max_length=120, required=False)
    is_default = forms.BooleanField(label=_("Chosen at first"), required=False)
    is_retired = forms.BooleanField(label=_("No longer offered"), required=False)
    prices = RowsField(PriceBody, required=False, label=_("Prices"), help_text=_("One for each currency and cycle; none: free."))

    def clean(self):
        """Each currency and cycle once."""
        data = super().clean()
        found = [row.cleaned_data for row in self.clean_rows("prices", PriceBody)]
        data["prices"] = {(row["currency"], row["cycle"]): (row["amount"], row["setup"] or Decimal(0)) for row in found}
        if len(data["prices"]) < len(found):
            self.add_error("prices", _now("Each currency and cycle once."))
        return data


class RuleBody(forms.Form):
    """`effect` while `source` has `choice`, or anything, or `at_least` units of it."""

    effect = forms.ChoiceField(label=_("It"), choices=OptionRule.Effect.choices)
    source = forms.ModelChoiceField(ProductOption.objects.all(), label=_("Option"))
    choice = forms.ModelChoiceField(OptionChoice.objects.all(), label=_("Choice"), required=False)
    at_least = forms.IntegerField(label=_("at least"), required=False, min_value=1, max_value=1_000_000)

    def clean(self):
        """The choice is one of the option's."""
        data = super().clean()
        if data.get("choice") and data.get("source") and data["choice"].option_id != data["source"].pk:
            self.add_error("choice", _now("This is not one of its choices."))
        return data


class OptionBody(RowsForm, ProductOptionForm):
    """All of an option. Choices that are not sent stay as they are; rules become exactly those that are sent."""

    choices = RowsField(ChoiceBody, required=False, label=_("Choices"), help_text=_("A yes/no or a quantity has one, with the price."))
    rules = RowsField(RuleBody, required=False, label=_("Rules"))

    class Meta(ProductOptionForm.Meta):
        """With the group."""

        fields = ("group", *ProductOptionForm.Meta.fields)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        stored = self.instance.pk is not None
        self.fields["group"].disabled = False
        self.initial["choices"] = [as_sent(choice) for choice in self.instance.choices.all()] if stored else []
        self.initial["rules"] = [
            {"effect": rule.effect, "source": rule.source_id, "choice": rule.choice_id, "at_least": rule.at_least}
            for rule in (self.instance.rules.all() if stored else ())
        ]

    def clean_group(self):
        """An option stays in its group."""
        group = self.cleaned_data["group"]
        if self.instance.pk and group.pk != ProductOption.objects.values_list("group_id", flat=True).get(pk=self.instance.pk):
            raise forms.ValidationError(_now("An option stays in its group."))
        return group

    def clean(self):
        """`wanted` and `wanted_rules` are what the action takes."""
        data = super().clean() or self.cleaned_data
        known = set(self.instance.choices.values_list("pk", flat=True)) if self.instance.pk else set()
        found = [row.cleaned_data for row in self.clean_rows("choices", ChoiceBody)]
        for place, row in enumerate(found):
            if row["id"] and row["id"] not in known:
                self.refuse(f"choices.{place}.id", [_now("This is not one of its choices.")])
        data["wanted"] = [
            WantedChoice(row["name"], row["value"], row["is_default"], row["is_retired"], row["prices"], row["id"]) for row in found
        ]
        rules = [row.cleaned_data for row in self.clean_rows("rules", RuleBody)]
        data["wanted_rules"] = [WantedRule(row["effect"], row["source"], row["choice"], row["at_least"] or 1) for row in rules]
        for name, rows_sent, most in (("choices", found, MOST_CHOICES), ("rules", rules, MOST_RULES)):
            if len(rows_sent) > most:
                self.add_error(name, _now("At most %(most)d lines.") % {"most": most})
        return data


def as_sent(choice: OptionChoice) -> dict:
    """A stored choice as the body has it."""
    found = {name: getattr(choice, name) for name in ("name", "value", "is_default", "is_retired")}
    return {"id": choice.pk, **found, "prices": prices_of(choice)}


def prices_of(choice: OptionChoice) -> list[dict]:
    """Each currency and cycle."""
    return [
        {"currency": price.currency, "cycle": price.cycle, "amount": exact(price.amount), "setup": exact(price.setup_amount)}
        for price in choice.prices.all()
    ]


class OptionRows(StaffListView):
    """They stand on the pages of their groups."""

    model, permission, title, sort = ProductOption, VIEW, _("Configurable options"), "-pk"
    select = ("group",)
    columns = [Column("name", _("Name")), Column("group", _("Group"))]
    filters = [Related("group", _("Group"), OptionGroup), Choice("kind", _("Kind"), ProductOption.Kind.choices)]
    search = ["name__icontains", "key__icontains"]

    def get_queryset(self):
        """All; the permission guards them."""
        return ProductOption.objects.select_related("group")


class OptionByApi(StaffEditView):
    """Make or change one."""

    model, permission, form_class = ProductOption, EDIT, OptionBody
    get_queryset = OptionRows.get_queryset

    def make_form(self, data=None, files=None):
        """On a row of its own: the form writes into it."""
        stored = self.get_queryset().get(pk=self.obj.pk) if self.current() is not None else None
        return OptionBody(data, files, instance=stored)

    def act(self, values):
        """All or nothing; a yes/no or quantity that nobody priced is free."""
        option = self.get_queryset().get(pk=self.obj.pk) if self.current() is not None else ProductOption()
        for name in OptionBody.Meta.fields:
            setattr(option, name, values[name])
        choices = values["wanted"] or ([] if option.is_list else [WantedChoice(option.name)])
        return save_option(option, choices=choices, rules=values["wanted_rules"], actor=self.request.actor)


CHOICES = Fact(
    "choices", "rows", nullable=False, model=OptionChoice,
    parts=(*rows("", OptionChoice, "id name value is_default is_retired").parts, Fact("prices", "list", nullable=False, get=prices_of)),
)  # fmt: skip
RULES = rows("rules", OptionRule, "effect source choice at_least")
