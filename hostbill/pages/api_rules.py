"""Rules by API: date, days, conditions and act as one body, checked by the editor's forms; and what one would do now."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hostbill.core import rules
from hostbill.core.api.fields import Fact
from hostbill.core.api.inputs import ListField
from hostbill.core.api.nouns import Noun
from hostbill.core.crud import Column, StaffEditView, StaffListView, StaffVerbView, YesNo
from hostbill.core.models import Rule
from hostbill.pages.rule_form import AFTER, BEFORE, MOST_ROWS, ON, RuleEditor
from hostbill.pages.rules import DRY_RUN, EDIT, LOOK, VIEW, RuleCopy, RuleDelete, named, named_values, sentence

DRY = {
    "type": "object",
    "properties": {
        "count": {"type": "integer"},
        "more": {"type": "boolean"},
        "sentence": {"type": "string"},
        "objects": {"type": "array", "items": {"type": "object", "required": ["id", "name", "on"]}},
    },
    "required": ["count", "more", "sentence", "objects"],
}


class RuleRows(StaffListView):
    """In the order in which they run."""

    model, permission, title, sort = Rule, VIEW, _("Rules"), "order"
    columns = [Column("name", _("Name")), Column("order", _("Order"), sort="order")]
    filters = [YesNo("is_active", _("Switched on"))]

    def get_queryset(self):
        """All; the permission guards them."""
        return Rule.objects.all()


class RuleBody(forms.Form):
    """A rule. `offset_days`: days after the date, negative before it. `conditions`: objects of field, relation ("is", "no", …) and value.
    `params`: what the act asks."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False, help_text=_("Empty: the sentence."))
    trigger = forms.CharField(label=_("Which date"), max_length=100)
    offset_days = forms.IntegerField(label=_("Days"), min_value=-365, max_value=365)
    action = forms.CharField(label=_("What is done"), max_length=100)
    params = forms.JSONField(label=_("What the act asks"), required=False)
    conditions = ListField(label=_("Conditions"), required=False)
    order = forms.IntegerField(label=_("Place in the sequence"), min_value=0, max_value=9999, initial=100)
    is_active = forms.BooleanField(label=_("Switched on"), required=False, initial=True)

    def __init__(self, data=None, files=None, *, rule: Rule, **kwargs):
        super().__init__(data, files, **kwargs)
        self.rule = rule

    def clean(self):
        """By the editor."""
        data = super().clean()
        if self.errors:
            return data
        if data["trigger"] not in rules.triggers():
            self.add_error("trigger", _now("One of: %(values)s.") % {"values": ", ".join(rules.triggers())})
            return data
        rows, params = data.get("conditions") or [], data.get("params") or {}
        if not isinstance(rows, list) or len(rows) > MOST_ROWS or not all(isinstance(row, dict) for row in rows):
            self.add_error("conditions", _now("Send a list of objects."))
        elif not isinstance(params, dict):
            self.add_error("params", _now("Send an object."))
        else:
            data["values"] = self._edited(self._as_typed(data, rows, params))
        return data

    def _as_typed(self, data: dict, rows: list, params: dict) -> QueryDict:
        """As the editor's page would send it."""
        days = data["offset_days"]
        side = BEFORE if days < 0 else AFTER if days else ON
        typed = QueryDict(mutable=True)
        values = {name: data[name] for name in ("name", "trigger", "action", "order")} | {"days": abs(days) or "", "side": side}
        values |= {"is_active": "on"} if data["is_active"] else {}
        for place, row in enumerate(rows):
            values |= {f"c{place}-{name}": row.get(name, "") for name in ("field", "relation", "value")}
        values |= {f"p-{name}": value for name, value in params.items()}
        for name, value in values.items():
            typed[name] = "" if value is None else value if isinstance(value, str) else str(value)
        return typed

    def _edited(self, typed: QueryDict) -> dict:
        fixed = bool(self.rule.pk and self.rule.runs.exists())
        editor = RuleEditor(typed, rule=self.rule, fixed=fixed)
        if editor.is_valid():
            return named_values(editor)
        parts = [("", editor.when), ("params.", editor.params)]
        parts += [(f"conditions.{place}.", row) for place, row in enumerate(editor.sent_rows)]
        names = {"days": "offset_days", "side": "offset_days"}
        for prefix, form in parts:
            for name, texts in form.errors.items():
                place = f"{prefix}{names.get(name, name)}" if name != "__all__" else prefix.rstrip(".") or "trigger"
                self._errors.setdefault(place, self.error_class()).extend(texts)
        return {}


def shown(rule: Rule) -> dict:
    """As the body is."""
    names = ("name", "trigger", "offset_days", "action", "params", "conditions", "order", "is_active")
    return {name: getattr(rule, name) for name in names}


class RuleCreateByApi(StaffEditView):
    """A rule of the house's own."""

    model, permission, form_class = Rule, EDIT, RuleBody

    def get_queryset(self):
        """All."""
        return Rule.objects.all()

    def form_options(self):
        """The one that is changed."""
        return {"rule": self.current() or Rule()}

    def get_initial(self):
        """As it is."""
        return shown(self.current()) if self.current() else {}

    def act(self, values):
        """Make or change it."""
        rule, fields = self.current(), values["values"]
        if rule is None:
            return rules.create_rule(actor=self.request.actor, **fields)
        return rules.change_rule(rule, actor=self.request.actor, **fields)


class RuleEditByApi(RuleCreateByApi):
    """Change it."""


def dry(rule: Rule) -> dict:
    """What it would act on now; nothing is done."""
    targets, more = rules.preview(rule, most=LOOK)
    rows = named(rule, targets[:DRY_RUN])
    objects = [{"id": pk, "name": name, "on": on.isoformat()} for (pk, _on), (name, _url, on) in zip(targets, rows, strict=False)]
    return {"count": len(targets), "more": more, "sentence": str(sentence(rule)), "objects": objects}


class RuleDry(StaffVerbView):
    """What it would do now."""

    model, permission, title = Rule, VIEW, _("What it would act on now")
    api_result, changes_nothing = DRY, True
    get_queryset = RuleCreateByApi.get_queryset

    def act(self, values):
        """Asked, not done."""
        return dry(self.obj)


class DraftDry(RuleCreateByApi):
    """What a rule would do that is not stored."""

    permission, title, api_answer, changes_nothing = VIEW, _("What such a rule would act on now"), DRY, True

    def act(self, values):
        """Asked, not done."""
        return dry(Rule(**values["values"]))


def sentence_of(rule) -> str:
    """The rule as people read it."""
    return str(sentence(rule))


NOUN = Noun(
    "rules",
    "rule",
    also=("code", "trigger", "offset_days", "action", "params", "conditions", "is_active",
          Fact("sentence", nullable=False, get=sentence_of)),
    list_view=RuleRows,
    create_view=RuleCreateByApi,
    edit_view=RuleEditByApi,
    acts={"copy": RuleCopy, "delete": RuleDelete, "dry-run": RuleDry},
    on_list={"dry-run": DraftDry},
)  # fmt: skip
