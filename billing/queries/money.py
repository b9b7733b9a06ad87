"""Figures for the staff dashboard: what came in, what is owed and for how long."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Sum

from billing.models import Charge, Invoice, Payment, Subscription
from billing.models.cycle import months
from hostbill.core import clock
from hostbill.core.money import Money

#: Upper ends of the ageing columns, in days after the due date; the last column has none.
AGES = (7, 14, 30, 60)


@dataclass(frozen=True)
class Ageing:
    """Overdue money of one age: from `first` to `last` days late (None: and more)."""

    first: int
    last: int | None
    count: int
    money: Money


def received(first: date, last: date) -> dict[str, Money]:
    """Money that came in from day to day, both included, by currency."""
    rows = Payment.objects.filter(received_on__range=(first, last)).values("currency")
    return {row["currency"]: Money(row["total"], row["currency"]) for row in rows.annotate(total=Sum("amount"))}


def received_today() -> dict[str, Money]:
    """Money that came in today."""
    return received(clock.today(), clock.today())


def received_this_month() -> dict[str, Money]:
    """Money that came in since the first of the month."""
    return received(clock.today().replace(day=1), clock.today())


def received_by_day(days: int = 30) -> dict[str, list[tuple[date, Money]]]:
    """By currency: one (day, money) for each of the last days, days without money included."""
    first = clock.today() - timedelta(days=days - 1)
    rows = (
        Payment.objects.filter(received_on__gte=first).values("currency", "received_on").annotate(total=Sum("amount"))
    )
    found = defaultdict(dict)
    for row in rows:
        found[row["currency"]][row["received_on"]] = row["total"]
    every_day = [first + timedelta(days=number) for number in range(days)]
    return {
        currency: [(day, Money(by_day.get(day, Decimal(0)), currency)) for day in every_day]
        for currency, by_day in found.items()
    }


def owed() -> dict[str, Money]:
    """Everything open on issued invoices, by currency."""
    rows = Invoice.objects.unpaid().values("currency").annotate(total=Sum("open_amount"))
    return {row["currency"]: Money(row["total"], row["currency"]) for row in rows}


def overdue_by_age(currency: str) -> list[Ageing]:
    """Overdue money in columns by age; columns without any are there too."""
    today, columns, first = clock.today(), [], 1
    for last in (*AGES, None):
        rows = Invoice.objects.unpaid().filter(currency=currency, due_on__lte=today - timedelta(days=first))
        if last:
            rows = rows.filter(due_on__gte=today - timedelta(days=last))
        found = rows.aggregate(count=Count("pk"), total=Sum("open_amount"))
        columns.append(Ageing(first, last, found["count"], Money(found["total"] or Decimal(0), currency)))
        first = (last or 0) + 1
    return columns


def recurring_by_month() -> dict[str, Money]:
    """Net recurring revenue per month of everything that runs, by currency."""
    totals = defaultdict(Decimal)
    rows = Subscription.objects.running().exclude(cycle="one_time").values("currency", "cycle", "quantity")
    for row in rows.annotate(total=Sum("price_amount")):
        totals[row["currency"]] += row["total"] * row["quantity"] / months(row["cycle"])
    return {currency: Money(total, currency) for currency, total in totals.items()}


def recent_failures(days: int = 7):
    """Charges that failed lately on invoices still open, newest first."""
    since = clock.now() - timedelta(days=days)
    rows = Charge.objects.filter(state="failed", failed_at__gte=since, invoice__state="issued")
    return rows.select_related("client", "invoice", "payment_method").order_by("-failed_at")
