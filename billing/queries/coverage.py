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
    rows = (
        InvoiceLine.objects.filter(subscription=subscription, kind__in=TIMED, released=False, period_end__gt=on)
        .exclude(given_back__released=False)
        .select_related("invoice", "subscription")
        .order_by("period_start", "sort", "pk")
    )
    adjusted = dict(
        CreditNoteLine.objects.filter(invoice_line__in=[row.pk for row in rows])
        .values("invoice_line")
        .annotate(total=Sum("net_amount"))
        .values_list("invoice_line", "total")
    )
    found = [_unused(row, on, adjusted.get(row.pk, Decimal(0))) for row in rows]
    return found + _unused_free(subscription, max([on, *(row.period_end for row in rows)]))


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
