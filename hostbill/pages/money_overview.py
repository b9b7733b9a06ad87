"""Money as the staff home page shows it: received and expected, at risk, overdue by age, customers won and lost."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Case, Count, Exists, F, OuterRef, Sum, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Charge, Invoice, Payment, Subscription
from billing.queries.money import recurring_by_month
from clients.models import Client
from hostbill.core import clock
from hostbill.core.money import Money
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.core.ui.words import day_words, month_words
from hostbill.pages.links import address, filtered
from provisioning.models import Drift, Service
from provisioning.queries.drift import RUNS_UNPAID, STANDING, leaks

#: Days overdue: first, last, tone of the bar. Grey until a rule bites.
AGES = ((1, 7, "muted"), (8, 14, "muted"), (15, 30, "warn"), (31, 60, "bad"), (61, None, "bad"))
MONTHS = 12
UNPAID_FOR = timedelta(days=30)
#: Rows of another table that are named one by one.
FEW = 5000


@dataclass(frozen=True)
class Figure:
    """A sum or a count with the list of exactly its rows."""

    label: str
    value: object
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Received:
    """Payments in the base currency; `others` are sums in further currencies this month, never added silently."""

    figures: list
    expected: list
    days: list
    forecast_from: int
    until: date
    currency: str
    others: list


def received() -> Received:
    """Today, this month day by day against the month before, and what the rest of the month should bring."""
    today, currency = clock.today(), COMPANY_CURRENCY.value
    first = today.replace(day=1)
    last = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    rows = Payment.objects.filter(received_on__range=(first, today))
    by_day = _by_day(rows.filter(currency=currency), "received_on", "amount")
    invoices, renewals = _invoices_due(today, last, currency), _renewals_due(today, last, currency)
    month, coming = _sum(by_day), _sum(invoices) + _sum(renewals)
    others = rows.exclude(currency=currency).values("currency").annotate(total=Sum("amount")).order_by("currency")
    days = [first + timedelta(days=number) for number in range(last.day)]
    bars = [by_day.get(day, NOTHING)[0] + invoices.get(day, NOTHING)[0] + renewals.get(day, NOTHING)[0] for day in days]
    return Received(
        figures=[
            _today(by_day.get(today, NOTHING), today, currency),
            Figure(
                month_words(first), Money(month, currency), _change(month, currency, first, today), _paid(first, today)
            ),
            Figure(_("Forecast"), Money(month + coming, currency), _("by %(day)s") % {"day": day_words(last)}),
        ],
        expected=_expected(invoices, renewals, today, last, currency) if today < last else [],
        days=[(str(day.day), bar) for day, bar in zip(days, bars, strict=True)],
        forecast_from=today.day,
        until=last,
        currency=currency,
        others=[Money(row["total"], row["currency"]) for row in others],
    )


#: (sum, count) of a day without rows.
NOTHING = (Decimal(0), 0)


def _by_day(rows, column, amount) -> dict:
    """{day: (sum, count)}."""
    found = rows.values(column).annotate(total=Sum(amount), count=Count("pk")).order_by(column)
    return {row[column]: (row["total"], row["count"]) for row in found}


def _sum(by_day) -> Decimal:
    return sum((total for total, _count in by_day.values()), Decimal(0))


def _invoices_due(today, last, currency) -> dict:
    """Unpaid invoices that fall due after today."""
    rows = Invoice.objects.unpaid().filter(currency=currency, due_on__gt=today, due_on__lte=last)
    return _by_day(rows, "due_on", "open_amount")


def _renewals_due(today, last, currency) -> dict:
    """Periods that begin after today and have no invoice yet: before tax, since tax is known only then."""
    return _by_day(renewals_due(today, last, currency), "next_due_on", F("price_amount") * F("quantity"))


def renewals_due(today, last, currency, rows=Subscription.objects):
    """The subscriptions behind it, among these rows."""
    return rows.running().filter(next_due_on__gt=today, next_due_on__lte=last, currency=currency, cancel_at_end=False)


def _expected(invoices, renewals, today, last, currency) -> list:
    """The two parts of the forecast, each with its list."""
    span = {"from": (today + timedelta(days=1)).isoformat(), "to": last.isoformat()}
    due = filtered(
        "billing_staff:invoice_list", tab="open", due_on_from=span["from"], due_on_to=span["to"], currency=currency
    )
    next_due = address("figure_renewals_due")
    counts = [sum(count for _total, count in part.values()) for part in (invoices, renewals)]
    return [
        Figure(
            ngettext("%(n)d invoice falls due", "%(n)d invoices fall due", counts[0]) % {"n": counts[0]},
            Money(_sum(invoices), currency),
            url=due,
        ),
        Figure(
            ngettext("%(n)d renewal, before tax", "%(n)d renewals, before tax", counts[1]) % {"n": counts[1]},
            Money(_sum(renewals), currency),
            url=next_due,
        ),
    ]


def _today(total_and_count, today, currency) -> Figure:
    total, count = total_and_count
    words = ngettext("%(count)d payment", "%(count)d payments", count) % {"count": count}
    return Figure(_("Today"), Money(total, currency), words, _paid(today, today))


def _paid(first, last) -> str:
    """The payments from day to day in the base currency."""
    days = {"received_on_from": first.isoformat(), "received_on_to": last.isoformat()}
    return filtered("billing_staff:payment_list", tab="all", **days, currency=COMPANY_CURRENCY.value)


def _change(month, currency, first, today) -> str:
    """In words against the same days of the month before; empty when that month had none."""
    before = first - timedelta(days=1)
    until = before.replace(day=min(today.day, before.day))
    rows = Payment.objects.filter(currency=currency, received_on__range=(before.replace(day=1), until))
    earlier = rows.aggregate(total=Sum("amount"))["total"]
    if not earlier:
        return ""
    percent, name = round((month - earlier) / earlier * 100), month_words(before, year=False)
    if percent >= 0:
        return _("%(percent)d %% above %(month)s") % {"percent": percent, "month": name}
    return _("%(percent)d %% below %(month)s") % {"percent": -percent, "month": name}


@dataclass(frozen=True)
class Age:
    """Overdue invoices of one age."""

    label: str
    tone: str
    count: int
    sums: list
    weight: Decimal
    url: str


def overdue() -> dict:
    """Ages with their lists, number of invoices and sums by currency."""
    today = clock.today()
    late = Invoice.objects.unpaid().filter(due_on__lt=today)
    age = Case(
        *[When(due_on__gte=today - timedelta(days=last), then=first) for first, last, _tone in AGES if last],
        default=AGES[-1][0],
    )
    rows = late.annotate(first=age).values("first", "currency").annotate(total=Sum("open_amount"), count=Count("pk"))
    rows = list(rows.order_by("first", "currency"))
    ages = [
        _age(first, last, tone, today, [row for row in rows if row["first"] == first]) for first, last, tone in AGES
    ]
    totals: dict[str, Money] = {}
    for amount in (amount for age in ages for amount in age.sums):
        totals[amount.currency] = totals.get(amount.currency, Money.zero(amount.currency)) + amount
    return {
        "ages": ages,
        "count": sum(age.count for age in ages),
        "sums": list(totals.values()),
        "heaviest": max((age.weight for age in ages), default=0),
        "url": filtered("billing_staff:invoice_list", tab="overdue"),
    }


def _age(first, last, tone, today, found) -> Age:
    days = {"due_on_to": (today - timedelta(days=first)).isoformat()}
    if last:
        days["due_on_from"] = (today - timedelta(days=last)).isoformat()
    label = _("%(first)d–%(last)d days") % {"first": first, "last": last} if last else _("Over 60 days")
    return Age(
        label=label,
        tone=tone if found else "muted",
        count=sum(row["count"] for row in found),
        sums=[Money(row["total"], row["currency"]) for row in found],
        weight=sum((row["total"] for row in found), Decimal(0)),
        url=filtered("billing_staff:invoice_list", tab="open", **days),
    )


@dataclass(frozen=True)
class Risk:
    """One way to lose money: zero is shown too, as proof that somebody looked. `sums`: lost a month, by currency."""

    words: str
    count: int
    url: str
    sums: list


def unpaid_running():
    """Services that are online although an invoice of theirs is overdue for a month."""
    late = Invoice.objects.unpaid().filter(due_on__lt=clock.today() - UNPAID_FOR, lines__subscription__isnull=False)
    found = list(late.order_by().values_list("lines__subscription", flat=True)[: FEW + 1])
    # Few are named: the planner expects many and would read all services.
    few = RawSQL("SELECT unnest(%s::bigint[])", [found])
    return Service.objects.filter(
        subscription__in=few if len(found) <= FEW else late.values("lines__subscription"), state="live"
    )


def paid_down():
    """Services that billing wants online and that are not."""
    return Service.objects.filter(subscription__state="active", state__in=["suspended", "review"])


def unbilled(rows=Subscription.objects):
    """Periods that began without an invoice, among these rows."""
    return rows.running().filter(next_due_on__lt=clock.today(), cancel_at_end=False)


def unanswered(rows=Charge.objects):
    """Charges whose answer was lost, among these rows."""
    return rows.filter(state="unknown")


def risks() -> list[Risk]:
    """What should not be."""
    differ = Drift.objects.filter(STANDING & RUNS_UNPAID).count()
    unpaid, down, late, unknown = (rows().count() for rows in (unpaid_running, paid_down, unbilled, unanswered))
    return [
        Risk(
            ngettext("account runs unpaid on a server", "accounts run unpaid on a server", differ),
            differ,
            filtered("provisioning_staff:drift_list", tab="leaks"),
            list(leaks().values()) if differ else [],
        ),
        Risk(
            ngettext("service runs unpaid for a month", "services run unpaid for a month", unpaid),
            unpaid,
            address("figure_unpaid_running"),
            [],
        ),
        Risk(ngettext("paid service is down", "paid services are down", down), down, address("figure_paid_down"), []),
        Risk(
            ngettext("period began without an invoice", "periods began without an invoice", late),
            late,
            address("figure_unbilled"),
            [],
        ),
        Risk(
            ngettext("charge without an answer", "charges without an answer", unknown),
            unknown,
            address("figure_unanswered"),
            [],
        ),
    ]


def lost_since(first: date, last: date | None = None):
    """Clients whose last subscription ended from day to day: nothing of theirs runs any more."""
    rows = Subscription.objects.filter(client_id=OuterRef("pk"))
    ended = rows.filter(ended_on__gte=first, **({"ended_on__lte": last} if last else {}))
    return Client.objects.filter(Exists(ended), ~Exists(rows.running()))


def won_since(first: date, rows=Client.objects):
    """Clients whose account was opened on the day or later, among these rows."""
    return rows.filter(created_at__gte=clock.start_of(first))


def customers() -> dict:
    """New and lost this month, what recurs a month, and new ones by month."""
    first = clock.today().replace(day=1)
    since = _months_back(first, MONTHS - 1)
    counted = won_since(since).annotate(month=TruncMonth("created_at", tzinfo=clock.seller_zone()))
    found = {row["month"].date(): row["n"] for row in counted.values("month").annotate(n=Count("pk")).order_by("month")}
    months = [_months_back(first, number) for number in range(MONTHS - 1, -1, -1)]
    recurring, base = recurring_by_month(), COMPANY_CURRENCY.value
    others = [money for code, money in sorted(recurring.items()) if code != base]
    return {
        "figures": [
            Figure(_("New this month"), found.get(first, 0), url=address("figure_new_clients")),
            Figure(_("Lost this month"), lost_since(first).count(), url=address("figure_lost_clients")),
            Figure(
                _("Recurring a month"),
                recurring.get(base) or Money.zero(base),
                _("before tax"),
                address("staff_reports"),
            ),
        ],
        "recurring_others": others,
        "months": [(month_words(month), found.get(month, 0)) for month in months],
    }


def _months_back(first: date, number: int) -> date:
    """The first of the month so many months before."""
    index = first.year * 12 + first.month - 1 - number
    return date(index // 12, index % 12 + 1, 1)
