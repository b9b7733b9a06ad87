"""Automation rules: "so many days before or after this date, if these conditions hold, do that". One engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction

from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.models import Rule, RuleRun

#: How many days back a rule still acts on a date it missed (workers down, rule switched on late).
CATCH_UP_DAYS = 30


@dataclass(frozen=True)
class DateTrigger:
    """``find(first, last)`` yields (object id, anchor date) of objects whose date lies in the span, both included."""

    key: str
    label: str
    object_label: str
    find: object


@dataclass(frozen=True)
class RuleAction:
    """``run(object_id, rule, params) -> str``: does it in the caller's transaction and says what it did.
    ``called(params) -> str``: what it is called where the parameters decide that."""

    key: str
    label: str
    object_label: str
    run: object
    params: dict = field(default_factory=dict)
    called: object = None


@dataclass(frozen=True)
class Condition:
    """``holds(object_id, value) -> bool`` for one named condition of a kind of object."""

    key: str
    label: str
    object_label: str
    holds: object


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
        "conditions": conditions or {},
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


@transaction.atomic
def change_rule(rule: Rule, *, actor, **fields) -> Rule:
    """What staff may change of a rule: its name, days, and whether it is on. Asked for twice changes nothing more."""
    for name, value in fields.items():
        setattr(rule, name, value)
    rule.save(update_fields=list(fields))
    audit(actor, "core.rule_changed", rule)
    return rule


def candidates(rule: Rule, today=None):
    """(object id, anchor date) that the rule would act on now, conditions met, not yet done."""
    return ((object_id, on) for object_id, on in _open(rule, today) if _conditions_hold(rule, object_id))


def _open(rule: Rule, today=None) -> list:
    """Objects whose date has come and for which it was not done; conditions not asked yet."""
    last = (today or clock.today()) - timedelta(days=rule.offset_days)
    found = list(_triggers[rule.trigger].find(last - timedelta(days=CATCH_UP_DAYS), last))
    done = set(
        RuleRun.objects.filter(rule=rule, object_id__in=[i for i, _on in found]).values_list("object_id", "anchor_on")
    )
    return [pair for pair in found if pair not in done]


def preview(rule: Rule, today=None, most: int = 200) -> tuple[list, bool]:
    """What `candidates` would give, with conditions asked of ``most`` objects only; and whether there may be more."""
    if rule.trigger not in _triggers:
        return [], False
    found = _open(rule, today)
    if not rule.conditions:
        return found, False
    return [pair for pair in found[:most] if _conditions_hold(rule, pair[0])], len(found) > most


def _conditions_hold(rule: Rule, object_id: int) -> bool:
    return all(_conditions[key].holds(object_id, value) for key, value in rule.conditions.items())


def run_rules(now, report) -> None:
    """The engine: each active rule in order, each object in its own transaction, once per anchor date."""
    for rule in Rule.objects.filter(is_active=True).order_by("order", "id"):
        for object_id, anchor_on in candidates(rule):
            with report.guard(_Target(rule, object_id)):
                if _act(rule, object_id, anchor_on):
                    report.count(rule.code or f"rule {rule.pk}")


def _act(rule: Rule, object_id: int, anchor_on) -> bool:
    with transaction.atomic():
        run, created = RuleRun.objects.get_or_create(rule=rule, object_id=object_id, anchor_on=anchor_on)
        if not created:
            return False
        run.outcome = (_actions[rule.action].run(object_id, rule, rule.params) or "")[:200]
        run.save(update_fields=["outcome"])
    return True


class _Target:
    """Names the object in a job's report of failures."""

    def __init__(self, rule, object_id):
        self.rule, self.pk = rule, object_id

    def __str__(self):
        return f"{self.rule.name}: {_triggers[self.rule.trigger].object_label} {self.pk}"
