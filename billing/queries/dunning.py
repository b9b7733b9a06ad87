"""What the rules in force will do about an unpaid invoice, and when."""

from dataclasses import dataclass
from datetime import date, timedelta

from billing.models import Invoice
from hostbill.core import clock
from hostbill.core.models import Rule, RuleRun

TRIGGER, SUSPEND, TERMINATE = "billing.invoice_due_on", "billing.suspend", "billing.terminate"


@dataclass(frozen=True)
class Plan:
    """The next hard steps; None where no active rule takes them."""

    suspend_on: date | None
    end_on: date | None


def plan_for(invoice: Invoice) -> Plan:
    """The days on which an invoice that stays unpaid leads to suspension and to the end."""
    offsets = {}
    for rule in Rule.objects.filter(is_active=True, trigger=TRIGGER, action__in=[SUSPEND, TERMINATE]):
        offsets[rule.action] = min(offsets.get(rule.action, rule.offset_days), rule.offset_days)
    days = {action: invoice.due_on + timedelta(days=offset) for action, offset in offsets.items()}
    return Plan(days.get(SUSPEND), days.get(TERMINATE))


def end_is_too_near(rule: Rule, invoice_id: int, due_on: date, today: date) -> bool:
    """Whether the end was announced so lately that the days between the two rules have not passed: after an outage, or days that
    the client was given, the announcement comes late, and nothing may be ended on the same day."""
    said = RuleRun.objects.filter(object_id=invoice_id, anchor_on=due_on, outcome__startswith="mailed")
    said = said.filter(rule__params__reminder="last", rule__offset_days__lt=rule.offset_days).select_related("rule")
    return any(today < _day(run) + timedelta(days=rule.offset_days - run.rule.offset_days) for run in said)


def _day(run: RuleRun) -> date:
    return run.at.astimezone(clock.seller_zone()).date()
