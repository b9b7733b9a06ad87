"""Closing a month of the books, so that what was reported of it stays as it was, and opening it again."""

from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext as _

from billing.models import JournalEntry, LedgerPeriod
from billing.models.cycle import add_months
from billing.queries.open_day import first_open_day
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError

from .recognition import is_recognised, month_end


def first_open_month() -> date | None:
    """The first day of the month that would be closed next; None while nothing is booked."""
    open_from = first_open_day()
    if open_from:
        return open_from
    first = JournalEntry.objects.order_by("booked_on").values_list("booked_on", flat=True).first()
    return first.replace(day=1) if first else None


def close_month(*, month: date, actor) -> LedgerPeriod:
    """Take no more entries of the month and of those before it. What belongs there and comes later is booked on the first
    day that is open. Closed twice is fine.

    AppError "not_over", "nothing_booked", "not_recognised" while revenue served in the month waits to be booked."""
    month = month.replace(day=1)
    if month_end(month) >= clock.today():
        raise AppError(_("This month is not over."), code="not_over", field="month")
    with transaction.atomic():
        _alone()
        next_month = first_open_month()
        if next_month is None or _is_before_all(month, next_month):
            raise AppError(_("Nothing was booked in it or before."), code="nothing_booked", field="month")
        if not is_recognised(month_end(month)):
            words = _("Revenue served in this month is still to be booked. The job does that at night, or run it now.")
            raise AppError(words, code="not_recognised", field="month")
        while next_month <= month:
            _close(next_month, actor)
            next_month = add_months(next_month, 1)
        return LedgerPeriod.objects.filter(month__lte=month).latest("month")


def _is_before_all(month: date, next_month: date) -> bool:
    """Whether the month ends before anything was booked; a closed one does not."""
    return month < next_month and not LedgerPeriod.objects.filter(month__lte=month).exists()


def _close(month: date, actor) -> None:
    period, _made = LedgerPeriod.objects.get_or_create(month=month)
    period.closed_at, period.closed_by = clock.now(), actor.label[:200]
    period.save()
    audit(actor, "billing.month_closed", period, changes={})


def reopen_month(period: LedgerPeriod, *, reason: str, actor) -> LedgerPeriod:
    """Take entries of the month again. Only the last closed one: the closed months have no hole. AppError "not_closed",
    "later_closed", "no_reason"."""
    if not reason.strip():
        raise AppError(_("Say why."), code="no_reason", field="reason")
    with transaction.atomic():
        _alone()
        period = LedgerPeriod.objects.select_for_update().get(pk=period.pk)
        if period.closed_at is None:
            raise AppError(_("This month is open."), code="not_closed")
        later = LedgerPeriod.objects.filter(month__gt=period.month, closed_at__isnull=False).order_by("month").last()
        if later:
            raise AppError(_("Open %(month)s first.") % {"month": later}, code="later_closed")
        period.closed_at, period.reason = None, reason[:300]
        period.reopened_at, period.reopened_by = clock.now(), actor.label[:200]
        period.save()
        audit(actor, "billing.month_reopened", period, reason=reason, changes={})
    return period


def _alone() -> None:
    """Wait for bookings under way, and let new ones wait: they must see the month closed. See the migration's trigger."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing_ledgerperiod'))")
