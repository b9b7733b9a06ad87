"""Automation rules as plain sentences: made, tried, copied, switched, and what each would do right now."""

from datetime import timedelta

from django import forms
from django.apps import apps
from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.generic import View

from hostbill.core import clock, rules
from hostbill.core.access import StaffView, require
from hostbill.core.conditions import Row, words
from hostbill.core.crud import StaffVerbView, with_history
from hostbill.core.errors import AppError
from hostbill.core.models import Rule, RuleRun
from hostbill.core.ui.words import number
from hostbill.pages.rule_form import RuleEditor
from hostbill.pages.targets import Target, targets_of

VIEW, EDIT = "core.rule.view", "core.rule.edit"
DRY_RUN = 50
#: Objects of which a dry run asks the conditions, and days that count as lately.
LOOK, LATELY = 200, 30
#: Languages that write nouns with a capital.
CAPITALS = {"de"}


def sentence(rule) -> str:
    """7 days after an unpaid invoice's due date: send a reminder."""
    trigger, action = rules.triggers().get(rule.trigger), rules.actions().get(rule.action)
    days = abs(rule.offset_days)
    act = action.words(rule.params) if action else rule.action
    parts = {"days": days, "date": small(trigger.label if trigger else rule.trigger), "act": small(act)}
    if rule.offset_days == 0:
        return _("On the day of %(date)s: %(act)s") % parts
    if rule.offset_days < 0:
        return ngettext("%(days)d day before %(date)s: %(act)s", "%(days)d days before %(date)s: %(act)s", days) % parts
    return ngettext("%(days)d day after %(date)s: %(act)s", "%(days)d days after %(date)s: %(act)s", days) % parts


def small(text) -> str:
    """As it stands within a sentence; German keeps its capitals."""
    text = str(text)
    return text if get_language() in CAPITALS else text[:1].lower() + text[1:]


def condition_words(rule) -> list[str]:
    """Only if ..., not if ..., once for each condition."""
    known, found = rules.conditions(), []
    for row in rule.conditions:
        what = {"what": small(words(known.get(row["field"]), Row(**row)))}
        found.append(_("not if %(what)s") % what if row["relation"] == "no" else _("only if %(what)s") % what)
    return found


class RuleList(StaffView, View):
    """In the order in which they run."""

    permission = VIEW

    def get(self, request):
        """All of them: what each would do now, and how often it acted lately."""
        lately = Count("runs", filter=Q(runs__at__gt=clock.now() - timedelta(days=LATELY)))
        lines = []
        for rule in Rule.objects.annotate(lately=lately).order_by("order", "id"):
            now, more = rules.preview(rule, most=LOOK)
            count = f"{number(len(now))}+" if more else number(len(now))
            lines.append((rule, sentence(rule), condition_words(rule), count))
        context = {
            "page_title": _("Rules"),
            "lines": lines,
            "days": LATELY,
            "may_edit": request.actor.may(EDIT),
        }
        return render(request, "pages/rules/list.html", context)


class RuleSwitch(StaffView, View):
    """On or off."""

    permission = EDIT
    http_method_names = ["post"]

    def post(self, request, pk):
        """Turn it to what was asked, not just over: a second click changes nothing."""
        rule = get_object_or_404(Rule, pk=pk)
        rule = rules.change_rule(rule, actor=request.actor, is_active=request.POST.get("on") == "1")
        messages.success(request, _("Rule is on.") if rule.is_active else _("Rule is off."))
        return redirect("rule_list")


class RuleEdit(StaffView, View):
    """One rule: change it, see what it would act on now, and what it did. Lookers see the same without a way to save."""

    model = Rule
    crumbs = [(gettext_lazy("Rules"), "rule_list")]
    permission = VIEW

    def get(self, request, pk):
        """Filled."""
        rule = get_object_or_404(Rule, pk=pk)
        return self.page(rule, self.editor(rule))

    def post(self, request, pk):
        """Store it, or show what it would be: trying stores nothing, so lookers may."""
        rule = get_object_or_404(Rule, pk=pk)
        if request.POST.get("verb") == "save":
            require(request.actor, EDIT)
        return self.answer(rule, self.editor(rule, request.POST))

    def editor(self, rule, data=None) -> RuleEditor:
        """The forms; what acted keeps its date."""
        return RuleEditor(data, rule=rule, fixed=bool(rule.pk and rule.runs.exists()))

    def answer(self, rule, editor):
        """To Save, and to every change in between."""
        if self.request.POST.get("verb") != "save":
            return self.page(rule, editor, hush=True)
        if not editor.is_valid():
            return self.page(rule, editor, status=422)
        try:
            saved = self.store(rule, named_values(editor))
        except AppError as error:
            editor.add_error(error)
            return self.page(rule, editor, status=422)
        messages.success(self.request, _("Saved."))
        return redirect("rule_edit", pk=saved.pk)

    def store(self, rule, values) -> Rule:
        """Change the rule."""
        return rules.change_rule(rule, actor=self.request.actor, **values)

    def page(self, rule, editor, status=200, hush=False):
        """The editor, the sentence, the dry run, the last acts."""
        title, now = str(rule) or _("New rule"), live(editor)
        if hush:
            editor.hush()
        context = {
            "page_title": title,
            "crumbs": [(_("Rules"), reverse("rule_list")), (title, "")],
            "rule": rule,
            "editor": editor,
            "may_edit": self.request.actor.may(EDIT),
            "may_delete": rule.pk and rules.may_be_deleted(rule),
            **now,
            **(deeds(rule) if rule.pk else {}),
        }
        return render(self.request, "pages/rules/edit.html", context, status=status)


def named_values(editor) -> dict:
    """What the rule keeps; without a name it is called by its sentence."""
    values = editor.values()
    return values | {"name": values["name"] or sentence(Rule(**values))[:200]}


class RuleCreate(RuleEdit):
    """A rule of the house's own."""

    permission = EDIT

    def get(self, request):
        """An empty one, switched on."""
        trigger = next(iter(rules.triggers().values()))
        act = next(one for one in rules.actions().values() if one.model == trigger.model)
        rule = Rule(trigger=trigger.key, offset_days=7, action=act.key)
        return self.page(rule, self.editor(rule))

    def post(self, request):
        """Store it, or show what it would be."""
        return self.answer(Rule(), self.editor(Rule(), request.POST))

    def store(self, rule, values):
        """Make the rule."""
        return rules.create_rule(actor=self.request.actor, **values)


def live(editor) -> dict:
    """What follows each keystroke: the rule as a sentence, and what it would act on now."""
    draft = editor.draft()
    if draft is None or draft.trigger not in rules.triggers() or draft.action not in rules.actions():
        return {"draft": None}
    targets, more = rules.preview(draft, most=LOOK)
    return {
        "draft": draft,
        "sentence": sentence(draft),
        "conditions": condition_words(draft),
        "dry_words": dry_words(len(targets), more),
        "target_count": len(targets),
        "targets": named(draft, targets[:DRY_RUN]),
    }


def deeds(rule) -> dict:
    """What it did."""
    runs = list(RuleRun.objects.filter(rule=rule).order_by("-pk")[:20])
    acted = named(rule, [(run.object_id, run.anchor_on) for run in runs])
    return {"runs": list(zip(runs, acted, strict=True))}


class CopyForm(forms.Form):
    """What the copy is called."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)


class RuleVerb(StaffVerbView):
    """One act on a rule; all rules are seen by those who may see any."""

    model = Rule
    permission = EDIT
    crumbs = [(gettext_lazy("Rules"), "rule_list")]

    def get_queryset(self):
        """All; the permission guards the page."""
        return Rule.objects.all()

    def back_url(self, obj):
        """To the rule."""
        return reverse("rule_edit", args=[obj.pk])


class RuleCopy(RuleVerb):
    """The same once more."""

    title = gettext_lazy("Copy this rule")
    explain = gettext_lazy("The copy is switched off until you have looked at it.")
    button = gettext_lazy("Make the copy")
    kind = "primary"
    form_class = CopyForm
    action = staticmethod(rules.copy_rule)
    done = gettext_lazy("The copy is made. It is switched off.")

    def get_initial(self):
        """A name to begin with."""
        return {"name": _("%(name)s (copy)") % {"name": self.obj.name}}

    def after_url(self, result):
        """To the copy."""
        return reverse("rule_edit", args=[result.pk])


class RuleDelete(RuleVerb):
    """Only while it never acted."""

    title = gettext_lazy("Delete this rule")
    explain = gettext_lazy("It never acted, so nothing of its work is lost.")
    button = gettext_lazy("Delete the rule")
    kind = "danger"
    action = staticmethod(rules.delete_rule)
    done = gettext_lazy("The rule is deleted.")
    success_url = "rule_list"


def dry_words(count: int, more: bool) -> str:
    """Would act on these 41 now: nothing is done by asking."""
    if not count:
        return _("It would act on nothing now: no date has come, or it has acted already.")
    words = ngettext("It would act on this %(n)s now.", "It would act on these %(n)s now.", count)
    return words % {"n": f"{number(count)}+" if more else number(count)}


def named(rule, pairs) -> list[Target]:
    """The objects a rule would act on, or has acted on, from (key, day)."""
    return targets_of(model_of(rule), pairs)


def model_of(rule):
    """The model of the objects whose date it waits for; None when nobody knows the date any more."""
    trigger = rules.triggers().get(rule.trigger)
    return apps.get_model(trigger.model) if trigger else None


urls = [
    path("staff/rules/", RuleList.as_view(), name="rule_list"),
    path("staff/rules/new/", RuleCreate.as_view(), name="rule_create"),
    *with_history("staff/rules/<int:pk>/", RuleEdit, "rule_edit"),
    path("staff/rules/<int:pk>/switch/", RuleSwitch.as_view(), name="rule_switch"),
    path("staff/rules/<int:pk>/copy/", RuleCopy.as_view(), name="rule_copy"),
    path("staff/rules/<int:pk>/delete/", RuleDelete.as_view(), name="rule_delete"),
]
