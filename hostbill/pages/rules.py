"""Automation rules as plain sentences: on or off, how many days, and what they would do right now."""

from datetime import timedelta

from django import forms
from django.apps import apps
from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View

from hostbill.core import clock, rules
from hostbill.core.access import StaffView
from hostbill.core.models import Change, Rule, RuleRun
from hostbill.core.ui.words import number

VIEW, EDIT = "core.rule.view", "core.rule.edit"
DRY_RUN = 50
#: Objects of which a dry run asks the conditions, and days that count as lately.
LOOK, LATELY = 200, 30


def sentence(rule) -> str:
    """7 days after an unpaid invoice's due date: send a reminder."""
    trigger, action = rules.triggers().get(rule.trigger), rules.actions().get(rule.action)
    what = trigger.label if trigger else rule.trigger
    days = abs(rule.offset_days)
    act = rule.action if action is None else action.called(rule.params) if action.called else action.label
    words = {"days": days, "date": small(what), "act": small(act)}
    if rule.offset_days == 0:
        return _("On the day of %(date)s: %(act)s") % words
    if rule.offset_days < 0:
        return ngettext("%(days)d day before %(date)s: %(act)s", "%(days)d days before %(date)s: %(act)s", days) % words
    return ngettext("%(days)d day after %(date)s: %(act)s", "%(days)d days after %(date)s: %(act)s", days) % words


def small(words) -> str:
    """As it stands within a sentence."""
    text = str(words)
    return text[:1].lower() + text[1:]


def condition_words(rule) -> list[str]:
    """Only if ..., not if ..."""
    known = rules.conditions()
    words = []
    for key, value in rule.conditions.items():
        label = known[key].label if key in known else key
        words.append(
            _("not if %(what)s") % {"what": small(label)} if value is False else _("only if %(what)s") % {"what": small(label)}
        )
    return words


class RuleForm(forms.Form):
    """What staff may turn: the name, the days, on or off."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    offset_days = forms.IntegerField(
        label=gettext_lazy("Days"),
        min_value=-365,
        max_value=365,
        help_text=gettext_lazy("After the date; a minus sign means before it."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("On"), required=False)


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
    """One rule: change its days, see what it would act on now, and what it did."""

    permission = VIEW

    def get(self, request, pk):
        """Filled."""
        rule = get_object_or_404(Rule, pk=pk)
        initial = {"name": rule.name, "offset_days": rule.offset_days, "is_active": rule.is_active}
        return self.page(rule, RuleForm(initial=initial))

    def post(self, request, pk):
        """Store, or try without storing."""
        rule, form = get_object_or_404(Rule, pk=pk), RuleForm(request.POST)
        if not request.actor.may(EDIT) or not form.is_valid():
            return self.page(rule, form, status=422)
        if request.POST.get("verb") == "try":
            for name, value in form.cleaned_data.items():
                setattr(rule, name, value)
            return self.page(rule, form)
        rules.change_rule(rule, actor=request.actor, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("rule_edit", pk=pk)

    def page(self, rule, form, status=200):
        """The form, the dry run, the last acts."""
        targets, more = rules.preview(rule, most=LOOK)
        runs = list(RuleRun.objects.filter(rule=rule).order_by("-pk")[:20])
        acted = named(rule, [(run.object_id, run.anchor_on) for run in runs])
        context = {
            "page_title": rule.name,
            "crumbs": [(_("Rules"), reverse("rule_list")), (rule.name, "")],
            "rule": rule,
            "sentence": sentence(rule),
            "conditions": condition_words(rule),
            "form": form,
            "may_edit": self.request.actor.may(EDIT),
            "target_count": f"{number(len(targets))}+" if more else number(len(targets)),
            "dry_words": dry_words(rule, len(targets), more),
            "targets": named(rule, targets[:DRY_RUN]),
            "runs": [(run, name, url) for run, (name, url, _on) in zip(runs, acted, strict=True)],
            "changes": Change.objects.filter(object_kind="core.rule", object_id=rule.pk).order_by("-pk")[:20],
        }
        return render(self.request, "pages/rules/edit.html", context, status=status)


def dry_words(rule, count: int, more: bool) -> str:
    """Would act on these 41 now: nothing is done by asking."""
    if not count:
        return _("It would act on nothing now: no date has come, or it has acted already.")
    words = ngettext("It would act on this %(n)s now.", "It would act on these %(n)s now.", count)
    return words % {"n": f"{number(count)}+" if more else number(count)}


def named(rule, targets) -> list:
    """(name, address, anchor date) of the objects a rule would act on; a trigger's key begins with its app."""
    model = model_of(rule)
    rows = model.objects.in_bulk([object_id for object_id, _on in targets]) if model else {}
    label = rules.triggers()[rule.trigger].object_label if targets else ""
    found = []
    for object_id, anchor_on in targets:
        obj = rows.get(object_id)
        url = obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else ""
        found.append((str(obj or f"{label} {object_id}"), url, anchor_on))
    return found


def model_of(rule):
    """billing.invoice_due_on is about billing's Invoice: the longest model name that the key begins with."""
    app, _dot, rest = rule.trigger.partition(".")
    try:
        models = apps.get_app_config(app).get_models()
    except LookupError:
        return None
    fitting = [model for model in models if rest.startswith(model._meta.model_name)]
    return max(fitting, key=lambda model: len(model._meta.model_name), default=None)


urls = [
    path("staff/rules/", RuleList.as_view(), name="rule_list"),
    path("staff/rules/<int:pk>/", RuleEdit.as_view(), name="rule_edit"),
    path("staff/rules/<int:pk>/switch/", RuleSwitch.as_view(), name="rule_switch"),
]
