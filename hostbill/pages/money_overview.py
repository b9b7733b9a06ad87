"""Money as the staff home page shows it: received, at risk, overdue by age. All from the rows, nothing cached."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Charge, Invoice, Payment, Subscription
from hostbill.core import clock
from hostbill.core.money import Money
from hostbill.core.options import COMPANY_CURRENCY

#: Days overdue: first, last, tone of the bar. Grey until a rule bites.
AGES = ((1, 7, "muted"), (8, 14, "muted"), (15, 30, "warn"), (31, 60, "bad"), (61, 100_000, "bad"))


@dataclass(frozen=True)
class Received:
    """Payments in the base currency; `others` are sums in further currencies this month, never added silently."""

    today: Money
    today_count: int
    month: Money
    month_words: str
    change: str
    days: list
    others: list


def received():
    """Today, this month day by day, and against the same days of the month before."""
    today, currency = clock.today(), COMPANY_CURRENCY.value
    first = today.replace(day=1)
    rows = Payment.objects.filter(received_on__gte=first, received_on__lte=today)
    sums = rows.filter(currency=currency).values("received_on").annotate(total=Sum("amount"), count=Count("pk"))
    by_day = {row["received_on"]: row for row in sums.order_by("received_on")}
    month = sum((row["total"] for row in by_day.values()), Decimal(0))
    others = rows.exclude(currency=currency).values("currency").annotate(total=Sum("amount")).order_by("currency")
    mine = by_day.get(today, {"total": Decimal(0), "count": 0})
    last = calendar.monthrange(first.year, first.month)[1]
    days = [first.replace(day=number) for number in range(1, last + 1)]
    return Received(
        today=Money(mine["total"], currency),
        today_count=mine["count"],
        month=Money(month, currency),
        month_words=_("This month so far"),
        change=_change(month, currency, first, today),
        days=[(str(day.day), by_day.get(day, {"total": Decimal(0)})["total"]) for day in days],
        others=[Money(row["total"], row["currency"]) for row in others],
    )


def _change(month, currency, first, today):
    """In words against the same days of the month before; empty when that month had none."""
    before = first - timedelta(days=1)
    until = before.replace(day=min(today.day, before.day))
    rows = Payment.objects.filter(currency=currency, received_on__gte=before.replace(day=1), received_on__lte=until)
    earlier = rows.aggregate(total=Sum("amount"))["total"]
    if not earlier:
        return ""
    percent = round((month - earlier) / earlier * 100)
    if percent >= 0:
        return _("%(percent)d %% above the month before") % {"percent": percent}
    return _("%(percent)d %% below the month before") % {"percent": -percent}


@dataclass(frozen=True)
class Age:
    """Overdue invoices of one age."""

    label: str
    tone: str
    count: int
    sums: list
    weight: Decimal


def overdue():
    """(ages, number of invoices, sums by currency)."""
    today, ages = clock.today(), []
    for first, last, tone in AGES:
        span = (today - timedelta(days=min(last, 20_000)), today - timedelta(days=first))
        ages.append(_age(first, last, tone, span))
    totals = {}
    for age in ages:
        for amount in age.sums:
            totals[amount.currency] = totals.get(amount.currency, Money.zero(amount.currency)) + amount
    return ages, sum(age.count for age in ages), list(totals.values())


def _age(first, last, tone, span):
    rows = Invoice.objects.filter(state="issued", due_on__range=span).values("currency")
    found = list(rows.annotate(total=Sum("open_amount"), count=Count("pk")).order_by("currency"))
    label = _("Over 60 days") if first > 60 else _("%(first)d–%(last)d days") % {"first": first, "last": last}
    return Age(
        label=label,
        tone=tone if found else "muted",
        count=sum(row["count"] for row in found),
        sums=[Money(row["total"], row["currency"]) for row in found],
        weight=sum((row["total"] for row in found), Decimal(0)),
    )


@dataclass(frozen=True)
class Risk:
    """One way to lose money: zero is shown too, as proof that somebody looked."""

    words: str
    count: int


def risks():
    """What should not be."""
    today: date = clock.today()
    unpaid_live = Subscription.objects.filter(
        state="active", service__state="live", invoice_lines__invoice__state="issued",
        invoice_lines__invoice__due_on__lt=today - timedelta(days=30),
    ).distinct().count()  # fmt: skip
    down = Subscription.objects.filter(state="active", service__state__in=["suspended", "review"]).count()
    unbilled = Subscription.objects.running().filter(next_due_on__lt=today).count()
    unknown = Charge.objects.filter(state="unknown").count()
    return [
        Risk(ngettext("service runs unpaid for a month", "services run unpaid for a month", unpaid_live), unpaid_live),
        Risk(ngettext("paid service is down", "paid services are down", down), down),
        Risk(ngettext("period began without an invoice", "periods began without an invoice", unbilled), unbilled),
        Risk(ngettext("charge without an answer", "charges without an answer", unknown), unknown),
    ]
