"""Which days of a subscription are invoiced: the periods of its lines, each up to the day from which it was given back. Periods
that cost nothing stand on no invoice: `Subscription.free_until` tells their end."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import DateField, F, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.models import CreditNoteLine, Invoice, InvoiceLine, LineCredit, Period, Subscription
from billing.queries.proration import credit_of, ratio, round_share

#: Kinds of lines that stand for time.
TIMED = (InvoiceLine.Kind.RECURRING, InvoiceLine.Kind.DISCOUNT)
#: A line of a billable item; with days it is the difference of a price that was changed since a day that had been.
ADJUSTMENT = Q(kind=InvoiceLine.Kind.MANUAL, part__startswith="billable:", period_end__isnull=False)
#: Of invoices in these states time can be given back: what is a draft or was written off was not earned.
CREDITABLE = ("issued", "paid")
ALL = Q()


def effective_end(condition: Q = ALL):
    """The end of a line's period, or the day from which it was given back (by documents that meet the condition)."""
    cut = LineCredit.objects.filter(condition, line=OuterRef("pk"), released=False).values("from_on")[:1]
    return Coalesce(Subquery(cut, output_field=DateField()), F("period_end"))


def _latest(lines, condition: Q = ALL) -> date | None:
    rows = lines.filter(kind=InvoiceLine.Kind.RECURRING).annotate(covered_to=effective_end(condition))
    return rows.filter(covered_to__gt=F("period_start")).aggregate(end=Max("covered_to"))["end"]


def invoiced_until(subscription: Subscription) -> date | None:
    """The first day that no valid line covers, after all that are covered; None when nothing is."""
    return _later(_latest(InvoiceLine.objects.filter(subscription=subscription, released=False)), subscription.free_until)


def _later(*days: date | None) -> date | None:
    return max((day for day in days if day), default=None)


def paid_until(subscription: Subscription) -> date | None:
    """The same over paid invoices. What a change gives back counts as given when its own invoice is paid."""
    waiting = LineCredit.objects.filter(released=False, invoice__state="issued").values("line_id")
    lines = InvoiceLine.objects.filter(Q(released=False) | Q(pk__in=waiting), subscription=subscription, invoice__state="paid")
    return _later(_latest(lines, Q(invoice=None) | Q(invoice__state="paid")), subscription.free_until)


@dataclass(frozen=True)
class Unused:
    """The rest of an invoiced line from a day on, and what it is worth (net, with the line's sign). A line without a key stands for
    a period that costs nothing."""

    line: InvoiceLine
    period: Period
    amount: Decimal
    gross: Decimal | None = None

    @property
    def is_whole(self) -> bool:
        """Nothing of the line was used."""
        return self.period.start == self.line.period_start


def unused_lines(subscription: Subscription, on: date) -> list[Unused]:
    """What is invoiced of the day and later, in order. A line is worth its days' share, never more than its net less what
    credit notes took off it; nothing when its invoice is a draft or was written off."""
    rows = _standing(subscription).filter(period_end__gt=on).order_by("period_start", "sort", "pk")
    adjusted = _adjusted(rows)
    found = [_unused(row, on, adjusted.get(row.pk, Decimal(0))) for row in rows]
    return found + _unused_free(subscription, max([on, *(row.period_end for row in rows)]))


def _standing(subscription: Subscription):
    """Its lines that stand for time, but for those that were given back."""
    rows = InvoiceLine.objects.filter(Q(kind__in=TIMED) | ADJUSTMENT, subscription=subscription, released=False)
    return rows.exclude(given_back__released=False).select_related("invoice", "subscription")


def _adjusted(rows) -> dict[int, Decimal]:
    """{line: what credit notes took off it}."""
    taken = CreditNoteLine.objects.filter(invoice_line__in=[row.pk for row in rows]).values("invoice_line")
    return dict(taken.annotate(total=Sum("net_amount")).values_list("invoice_line", "total"))


def worth_of(subscription: Subscription, days: Period) -> list[Unused]:
    """What is invoiced of these days, whether or not it goes on after them: each line's share of them, as `unused_lines` counts. What a
    pro-forma asks for counts as it stands."""
    lines = InvoiceLine.objects.filter(Q(kind__in=TIMED) | ADJUSTMENT, subscription=subscription, released=False)
    lines = lines.filter(invoice__state__in=CREDITABLE, period_end__isnull=False, period_start__lt=days.end)
    rows = lines.annotate(covered_to=effective_end()).filter(covered_to__gt=days.start)
    rows = rows.select_related("invoice", "subscription").order_by("period_start", "sort", "pk")
    adjusted, found = _adjusted(rows), []
    for row in rows:
        part = Period(max(days.start, row.period_start), min(days.end, row.covered_to))
        share = ratio(part, Period(row.period_start, row.period_end))
        amount = credit_of(row.net_amount, round_share(row.net_amount, share, row.currency), adjusted.get(row.pk, Decimal(0)))
        found.append(Unused(row, part, amount))
    return found


def setup_fees(subscription: Subscription) -> list[Unused]:
    """What was invoiced once to set it up and is not credited yet, with its discounts."""
    once = Q(kind=InvoiceLine.Kind.SETUP) | Q(kind=InvoiceLine.Kind.DISCOUNT, period_end=None)
    rows = InvoiceLine.objects.filter(once, subscription=subscription, released=False, invoice__state__in=CREDITABLE)
    rows = rows.exclude(given_back__released=False).select_related("invoice", "subscription").order_by("pk")
    adjusted = _adjusted(rows)
    return [
        Unused(row, Period(row.period_start, row.period_start), row.net_amount - adjusted.get(row.pk, Decimal(0))) for row in rows
    ]


def covered_from(line: InvoiceLine, start: date) -> Period | None:
    """The days of a line from `start` on that were not given back; None when there are none."""
    end = InvoiceLine.objects.filter(pk=line.pk).annotate(covered_to=effective_end()).values_list("covered_to", flat=True).get()
    return Period(start, end) if end > start else None


def _unused_free(subscription: Subscription, on: date) -> list[Unused]:
    """The rest of periods that cost nothing, a piece for each, as lines that are not stored."""
    found, end = [], subscription.free_until
    while end and on < end:
        piece = Period(on, min(subscription.full_period(on).end, end))
        paid = Invoice(state=Invoice.State.PAID, currency=subscription.currency)
        line = InvoiceLine(
            invoice=paid, subscription=subscription, kind=InvoiceLine.Kind.RECURRING, currency=subscription.currency,
            period_start=piece.start, period_end=piece.end, net_amount=Decimal(0),
        )  # fmt: skip
        found.append(Unused(line, piece, Decimal(0)))
        on = piece.end
    return found


def _unused(line: InvoiceLine, on: date, adjusted: Decimal) -> Unused:
    whole = Period(line.period_start, line.period_end)
    rest = Period(max(on, whole.start), whole.end)
    if line.invoice.state not in CREDITABLE:
        return Unused(line, rest, Decimal(0))
    share = ratio(rest, whole)
    amount = credit_of(line.net_amount, round_share(line.net_amount, share, line.currency), adjusted)
    gross = None
    if line.gross_amount is not None and amount == round_share(line.net_amount, share, line.currency):
        gross = round_share(line.gross_amount, share, line.currency)
    return Unused(line, rest, amount, gross)
