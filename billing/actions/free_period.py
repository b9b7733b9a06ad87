"""Periods that cost nothing: no invoice is written over nothing, the period begins all the same."""

from billing.events import FreePeriodBegun
from billing.models import Period, Subscription
from hostbill.core.audit import audit_many
from hostbill.core.events import emit_many

from .discount import take_scheduled_price


def begin_free_period(subscription: Subscription, period: Period) -> tuple[Subscription, Period]:
    """It is served until the period's end, and discounts count on: nothing was invoiced. The caller saves the subscription."""
    take_scheduled_price(subscription, period.start)
    subscription.free_until = period.end
    return subscription, period


def note_free_periods(begun: list[tuple[Subscription, Period]], *, actor) -> None:
    """Tell of what began: [(subscription, period)]."""
    if not begun:
        return
    acts = [(row, {"free_until": [period.start, period.end]}) for row, period in begun]
    audit_many(actor, "billing.free_period_begun", acts)
    emit_many([FreePeriodBegun(row.pk) for row, _period in begun])
