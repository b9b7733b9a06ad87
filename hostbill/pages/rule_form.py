"""The editor of a rule: when, if, what. Each choice decides what may be chosen next, so the form is made anew from what was entered."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hostbill.core import conditions, rules
from hostbill.core.models import Rule
from hostbill.core.ui.fields import MoneyInput, plain_number

#: Conditions that one rule may have.
MOST_ROWS = 10
#: Before, on, after the date: the sign of the days.
BEFORE, ON, AFTER = "before", "on", "after"
SIDES = [
    (BEFORE, gettext_lazy("days before")),
    (ON, gettext_lazy("on the day itself")),
    (AFTER, gettext_lazy("days after")),
]
#: Selects that decide what else can be chosen.
REDRAW = {
    "hx-post": "",
    "hx-trigger": "change",
    "hx-vals": '{"verb": "check"}',
    "hx-target": "#rule-body",
    "hx-select": "#rule-body",
    "hx-swap": "outerHTML",
}


class WhenForm(forms.Form):
    """The date, how far from it, and what is done. ``fixed``: the date cannot be changed any more."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=200, required=False, help_text=gettext_lazy("Empty: the sentence.")
    )
    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=0, max_value=365, required=False)
    side = forms.ChoiceField(label=gettext_lazy("Before or after"), choices=SIDES)
    trigger = forms.ChoiceField(label=gettext_lazy("Which date"), widget=forms.Select(REDRAW))
    action = forms.ChoiceField(label=gettext_lazy("What is done"), widget=forms.Select(REDRAW))
    order = forms.IntegerField(
        label=gettext_lazy("Place in the sequence"),
        min_value=0,
        max_value=9999,
        help_text=gettext_lazy("Of rules that act on the same day the smallest number comes first."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("Switched on"), required=False)

    def __init__(self, data=None, *, fixed=False, **options):
        super().__init__(data, **options)
        self.fields["trigger"].choices = [(key, one.label) for key, one in rules.triggers().items()]
        if fixed:
            self.fields["trigger"].disabled = True
            self.fields["trigger"].help_text = _("It has acted by this date already. For another date, copy the rule.")
        chosen = self["trigger"].value() or next(iter(rules.triggers()), "")
        self.model = rules.triggers()[chosen].model if chosen in rules.triggers() else ""
        fitting = [one for one in rules.actions().values() if one.model == self.model]
        self.fields["action"].choices = [(one.key, one.label) for one in fitting]
        asked = self["action"].value()
        self.action = next((one for one in fitting if one.key == asked), fitting[0] if fitting else None)

    def clean(self):
        """Days are needed unless it is the day itself."""
        values = super().clean()
        if values.get("side") != ON and not values.get("days") and "days" not in self.errors:
            self.add_error("days", _("Enter how many days."))
        return values

    @property
    def offset(self) -> int:
        """Days after the date; negative is before."""
        days = self.cleaned_data.get("days") or 0
        return {BEFORE: -days, ON: 0, AFTER: days}.get(self.cleaned_data.get("side"), 0)


class ConditionForm(forms.Form):
    """One row: a field, a relation, a value that fits it. An empty field is no condition."""

    field = forms.ChoiceField(label=gettext_lazy("Field"), required=False, widget=forms.Select(REDRAW))
    relation = forms.ChoiceField(label=gettext_lazy("Relation"), required=False)
    value = forms.CharField(label=gettext_lazy("Value"), required=False, max_length=100)

    def __init__(self, data=None, *, model, **options):
        super().__init__(data, **options)
        known = {key: one for key, one in rules.conditions().items() if one.model == model}
        self.fields["field"].choices = [("", _("Choose…")), *((key, one.label) for key, one in known.items())]
        self.condition = known.get(self["field"].value())
        if self.condition is None:
            del self.fields["relation"], self.fields["value"]
            return
        relations = self.condition.relations
        self.fields["relation"].choices = list(relations.items())
        if self.is_bound and self["relation"].value() not in relations:
            self.data = {**self.data.dict(), self.add_prefix("relation"): next(iter(relations))}
        self._set_value()

    def _set_value(self):
        if self.condition.kind == conditions.YES_NO:
            del self.fields["value"]
        elif self.condition.kind == conditions.CHOICE:
            choices = [("", _("Choose…")), *self.condition.choices()]
            self.fields["value"] = forms.ChoiceField(label=gettext_lazy("Value"), choices=choices, required=True)
        else:
            self.fields["value"].required, self.fields["value"].widget = True, MoneyInput()

    def clean_value(self):
        """A number as it is kept."""
        text = self.cleaned_data["value"]
        if self.condition.kind != conditions.NUMBER:
            return text
        try:
            number = Decimal(plain_number(text))
        except InvalidOperation:
            raise forms.ValidationError(_("Enter a number, such as 50.")) from None
        if not number.is_finite() or abs(number) >= 10**12:
            raise forms.ValidationError(_("Enter a number, such as 50."))
        return str(number)

    @property
    def row(self) -> dict | None:
        """As the rule keeps it; None for an empty one."""
        values = getattr(self, "cleaned_data", {})
        if self.condition is None or not values.get("relation"):
            return None
        return {"field": self.condition.key, "relation": values["relation"], "value": values.get("value", "")}


class RuleEditor:
    """All forms of one rule together: `WhenForm`, rows of conditions, the action's own fields."""

    def __init__(self, data=None, *, rule: Rule, fixed: bool = False):
        self.rule, self.data = rule, data
        self.when = WhenForm(data, initial=self._initial(), fixed=fixed)
        self.rows = self._rows()
        self.params = self._params_form()

    def _initial(self) -> dict:
        rule = self.rule
        side = BEFORE if rule.offset_days < 0 else AFTER if rule.offset_days else ON
        shown = {name: getattr(rule, name) for name in ("name", "trigger", "action", "order", "is_active")}
        return {**shown, "days": abs(rule.offset_days) or None, "side": side if rule.trigger else AFTER}

    def _rows(self) -> list[ConditionForm]:
        if self.data is None:
            kept = self.rule.conditions
            forms_ = [ConditionForm(model=self.when.model, prefix=f"c{n}", initial=row) for n, row in enumerate(kept)]
        else:
            forms_ = [ConditionForm(self.data, model=self.when.model, prefix=f"c{n}") for n in self._numbers()]
        if len(forms_) < MOST_ROWS:
            free = max((int(one.prefix[1:]) for one in forms_), default=-1) + 1
            forms_.append(ConditionForm(model=self.when.model, prefix=f"c{free}"))
        return forms_

    def _numbers(self) -> list[int]:
        """Rows that were sent with a field chosen; the free one at the end is made anew."""
        removed = self.data.get("verb", "").removeprefix("remove-")
        return [n for n in range(MOST_ROWS + 1) if self.data.get(f"c{n}-field") and str(n) != removed][:MOST_ROWS]

    def _params_form(self):
        action = self.when.action
        fields = {name: make() for name, make in (action.params if action else {}).items()}
        form_class = type("ParamsForm", (forms.Form,), dict(fields))
        same = action is not None and action.key == self.rule.action
        # What was entered for another action is not asked of this one.
        sent = self.data is not None and any(f"p-{name}" in self.data for name in fields)
        return form_class(self.data if sent else None, prefix="p", initial=self.rule.params if same else {})

    @property
    def sent_rows(self) -> list[ConditionForm]:
        """Without the free one."""
        return [row for row in self.rows if row.is_bound]

    def is_valid(self) -> bool:
        """All parts, so that all errors are seen at once."""
        parts = [self.when, *self.sent_rows]
        parts += [self.params] if self.params.fields else []
        well = [part.is_valid() for part in parts]  # each, so that all errors are seen
        return all(well)

    def hush(self) -> None:
        """While somebody is still at it nothing is called wrong."""
        for form in (self.when, self.params, *self.rows):
            form.errors.clear()

    def values(self) -> dict:
        """What the rule keeps."""
        cleaned = self.when.cleaned_data
        return {
            "name": cleaned["name"],
            "trigger": cleaned["trigger"],
            "offset_days": self.when.offset,
            "action": cleaned["action"],
            "order": cleaned["order"],
            "is_active": cleaned["is_active"],
            "conditions": [row.row for row in self.sent_rows if row.row],
            "params": {name: plain(value) for name, value in getattr(self.params, "cleaned_data", {}).items()},
        }

    def draft(self) -> Rule | None:
        """The rule as it would be, not stored; None while something is missing that the sentence needs."""
        if self.data is None:
            return self.rule if self.rule.trigger else None
        self.is_valid()
        if {"trigger", "action", "days", "side"} & set(self.when.errors) or self.params.errors or not self.when.action:
            return None
        if any(row.errors for row in self.sent_rows) or self.params.fields and not self.params.is_bound:
            return None
        values = {"name": "", "order": 100, "is_active": True, **self.when.cleaned_data}
        self.when.cleaned_data.update(values)
        return Rule(pk=self.rule.pk, code=self.rule.code, **self.values())

    def add_error(self, error) -> None:
        """A refusal of the action beside the field that it names."""
        for form in (self.params, self.when):
            if error.field in form.fields:
                return form.add_error(error.field, str(error.message))
        return self.when.add_error(None, str(error.message))


def plain(value):
    """What JSON keeps."""
    return str(value) if isinstance(value, Decimal) else value
