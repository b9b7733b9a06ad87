"""What the rules in force will do about an unpaid invoice, and when."""

from dataclasses import dataclass
from datetime import date, timedelta

from billing.models import Invoice
from hostbill.core.models import Rule

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
