"""Ageing: what clients owe, by how long it has been due. Worked out of the open invoices and held against the ledger."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice, Posting
from hostbill.core import clock
from hostbill.core.money import Money


@dataclass(frozen=True)
class Bucket:
    """Days overdue from `least` to `most`, both included; None is without an end. Not due yet is up to 0."""

    key: str
    label: object
    least: int | None
    most: int | None

    def days(self, today: date) -> tuple[date | None, date | None]:
        """(first, last) due day of what belongs here."""
        first = today - timedelta(days=self.most) if self.most is not None else None
        last = today - timedelta(days=self.least) if self.least is not None else None
        return first, last

    def condition(self, today: date) -> Q:
        """Of invoices."""
        first, last = self.days(today)
        since = {"due_on__gte": first} if first else {}
        return Q(**since, **({"due_on__lte": last} if last else {}))


BUCKETS = (
    Bucket("not_due", _("Not due"), None, 0),
    Bucket("d1", _("1–30 days"), 1, 30),
    Bucket("d31", _("31–60 days"), 31, 60),
    Bucket("d61", _("61–90 days"), 61, 90),
    Bucket("d91", _("Over 90 days"), 91, None),
)


@dataclass(frozen=True)
class Aged:
    """One client's open invoices in one currency: sums in the order of BUCKETS, and together."""

    client_id: int
    name: str
    number: str
    parts: list[Money]
    total: Money
    invoices: int


@dataclass(frozen=True)
class Ageing:
    """One currency. `ledger` is what the ledger says is receivable; `difference` from the invoices has to be zero."""

    currency: str
    rows: list[Aged]
    parts: list[Money]
    total: Money
    ledger: Money

    @property
    def difference(self) -> Money:
        """Ledger less invoices."""
        return self.ledger - self.total


def ageing(currency: str) -> Ageing:
    """As of today, who owes most first."""
    today = clock.today()
    sums = {bucket.key: Sum("open_amount", filter=bucket.condition(today)) for bucket in BUCKETS}
    names = ("client_id", "client__company", "client__first_name", "client__last_name", "client__number")
    grouped = Invoice.objects.unpaid().filter(currency=currency).order_by().values(*names)
    found = grouped.annotate(**sums, total=Sum("open_amount"), invoices=Count("pk")).order_by("-total", "client_id")
    rows = [_row(row, currency) for row in found]
    zero = Money.zero(currency)
    parts = [sum((row.parts[index] for row in rows), zero) for index in range(len(BUCKETS))]
    return Ageing(currency, rows, parts, sum(parts, zero), ledger_receivable(currency))


def _row(row: dict, currency: str) -> Aged:
    name = row["client__company"] or f"{row['client__first_name']} {row['client__last_name']}".strip()
    parts = [Money(row[bucket.key] or Decimal(0), currency) for bucket in BUCKETS]
    return Aged(row["client_id"], name, row["client__number"], parts, Money(row["total"], currency), row["invoices"])


def ledger_receivable(currency: str) -> Money:
    """The balance of the ledger's account of what clients owe."""
    total = Posting.objects.filter(ledger_account__code="receivable", currency=currency).aggregate(sum=Sum("amount"))["sum"]
    return Money(total or Decimal(0), currency)
