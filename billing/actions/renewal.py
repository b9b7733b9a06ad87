"""Renewals: every due period of a client is invoiced once, in order, grouped by due date."""

from collections import defaultdict
from datetime import date

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Account, Invoice, NewLine, Subscription, SubscriptionChange
from billing.models.cycle import add_months
from billing.queries.pricing import PRICED, recurring_parts
from hostbill.core import clock
from hostbill.core.errors import AppError

from .account import lock_account, park_account
from .billable import billable_lines, note_billed
from .change_apply import SCHEDULED, with_new_terms
from .discount import use_up
from .hold import issue_or_hold
from .invoice import draft_invoice

#: More periods than this of one subscription in one run mean that something is wrong: stop and let staff look.
MAX_PERIODS_PER_RUN = 15
MAX_MONTHS_AHEAD = 36


def raise_renewals(account: Account, *, until: date, actor) -> list[Invoice]:
    """Invoice every period of the client's running subscriptions that begins on or before `until`, and its billable items up to
    there: one invoice per day, oldest first. Missed periods are caught up; a runaway parks the account."""
    until = min(until, add_months(clock.today(), MAX_MONTHS_AHEAD))
    with transaction.atomic():
        account = lock_account(account)
        if account.parked_at:
            return []
        by_day, runaways, begun = _due_lines(account, until)
        for day, lines in billable_lines(account, until, set(by_day)).items():
            by_day[day] += lines
        invoices = {day: _renew(account, day, by_day[day], actor) for day in sorted(by_day)}
        note_billed(list(invoices.values()))
        for change, day in begun:
            change.invoice = invoices[day]
            change.save(update_fields=["invoice"])
        if runaways:
            reason = _("More than %(count)s periods of %(name)s were due at once.")
            park_account(account, actor=actor, reason=reason % {"count": MAX_PERIODS_PER_RUN, "name": runaways[0]})
    return list(invoices.values())


def _due_lines(account: Account, until: date) -> tuple[dict, list[Subscription], list]:
    """{first day: lines}, moving each subscription on; those that still are not done at the cap; and the changes of terms that
    began, with their days. What waits for the payment of a change waits here too."""
    by_day, runaways, begun = defaultdict(list), [], []
    rows = Subscription.objects.due_by(until).filter(account=account).select_related("product", "client__group")
    rows = rows.exclude(changes__state=SubscriptionChange.State.UNPAID).prefetch_related(*PRICED, SCHEDULED)
    for subscription in rows.order_by("pk"):
        for _count in range(MAX_PERIODS_PER_RUN):
            if not _is_due(subscription, until):
                break
            subscription, change = with_new_terms(subscription)
            if change:
                begun.append((change, subscription.next_due_on))
            by_day[subscription.next_due_on] += _next_lines(subscription, account.client.language)
            use_up(subscription, subscription.next_due_on)
            subscription.move_to(subscription.period_index + 1)
        if _is_due(subscription, until):
            runaways.append(subscription)
        subscription.save(update_fields=["period_index", "next_due_on", "price_amount"])
    return by_day, runaways, begun


def _is_due(subscription: Subscription, until: date) -> bool:
    return subscription.next_due_on is not None and subscription.next_due_on <= until


def _next_lines(subscription: Subscription, language: str) -> list[NewLine]:
    """The next period. AppError "period_index" when number and day of it disagree: a wrong period is never billed."""
    period = subscription.period(subscription.period_index)
    if period.start != subscription.next_due_on:
        words = _("The next period of %(name)s begins on %(day)s, but its number says %(other)s.")
        days = {"name": subscription.label, "day": subscription.next_due_on, "other": period.start}
        raise AppError(words % days, code="period_index")
    with translation.override(language):
        return recurring_parts(subscription, period)


def _renew(account: Account, day: date, lines: list[NewLine], actor) -> Invoice:
    due_on = max(day, clock.today())
    return issue_or_hold(draft_invoice(account, lines, kind=Invoice.Kind.RENEWAL, due_on=due_on), actor=actor)
