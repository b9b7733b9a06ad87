"""Automation rules: "so many days before or after this date, if these conditions hold, do that". One engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from hostbill.core import clock, foresight
from hostbill.core.audit import audit
from hostbill.core.conditions import Condition, Row, holds
from hostbill.core.errors import AppError
from hostbill.core.labels import kind_of
from hostbill.core.models import Rule, RuleRun

#: How many days back a rule still acts on a date it missed (workers down, rule switched on late).
CATCH_UP_DAYS = 30


@dataclass(frozen=True)
class DateTrigger:
    """A date of the objects of a ``model`` ("billing.Invoice"). ``find(first, last)`` yields (object id, anchor date) of those
    whose date lies in the span, both included."""

    key: str
    label: str
    model: str
    find: Callable


@dataclass(frozen=True)
class RuleAction:
    """``run(object_id, rule, params) -> str``: does it in the caller's transaction and says what it did.

    ``params``: {name: maker of a form field}; kept as JSON. ``check(params)`` refuses with AppError what single fields cannot see.
    ``called(params) -> str``: what it is called where the parameters decide that. ``ladder``: acts that say the same ever more urgently;
    of those due for one object only the last is done, so that nobody gets four mails at once after workers were down.
    ``speaks(object_id)``: whether an act of a ladder has something to say now; one that has not takes no other's place.
    ``waits(rule, object_id, anchor_on, today)``: whether its time has not come although the day has; it is asked again next time."""

    key: str
    label: str
    model: str
    run: Callable
    params: dict = field(default_factory=dict)
    called: Callable | None = None
    check: Callable | None = None
    ladder: str = ""
    speaks: Callable = lambda object_id: True
    waits: Callable | None = None

    def words(self, params: dict) -> str:
        """What it is called with these parameters."""
        return str(self.called(params) if self.called else self.label)


_triggers: dict[str, DateTrigger] = {}
_actions: dict[str, RuleAction] = {}
_conditions: dict[str, Condition] = {}
_defaults: dict[str, dict] = {}


def register_trigger(trigger: DateTrigger) -> None:
    """Make a date known to rules."""
    _triggers[trigger.key] = trigger


def register_action(action: RuleAction) -> None:
    """Make an act known to rules."""
    _actions[action.key] = action


def register_condition(condition: Condition) -> None:
    """Make a condition known to rules."""
    _conditions[condition.key] = condition


def register_default(code, name, trigger, offset_days, action, params=None, conditions=None, order=100) -> None:
    """A rule that a new installation starts with."""
    _defaults[code] = {
        "name": str(name),
        "trigger": trigger,
        "offset_days": offset_days,
        "action": action,
        "params": params or {},
        "conditions": conditions or [],
        "order": order,
    }


def triggers() -> dict:
    """All triggers by key."""
    return dict(_triggers)


def actions() -> dict:
    """All actions by key."""
    return dict(_actions)


def conditions() -> dict:
    """All conditions by key."""
    return dict(_conditions)


def seed_defaults() -> int:
    """Create default rules that are not there; rules that staff changed stay as they are."""
    made = 0
    for code, values in _defaults.items():
        made += Rule.objects.get_or_create(code=code, defaults=values)[1]
    return made


def check_rule(rule: Rule) -> None:
    """AppError naming the field that does not fit: the act must be one for the objects of the date, and so on."""
    trigger, action = _triggers.get(rule.trigger), _actions.get(rule.action)
    if trigger is None:
        raise AppError(_("Choose a date."), code="no_trigger", field="trigger")
    if action is None or action.model != trigger.model:
        raise AppError(_("Choose what is to be done."), code="no_action", field="action")
    for row in rule.conditions:
        if row["field"] not in _conditions or _conditions[row["field"]].model != trigger.model:
            raise AppError(_("A condition does not fit the date."), code="wrong_condition")
    if action.check:
        action.check(rule.params)


@transaction.atomic
def create_rule(*, actor, **fields) -> Rule:
    """A rule of the house's own. AppError as `check_rule`."""
    rule = Rule(**fields)
    check_rule(rule)
    rule.save()
    audit(actor, "core.rule_created", rule)
    return rule


@transaction.atomic
def change_rule(rule: Rule, *, actor, **fields) -> Rule:
    """Make these fields so; asked for twice nothing more changes. What it acted on is remembered by object and date, so its
    date stays once it has acted. AppError "has_acted", or as `check_rule`."""
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    if fields.get("trigger", rule.trigger) != rule.trigger and rule.runs.exists():
        words = _("It has acted by this date already. Copy the rule and change the copy.")
        raise AppError(words, code="has_acted", field="trigger")
    for name, value in fields.items():
        setattr(rule, name, value)
    if set(fields) - {"is_active", "name", "order"}:
        check_rule(rule)
    if rule.changed_fields():
        rule.save(update_fields=list(fields))
        audit(actor, "core.rule_changed", rule)
    return rule


def copy_rule(rule: Rule, *, actor, name: str) -> Rule:
    """The same once more, switched off until somebody has looked at it."""
    same = {
        field: getattr(rule, field) for field in ("trigger", "offset_days", "conditions", "action", "params", "order")
    }
    return create_rule(name=name, is_active=False, **same, actor=actor)


@transaction.atomic
def delete_rule(rule: Rule, *, actor) -> None:
    """Only what never acted, and never one that HostBill brings along: AppError "has_acted", "is_seeded"."""
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    if rule.runs.exists():
        words = _("It has acted: what it did must stay in the books. Switch it off instead.")
        raise AppError(words, code="has_acted")
    if rule.code in _defaults:
        raise AppError(_("HostBill brings it along and would make it again. Switch it off instead."), code="is_seeded")
    audit(actor, "core.rule_deleted", rule, changes={})
    rule.delete()


def may_be_deleted(rule: Rule) -> bool:
    """Whether `delete_rule` would do it."""
    return rule.code not in _defaults and not rule.runs.exists()


def candidates(rule: Rule, today=None):
    """(object id, anchor date) that the rule would act on now, conditions met, not yet done."""
    return (pair for pair in _open(rule, today) if _conditions_hold(rule, pair[0]) and not _waits(rule, *pair, today))


def _waits(rule: Rule, object_id: int, anchor_on, today=None) -> bool:
    waits = _actions[rule.action].waits if rule.action in _actions else None
    return bool(waits and waits(rule, object_id, anchor_on, today or clock.today()))


def _later_rungs(rule: Rule, active: list[Rule] | None = None) -> list[Rule]:
    """Active rules (where the caller has not read them, read here) whose acts come after this one's on the same ladder."""
    ladder = _actions[rule.action].ladder if rule.action in _actions else ""
    if not ladder:
        return []
    rows = Rule.objects.filter(is_active=True, trigger=rule.trigger) if active is None else active
    later = [rung for rung in rows if rung.trigger == rule.trigger and rung.offset_days > rule.offset_days]
    return [rung for rung in later if rung.action in _actions and _actions[rung.action].ladder == ladder]


def _overtaken(rungs: list[Rule], object_id: int, anchor_on, today=None) -> bool:
    """Whether one of them is due for the object already."""
    days = ((today or clock.today()) - anchor_on).days
    due = [rung for rung in rungs if rung.offset_days <= days]
    return any(_conditions_hold(rung, object_id) and _actions[rung.action].speaks(object_id) for rung in due)


def _open(rule: Rule, today=None) -> list:
    """Objects whose date has come and for which it was not done; conditions not asked yet."""
    last = (today or clock.today()) - timedelta(days=rule.offset_days)
    trigger = _triggers[rule.trigger]
    found = foresight.among_pairs(trigger.model, list(trigger.find(last - timedelta(days=CATCH_UP_DAYS), last)))
    runs = RuleRun.objects.filter(rule_id=rule.pk, object_id__in=[i for i, _day in found])
    done = set(runs.values_list("object_id", "anchor_on")) if rule.pk else set()
    return [pair for pair in found if pair not in done]


def preview(rule: Rule, today=None, most: int = 200, active: list[Rule] | None = None) -> tuple[list, bool]:
    """What `candidates` would give, with conditions asked of ``most`` objects only; and whether there may be more. ``active``: all
    active rules, where the caller has them."""
    if rule.trigger not in _triggers:
        return [], False
    found = _open(rule, today)
    rungs = _later_rungs(rule, active) if found else []
    may_wait = rule.action in _actions and _actions[rule.action].waits
    if not (rule.conditions or rungs or may_wait):
        return found, False
    asked = [pair for pair in found[:most] if _conditions_hold(rule, pair[0]) and not _waits(rule, *pair, today)]
    return [pair for pair in asked if not _overtaken(rungs, *pair, today)], len(found) > most


def _conditions_hold(rule: Rule, object_id: int) -> bool:
    """A condition that nobody knows any more (a plug-in that is gone) does not hold: in doubt nothing is done."""
    return all(holds(_conditions.get(row["field"]), Row(**row), object_id) for row in rule.conditions)


def run_rules(now, report) -> None:
    """The engine: each active rule in order, each object in its own transaction, once per anchor date."""
    active = list(Rule.objects.filter(is_active=True).order_by("order", "id"))
    for rule in active:
        rungs = _later_rungs(rule, active)
        for object_id, anchor_on in candidates(rule):
            with report.guard(_Target(rule, object_id)):
                if _act(rule, object_id, anchor_on, rungs):
                    report.count(rule.code or f"rule {rule.pk}")


def _act(rule: Rule, object_id: int, anchor_on, rungs: list[Rule]) -> bool:
    with transaction.atomic():
        run, created = RuleRun.objects.get_or_create(rule=rule, object_id=object_id, anchor_on=anchor_on, defaults={"at": clock.now()})
        if not created:
            return False
        if _overtaken(rungs, object_id, anchor_on):
            run.outcome = "a later one is due"
        else:
            run.outcome = (_actions[rule.action].run(object_id, rule, rule.params) or "")[:200]
        run.save(update_fields=["outcome"])
    return True


class _Target:
    """Names the object in a job's report of failures."""

    def __init__(self, rule, object_id):
        self.rule, self.pk = rule, object_id

    def __str__(self):
        return f"{self.rule.name}: {kind_of(_triggers[self.rule.trigger].model)} {self.pk}"
