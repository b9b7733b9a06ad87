"""Use cases of metered use: events are recorded, months are closed and written down to be charged, once each."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import BillableItem, Metric, Period, Subscription, UsagePeriod, UsageRecord
from billing.options import ORDER_DUE_DAYS, RENEWAL_DAYS_BEFORE
from billing.queries.usage import (
    MOST_COST,
    MOST_ON_A_LINE,
    Counted,
    Part,
    amount_words,
    changes_of_product,
    cost_of,
    counted,
    first_open_day,
    handed_over_on,
    open_days,
)
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError

from .account import lock_account
from .billable import invoice_items

#: A renewal that is written within so many days takes the closed month along; else it has an invoice of its own.
WAIT = timedelta(days=31)
FIRST_WORDS = {
    "before_start": gettext_lazy("It had not begun on that day."),
    "handed_over": gettext_lazy("It belonged to somebody else on that day."),
}


@dataclass(frozen=True)
class UsageEvent:
    """What is to be recorded. `metric` belongs to the subscription's product; `occurred_at` is aware."""

    event_id: str
    metric: Metric
    quantity: Decimal
    occurred_at: datetime
    reason: str = ""


@dataclass
class Recorded:
    """What became of events: written now, or known already."""

    rows: list[UsageRecord] = field(default_factory=list)
    known: int = 0


def record_usage(subscription: Subscription, events: list[UsageEvent], *, actor) -> Recorded:
    """Write events down, all or none. One that is known by its id is left as it is. AppError: "not_running", "event_conflict" for a known
    id with other values, "future", "before_start", "handed_over" for a day of another client, "metric_ended", "other_product", "too_much",
    "no_reason" for a negative quantity."""
    with transaction.atomic():
        account = lock_account(subscription.account)
        subscription = Subscription.objects.select_related("account").get(pk=subscription.pk)
        if not subscription.is_running:
            raise AppError(_("It is not running any more."), code="not_running")
        if subscription.account_id != account.pk:
            raise AppError(_("It belongs to somebody else by now."), code="not_running")
        _check_metrics(subscription, {event.metric.pk: event.metric for event in events})
        first = _first_day(subscription)
        ids = {event.event_id for event in events}
        known = {row.event_id: row for row in UsageRecord.objects.filter(subscription=subscription, event_id__in=ids)}
        done = Recorded()
        for event in events:
            row = _row(subscription, event, actor)
            standing = known.setdefault(event.event_id, row)
            if standing is row:
                _check(subscription, event, row.occurred_on, first)
                done.rows.append(row)
                continue
            if (standing.metric_id, standing.quantity, standing.occurred_at) != (row.metric_id, row.quantity, row.occurred_at):
                words = _("Event %(event)s was recorded before with other values.") % {"event": event.event_id}
                raise AppError(words, code="event_conflict", field="events")
            done.known += 1
        UsageRecord.objects.bulk_create(done.rows)
        if done.rows:
            reason = next((row.reason for row in done.rows if row.reason), "")
            audit(actor, "billing.usage_recorded", subscription, reason=reason, changes={"events": [None, len(done.rows)]})
    return done


def _row(subscription: Subscription, event: UsageEvent, actor) -> UsageRecord:
    return UsageRecord(
        subscription=subscription,
        metric=event.metric,
        event_id=event.event_id,
        quantity=event.quantity,
        occurred_at=event.occurred_at,
        occurred_on=event.occurred_at.astimezone(clock.seller_zone()).date(),
        reason=event.reason.strip()[:300],
        recorded_by=actor.label[:200],
    )


def _check_metrics(subscription: Subscription, metrics: dict[int, Metric]) -> None:
    """Each is of a product that it is or was. Their prices are fetched at once."""
    if any(metric.product_id != subscription.product_id for metric in metrics.values()):
        products = {subscription.product_id, *(change.from_product_id for change in changes_of_product(subscription))}
        if any(metric.product_id not in products for metric in metrics.values()):
            raise AppError(_("Its product has no such metric."), code="other_product", field="metric")
    prefetch_related_objects(list(metrics.values()), "terms")


def _first_day(subscription: Subscription) -> tuple[date, str]:
    """From which day on use is this client's, and the code of the refusal before it."""
    handed = handed_over_on(subscription)
    return (handed, "handed_over") if handed else (subscription.started_on, "before_start")


def _check(subscription: Subscription, event: UsageEvent, day: date, first: tuple[date, str]) -> None:
    if event.occurred_at > clock.now():
        raise AppError(_("This is in the future."), code="future", field="occurred_at")
    if day < first[0]:
        raise AppError(FIRST_WORDS[first[1]], code=first[1], field="occurred_at")
    if cost_of(event.metric, subscription.currency, event.quantity, day) > MOST_COST:
        raise AppError(_("So much no invoice could hold: look at the quantity."), code="too_much", field="quantity")
    if event.metric.ended_on and day >= event.metric.ended_on:
        raise AppError(_("This is not metered any more."), code="metric_ended", field="metric")
    if event.quantity < 0 and not event.reason.strip():
        raise AppError(_("Say why."), code="no_reason", field="reason")


def record_by_hand(
    subscription: Subscription, *, metric: Metric, quantity: Decimal, occurred_at: datetime | None, reason: str, actor
) -> UsageRecord:
    """One event that staff enter, or a correction: a negative quantity with its reason. AppError as `record_usage`."""
    event = UsageEvent(f"hand:{uuid4()}", metric, quantity, occurred_at or clock.now(), reason)
    return record_usage(subscription, [event], actor=actor).rows[0]


def close_usage(subscription: Subscription, *, until: date, actor, cut: date | None = None) -> list[UsagePeriod]:
    """Close every month with use in it that ended by the day, oldest first, and write down what it costs. `cut`: the first day
    that is not this client's any more; what was open up to then is closed too. Done twice nothing is double."""
    with transaction.atomic():
        lock_account(subscription.account)
        subscription = Subscription.objects.select_related("account", "client", "product").get(pk=subscription.pk)
        used = UsageRecord.objects.open().filter(subscription=subscription).values("metric_id")
        found = []
        for metric in Metric.objects.filter(pk__in=used).select_related("product").prefetch_related("terms").order_by("pk"):
            while (day := first_open_day(subscription, metric)) is not None:
                days = open_days(subscription, metric, day, cut)
                if days.end > until or days.end <= days.start:
                    break
                found.append(_close(subscription, metric, days, actor))
        return found


def _close(subscription: Subscription, metric: Metric, days: Period, actor) -> UsagePeriod:
    month = counted(subscription, metric, days)
    period = UsagePeriod.objects.create(
        subscription=subscription,
        metric=metric,
        terms=month.terms,
        starts_on=days.start,
        ends_on=days.end,
        quantity=month.quantity,
        brought=month.brought,
        charged_quantity=month.charged_quantity,
    )
    rows = UsageRecord.objects.open().filter(subscription=subscription, metric=metric, occurred_on__lt=days.end)
    rows.update(period=period, updated_at=clock.now())
    if month.amount.amount:
        _write_down(period, month)
    audit(actor, "billing.usage_closed", period, changes={"quantity": [None, month.quantity], "net": [None, month.amount.amount]})
    return period


def _write_down(period: UsagePeriod, month: Counted) -> None:
    """A billable item for each price, for the day of the renewal that takes it along, or a day of its own."""
    subscription, day = period.subscription, _charged_on(period.subscription)
    with translation.override(subscription.client.language):
        for part in month.parts:
            quantity, unit = part.quantity, part.unit_amount
            if quantity > MOST_ON_A_LINE:
                quantity, unit = Decimal(1), part.amount
            BillableItem.objects.create(
                client=subscription.client,
                account=subscription.account,
                currency=subscription.currency,
                description=_words(period, month, part)[:400],
                unit_kind=BillableItem.Unit.QUANTITY,
                quantity=quantity,
                unit_amount=unit,
                tax_class=period.metric.product.tax_class,
                action=BillableItem.Action.DUE_DATE,
                first_on=day,
                next_on=day,
                usage=period,
            )


def _charged_on(subscription: Subscription) -> date:
    today = clock.today()
    due_on = subscription.next_due_on
    if subscription.is_running and due_on and due_on - timedelta(days=RENEWAL_DAYS_BEFORE.value) <= today + WAIT:
        return due_on
    return today + timedelta(days=ORDER_DUE_DAYS.value)


def _words(period: UsagePeriod, month: Counted, part: Part) -> str:
    """What was used, of how much; prices of a range name its beginning, and its own amount says what it is."""
    names = {
        "metric": period.metric.name,
        "service": period.subscription.label or period.subscription.product.name,
        "used": amount_words(month.quantity, period.metric.unit),
        "included": amount_words(month.terms.included, period.metric.unit),
        "above": amount_words(month.terms.included + part.above, period.metric.unit),
    }
    if part.is_fixed and part.above:
        return _("%(metric)s · %(service)s: fixed amount above %(above)s") % names
    if part.is_fixed:
        return _("%(metric)s · %(service)s: fixed amount, %(used)s used") % names
    if part.above:
        return _("%(metric)s · %(service)s: %(used)s used, the part above %(above)s") % names
    if month.terms.included:
        return _("%(metric)s · %(service)s: %(used)s used, %(included)s included") % names
    return _("%(metric)s · %(service)s: %(used)s used") % names


def invoice_last_use(subscription: Subscription, *, actor) -> None:
    """It has ended: what was used to this day, and what waited for a renewal, is invoiced now. Caller holds the account's lock."""
    tomorrow = clock.today() + timedelta(days=1)
    close_usage(subscription, until=tomorrow, cut=tomorrow, actor=actor)
    invoice_waiting(subscription, actor=actor)


def invoice_waiting(subscription: Subscription, *, actor) -> None:
    """Closed months that stand on no invoice yet, on one of their own."""
    waiting = list(BillableItem.objects.filter(usage__subscription=subscription, state="open").order_by("pk"))
    if waiting:
        invoice_items(subscription.account, waiting, actor=actor)
