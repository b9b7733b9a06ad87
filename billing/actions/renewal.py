"""Renewals: every due period of a client is invoiced once, in order, grouped by due date."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Account, BillableItem, Invoice, InvoiceLine, NewLine, Subscription, SubscriptionChange
from billing.models.cycle import add_months
from billing.options import CONTINUOUS_INVOICING, PROFORMA
from billing.queries.pricing import PRICED, recurring_parts
from billing.queries.tax import EU_CONSUMER, TaxRules
from billing.queries.tax_rules import buyer_of
from hostbill.core import clock
from hostbill.core.errors import AppError
from hostbill.core.locks import lock_all

from .account import park_account
from .billable import billable_lines, note_billed
from .change_apply import SCHEDULED, with_new_terms
from .discount import use_up
from .free_period import begin_free_period, note_free_periods
from .hold import issue_or_hold, must_wait
from .invoice import draft_invoice
from .issue_many import NewInvoice, issue_many
from .lines import rules_for_writing

#: More periods than this of one subscription in one run mean that something is wrong: stop and let staff look.
MAX_PERIODS_PER_RUN = 15
MAX_MONTHS_AHEAD = 36


@dataclass
class _Due:
    """What one account is to be invoiced for: lines by the first day served, subscriptions that are not done at the cap, the
    changes of terms that begin, with their days, and what begins a period that costs nothing."""

    account: Account
    until: date
    by_day: dict = field(default_factory=lambda: defaultdict(list))
    runaways: list = field(default_factory=list)
    begun: list = field(default_factory=list)
    free: list = field(default_factory=list)
    has_items: bool = False
    invoices: list = field(default_factory=list)


def raise_renewals(account: Account, *, until: date, actor) -> list[Invoice]:
    """Invoice every period of the client's running subscriptions that begins on or before `until`, and its billable items up to
    there: one invoice per day (or month, or service, by the client's wish), oldest first. Missed periods are caught up; a
    runaway parks the account."""
    return raise_renewals_of([account.pk], until=until, actor=actor)


def raise_renewals_of(accounts: list[int], *, until: date, actor) -> list[Invoice]:
    """The same for several accounts in one transaction: as many statements for five hundred as for one."""
    with transaction.atomic():
        due = {account.pk: _Due(account, _until(account, until)) for account in _locked(accounts)}
        _take_periods(due)
        _take_items(due)
        _write(due, actor)
        for each in due.values():
            if each.has_items:
                note_billed(each.invoices)
            for change, day in each.begun:
                change.invoice = _invoice_of(each.invoices, change, day)
                change.save(update_fields=["invoice"])
            note_free_periods(each.free, actor=actor)
            if each.runaways:
                reason = _("More than %(count)s periods of %(name)s were due at once.")
                words = reason % {"count": MAX_PERIODS_PER_RUN, "name": each.runaways[0]}
                park_account(each.account, actor=actor, reason=words)
    return [invoice for each in due.values() for invoice in each.invoices]


def _locked(accounts: list[int]) -> list[Account]:
    """Those that automation may touch, with all that pricing and tax ask of their clients."""
    rows = Account.objects.filter(pk__in=accounts).select_related("client__group", "client__tax_profile")
    return [account for account in lock_all(rows) if not account.parked_at]


def _until(account: Account, until: date) -> date:
    until = _end_of_month(until) if account.consolidate_monthly else until
    return min(until, add_months(clock.today(), MAX_MONTHS_AHEAD))


def _invoice_of(invoices: list[Invoice], change: SubscriptionChange, day: date) -> Invoice | None:
    """Where the period that begins on the day stands; None when it costs nothing."""
    lines = InvoiceLine.objects.filter(invoice__in=invoices, subscription_id=change.subscription_id, period_start=day)
    line = lines.select_related("invoice").first()
    return line.invoice if line else None


def _take_periods(due: dict[int, _Due]) -> None:
    """The lines of all periods that are due, moving each subscription on. What waits for the payment of a change waits here
    too."""
    if not due:
        return
    rows = Subscription.objects.due_by(max(each.until for each in due.values())).filter(account_id__in=due)
    rows = rows.exclude(changes__state=SubscriptionChange.State.UNPAID)
    at_once = MAX_PERIODS_PER_RUN
    if not CONTINUOUS_INVOICING.value:
        unpaid = InvoiceLine.objects.filter(
            invoice__account_id__in=due, invoice__state="issued", kind="recurring", released=False
        )
        rows, at_once = rows.exclude(pk__in=unpaid.values("subscription_id")), 1
    moved = []
    for subscription in rows.select_related("product").prefetch_related(*PRICED, SCHEDULED).order_by("account_id", "pk"):
        each = due[subscription.account_id]
        subscription.account, subscription.client = each.account, each.account.client
        moved.append(_take_due(subscription, each, at_once))
    _note_moved(moved)


def _take_due(subscription: Subscription, due: _Due, at_once: int) -> Subscription:
    language = subscription.client.language
    for _count in range(at_once):
        if not _is_due(subscription, due.until):
            break
        subscription, change = with_new_terms(subscription)
        if change:
            due.begun.append((change, subscription.next_due_on))
        lines, day = _next_lines(subscription, language), subscription.next_due_on
        if any(line.unit_amount for line in lines):
            due.by_day[day] += lines
            use_up(subscription, day)
        else:
            due.free.append(begin_free_period(subscription, lines[0].period))
        subscription.move_to(subscription.period_index + 1)
    if _is_due(subscription, due.until) and at_once > 1:
        due.runaways.append(subscription)
    return subscription


def _note_moved(rows: list[Subscription]) -> None:
    """One statement: `bulk_update` takes longer than the periods were worked out in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_subscription SET period_index = moved.period, next_due_on = moved.due, price_amount = moved.price, "
            "free_until = moved.free, paid_until = greatest(paid_until, moved.free), updated_at = %s "
            "FROM unnest(%s::bigint[], %s::int[], %s::date[], %s::numeric[], %s::date[]) AS moved (id, period, due, price, free) "
            "WHERE billing_subscription.id = moved.id",
            [
                clock.now(),
                [row.pk for row in rows],
                [row.period_index for row in rows],
                [row.next_due_on for row in rows],
                [row.price_amount for row in rows],
                [row.free_until for row in rows],
            ],
        )


def _take_items(due: dict[int, _Due]) -> None:
    """Billable items; few clients have any."""
    items = BillableItem.objects.filter(account_id__in=due, state=BillableItem.State.OPEN)
    for pk in sorted(set(items.values_list("account_id", flat=True))):
        each = due[pk]
        found = billable_lines(each.account, each.until, set(each.by_day))
        each.has_items = bool(found)
        for day, lines in found.items():
            each.by_day[day] += lines


def _write(due: dict[int, _Due], actor) -> None:
    """The invoices: all together but for those that have to be written one by one."""
    rules = rules_for_writing(*(each.account.client for each in due.values() if each.by_day))
    documents = [
        (each, NewInvoice(each.account, lines, max(day, clock.today())))
        for each in due.values()
        for day, lines in documents_of(each.account, each.by_day)
    ]
    alone = {pk for pk, each in due.items() if _stands_alone(each.account, rules)}
    together = [(each, new) for each, new in documents if each.account.pk not in alone]
    for (each, _new), invoice in zip(together, issue_many([new for _each, new in together], actor=actor, rules=rules), strict=True):
        each.invoices.append(invoice)
    for each, new in documents:
        if each.account.pk in alone:
            draft = draft_invoice(each.account, new.lines, kind=new.kind, due_on=new.due_on)
            each.invoices.append(issue_or_hold(draft, actor=actor))


def _stands_alone(account: Account, rules: TaxRules) -> bool:
    """What may be held back, or counts against a limit that the invoice before it may have used up, or gets its legal number
    only when it is paid."""
    if PROFORMA.value or must_wait(account.client):
        return True
    return rules.room is not None and rules.supply(buyer_of(account.client))[0] == EU_CONSUMER


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
