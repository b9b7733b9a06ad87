"""What the rules in force will do about an unpaid invoice, and when."""

from dataclasses import dataclass
from datetime import date, timedelta

from billing.models import Invoice
from billing.options import WARNED_BEFORE
from hostbill.core import clock
from hostbill.core.models import Rule, RuleRun

TRIGGER, SUSPEND, TERMINATE = "billing.invoice_due_on", "billing.suspend", "billing.terminate"


@dataclass(frozen=True)
class Plan:
    """The next hard steps; None where no active rule takes them."""

    suspend_on: date | None
    end_on: date | None


def plan_for(invoice: Invoice) -> Plan:
    """The days on which an invoice that stays unpaid leads to suspension and to the end; not before what was announced late."""
    offsets = {}
    for rule in Rule.objects.filter(is_active=True, trigger=TRIGGER, action__in=[SUSPEND, TERMINATE]):
        offsets[rule.action] = min(offsets.get(rule.action, rule.offset_days), rule.offset_days)
    days = {action: invoice.due_on + timedelta(days=offset) for action, offset in offsets.items()}
    if SUSPEND in days and (told_on := _told_on(invoice.pk, invoice.due_on, offsets[SUSPEND])):
        days[SUSPEND] = max(days[SUSPEND], told_on + timedelta(days=WARNED_BEFORE.value))
    return Plan(days.get(SUSPEND), days.get(TERMINATE))


def suspension_is_too_near(rule: Rule, invoice_id: int, due_on: date, today: date) -> bool:
    """Whether the client heard of it so lately that there was no time to pay: after an outage the reminder comes late, and nothing
    stops in the run in which it was sent."""
    told_on = _told_on(invoice_id, due_on, rule.offset_days)
    return told_on is not None and today < told_on + timedelta(days=WARNED_BEFORE.value)


def _told_on(invoice_id: int, due_on: date, before: int) -> date | None:
    """The day of the last mail that a rule with an earlier day sent about the invoice."""
    runs = RuleRun.objects.filter(object_id=invoice_id, anchor_on=due_on, outcome__startswith="mailed")
    last = runs.filter(rule__trigger=TRIGGER, rule__offset_days__lt=before).order_by("-at").first()
    return _day(last) if last else None


def end_is_too_near(rule: Rule, invoice_id: int, due_on: date, today: date) -> bool:
    """Whether the end was announced so lately that the days between the two rules have not passed: after an outage, or days that
    the client was given, the announcement comes late, and nothing may be ended on the same day."""
    said = RuleRun.objects.filter(object_id=invoice_id, anchor_on=due_on, outcome__startswith="mailed")
    said = said.filter(rule__params__reminder="last", rule__offset_days__lt=rule.offset_days).select_related("rule")
    return any(today < _day(run) + timedelta(days=rule.offset_days - run.rule.offset_days) for run in said)


def _day(run: RuleRun) -> date:
    return run.at.astimezone(clock.seller_zone()).date()
