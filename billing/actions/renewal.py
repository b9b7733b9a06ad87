"""Renewals: every due period of a client is invoiced once, in order, grouped by due date."""

from collections import defaultdict
from datetime import date, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Account, Invoice, InvoiceLine, NewLine, Subscription, SubscriptionChange
from billing.models.cycle import add_months
from billing.options import CONTINUOUS_INVOICING
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
    there: one invoice per day (or month, or service, by the client's wish), oldest first. Missed periods are caught up; a
    runaway parks the account."""
    with transaction.atomic():
        account = lock_account(account)
        until = _end_of_month(until) if account.consolidate_monthly else until
        until = min(until, add_months(clock.today(), MAX_MONTHS_AHEAD))
        if account.parked_at:
            return []
        by_day, runaways, begun = _due_lines(account, until)
        for day, lines in billable_lines(account, until, set(by_day)).items():
            by_day[day] += lines
        invoices = [_renew(account, day, lines, actor) for day, lines in documents_of(account, by_day)]
        note_billed(invoices)
        for change, day in begun:
            change.invoice = _invoice_of(invoices, change, day)
            change.save(update_fields=["invoice"])
        if runaways:
            reason = _("More than %(count)s periods of %(name)s were due at once.")
            park_account(account, actor=actor, reason=reason % {"count": MAX_PERIODS_PER_RUN, "name": runaways[0]})
    return invoices


def _invoice_of(invoices: list[Invoice], change: SubscriptionChange, day: date) -> Invoice:
    """Where the period that begins on the day stands."""
    lines = InvoiceLine.objects.filter(invoice__in=invoices, subscription_id=change.subscription_id, period_start=day)
    return lines.select_related("invoice").first().invoice


def _due_lines(account: Account, until: date) -> tuple[dict, list[Subscription], list]:
    """{first day: lines}, moving each subscription on; those that still are not done at the cap; and the changes of terms that
    began, with their days. What waits for the payment of a change waits here too."""
    by_day, runaways, begun, at_once = defaultdict(list), [], [], MAX_PERIODS_PER_RUN
    rows = Subscription.objects.due_by(until).filter(account=account).select_related("product", "client__group")
    rows = rows.exclude(changes__state=SubscriptionChange.State.UNPAID).prefetch_related(*PRICED, SCHEDULED)
    if not CONTINUOUS_INVOICING.value:
        unpaid = InvoiceLine.objects.filter(invoice__account=account, invoice__state="issued", kind="recurring", released=False)
        rows, at_once = rows.exclude(pk__in=unpaid.values("subscription_id")), 1
    for subscription in rows.order_by("pk"):
        for _count in range(at_once):
            if not _is_due(subscription, until):
                break
            subscription, change = with_new_terms(subscription)
            if change:
                begun.append((change, subscription.next_due_on))
            by_day[subscription.next_due_on] += _next_lines(subscription, account.client.language)
            use_up(subscription, subscription.next_due_on)
            subscription.move_to(subscription.period_index + 1)
        if _is_due(subscription, until) and at_once > 1:
            runaways.append(subscription)
        subscription.save(update_fields=["period_index", "next_due_on", "price_amount"])
    return by_day, runaways, begun


def documents_of(account: Account, by_day: dict[date, list[NewLine]]) -> list[tuple[date, list[NewLine]]]:
    """[(first day, lines)] of the invoices to be written, oldest first. Pure: one a day, or one a month by the client's wish;
    services with invoices of their own apart."""
    found: dict[tuple, tuple[date, list]] = {}
    for day in sorted(by_day):
        for line in by_day[day]:
            service = line.subscription
            is_apart = service is not None and (account.separate_invoices or service.separate_invoice)
            when = (day.year, day.month) if account.consolidate_monthly else day
            found.setdefault((when, service.pk if is_apart else 0), (day, []))[1].append(line)
    return list(found.values())


def _end_of_month(day: date) -> date:
    return add_months(day.replace(day=1), 1) - timedelta(days=1)


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
