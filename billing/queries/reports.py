"""Reports from the ledger and the subscriptions: income, products, recurring revenue, taxes; by month, one currency at a time."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import F, Q, Sum
from django.db.models.functions import TruncMonth

from billing.models import Account, JournalEntry, Posting, Subscription
from billing.models.cycle import months
from hostbill.core import clock
from hostbill.core.money import round_amount

MONTHS = range(1, 13)


def currencies() -> list[str]:
    """Those of the billing accounts: nothing is ever booked in another one."""
    return sorted(Account.objects.order_by().values_list("currency", flat=True).distinct())


def years() -> list[int]:
    """From the first booking to this year, the newest first."""
    first = JournalEntry.objects.order_by("booked_on").values_list("booked_on", flat=True).first()
    today = clock.today()
    return list(range(today.year, (first.year if first else today.year) - 1, -1))


def _postings(family: str, currency: str, year: int):
    """Postings of a family of ledger accounts within a year."""
    return _of_year(Posting.objects.filter(ledger_account__code__startswith=f"{family}:"), currency, year)


def _invoiced(currency: str, year: int):
    """What documents brought in, earned at once or deferred: the booking of what is served later is left out."""
    both = Q(ledger_account__code__startswith="revenue:") | Q(ledger_account__code__startswith="deferred:")
    later = Q(entry__key__startswith="recognition:") | Q(entry__key__endswith=":unearned")
    return _of_year(Posting.objects.filter(both).exclude(later), currency, year)


def _of_year(rows, currency: str, year: int):
    return rows.filter(currency=currency, entry__booked_on__range=(date(year, 1, 1), date(year, 12, 31)))


def _by_month(rows) -> dict[str, dict[int, Decimal]]:
    """{ledger code: {month: credited}}: what was booked as income or tax counts up."""
    found: dict[str, dict[int, Decimal]] = defaultdict(dict)
    grouped = rows.annotate(month=TruncMonth("entry__booked_on")).values("ledger_account__code", "month")
    for row in grouped.annotate(total=Sum("amount")).order_by("ledger_account__code", "month"):
        found[row["ledger_account__code"]][row["month"].month] = -row["total"]
    return dict(found)


def income(currency: str, year: int) -> list[tuple[str, list[Decimal]]]:
    """(kind of revenue, net by month): what was invoiced, less what was cancelled, on the days of booking."""
    return _by_kind(_by_month(_invoiced(currency, year)))


def earned(currency: str, year: int) -> list[tuple[str, list[Decimal]]]:
    """(kind of revenue, net by month): what was served, as the revenue accounts have it."""
    return _by_kind(_by_month(_postings("revenue", currency, year)))


def _by_kind(by_code: dict[str, dict[int, Decimal]]) -> list[tuple[str, list[Decimal]]]:
    kinds: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 12)
    for code, months_ in by_code.items():
        kind = code.split(":")[1]
        kinds[kind] = [one + other for one, other in zip(kinds[kind], _row(months_), strict=True)]
    return sorted(kinds.items())


def taxes(currency: str, year: int) -> list[tuple[str, Decimal, list[Decimal]]]:
    """(tax class, percent, tax by month) for each rate, whatever the country."""
    found: dict[tuple, list] = {}
    for code, months_ in _by_month(_postings("tax", currency, year)).items():
        _tax, tax_class, percent, *_country = code.split(":")
        row, key = _row(months_), (tax_class, Decimal(percent))
        found[key] = [sum(pair) for pair in zip(found.get(key, _row({})), row, strict=True)]
    return [(*key, found[key]) for key in sorted(found, key=lambda key: (key[0], -key[1]))]


def _row(by_month: dict[int, Decimal]) -> list[Decimal]:
    return [by_month.get(month, Decimal(0)) for month in MONTHS]


#: Entries from before revenue was kept by product: their lines say what was sold.
_BEFORE = """
SELECT COALESCE(s.product_id, 0), EXTRACT(MONTH FROM e.booked_on)::int,
       SUM(CASE WHEN e.reverses_id IS NULL THEN l.net_amount ELSE -l.net_amount END)
FROM billing_journalentry e
JOIN billing_invoiceline l ON l.invoice_id = e.invoice_id
LEFT JOIN billing_subscription s ON s.id = l.subscription_id
WHERE e.booked_on BETWEEN %s AND %s AND l.currency = %s AND (e.key LIKE 'invoice:%%:issued' OR e.key LIKE 'invoice:%%:cancelled')
  AND NOT EXISTS (SELECT 1 FROM billing_posting p JOIN billing_ledgeraccount a ON a.id = p.ledger_account_id
                  WHERE p.entry_id = e.id AND (a.code LIKE 'revenue:%%:%%' OR a.code LIKE 'deferred:%%'))
GROUP BY 1, 2
"""
_SINCE = """
SELECT CASE WHEN a.code ~ ':[0-9]+$' THEN split_part(a.code, ':', 3)::int ELSE 0 END,
       EXTRACT(MONTH FROM e.booked_on)::int, -SUM(p.amount)
FROM billing_journalentry e
JOIN billing_posting p ON p.entry_id = e.id
JOIN billing_ledgeraccount a ON a.id = p.ledger_account_id AND (a.code LIKE 'revenue:%%' OR a.code LIKE 'deferred:%%')
WHERE e.booked_on BETWEEN %s AND %s AND p.currency = %s AND e.key NOT LIKE 'recognition:%%' AND e.key NOT LIKE '%%:unearned'
  AND (e.key NOT LIKE 'invoice:%%'
       OR EXISTS (SELECT 1 FROM billing_posting o JOIN billing_ledgeraccount b ON b.id = o.ledger_account_id
                  WHERE o.entry_id = e.id AND (b.code LIKE 'revenue:%%:%%' OR b.code LIKE 'deferred:%%')))
GROUP BY 1, 2
"""


def by_product(currency: str, year: int) -> dict[int, list[Decimal]]:
    """{product id, 0 for lines without one: net by month}; the sums are those of `income`."""
    found: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    with connection.cursor() as cursor:
        for sql in (_BEFORE, _SINCE):
            cursor.execute(sql, [date(year, 1, 1), date(year, 12, 31), currency])
            for product_id, month, total in cursor.fetchall():
                found[product_id][month] += total
    return {product_id: _row(months_) for product_id, months_ in found.items()}


@dataclass(frozen=True)
class Recurring:
    """One month: recurring revenue that came, that went, and what ran at its end (all net, a month, at today's prices)."""

    month: int
    new: Decimal
    lost: Decimal
    running: Decimal


def recurring(currency: str, year: int) -> list[Recurring]:
    """The months of the year up to this one."""
    today = clock.today()
    rows = Subscription.objects.filter(currency=currency).exclude(cycle="one_time").exclude(active_at=None)
    before = rows.filter(active_at__lt=clock.start_of(date(year, 1, 1)))
    running = _monthly(before) - _monthly(before.filter(ended_on__lt=date(year, 1, 1)))
    came = _monthly_by(rows.filter(active_at__year__gte=year - 1, active_at__year__lte=year + 1), "active_at", year)
    went = _monthly_by(rows.filter(ended_on__year=year), "ended_on", year)
    found = []
    for month in MONTHS:
        if date(year, month, 1) > today:
            break
        new, lost = came.get(month, Decimal(0)), went.get(month, Decimal(0))
        running += new - lost
        found.append(Recurring(month, *(round_amount(value, currency) for value in (new, lost, running))))
    return found


def _monthly(rows) -> Decimal:
    """Net a month of these subscriptions."""
    sums = rows.values("cycle").annotate(total=Sum(F("price_amount") * F("quantity"))).order_by("cycle")
    return sum((row["total"] / months(row["cycle"]) for row in sums), Decimal(0))


def _monthly_by(rows, column: str, year: int) -> dict[int, Decimal]:
    """{month of the year in the seller's zone: net a month}."""
    zone = {"tzinfo": clock.seller_zone()} if column.endswith("_at") else {}
    found: dict[int, Decimal] = defaultdict(Decimal)
    grouped = rows.annotate(month=TruncMonth(column, **zone)).values("month", "cycle")
    for row in grouped.annotate(total=Sum(F("price_amount") * F("quantity"))).order_by("month", "cycle"):
        if row["month"].year == year:
            found[row["month"].month] += row["total"] / months(row["cycle"])
    return found
