"""Giving back invoiced time: by lines of another invoice, or by credit notes. Either way the days are free to be invoiced anew."""

from collections import defaultdict
from decimal import Decimal

from billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, LineCredit, SubscriptionChange
from billing.queries.coverage import Unused

from .credit_note import credit_invoice
from .subscription import note_paid_period


def let_go(unused: list[Unused]) -> None:
    """Lines of which nothing was used let go of their period, so that it can be invoiced with other terms."""
    whole = [row.line.pk for row in unused if row.is_whole]
    InvoiceLine.objects.filter(pk__in=whole).update(released=True)


def note_given_back(
    unused: list[Unused], *, change: SubscriptionChange | None, invoice: Invoice | None = None, notes=None
) -> None:
    """Remember from which day each line covers nothing any more, and by which document. `notes` {line id: credit note}."""
    for row in (row for row in unused if row.line.pk):
        LineCredit.objects.create(
            line=row.line, from_on=row.period.start, currency=row.line.currency, amount=row.amount, change=change,
            invoice=invoice, credit_note=(notes or {}).get(row.line.pk),
        )  # fmt: skip


def give_back_by_notes(unused: list[Unused], *, actor, reason: str, change: SubscriptionChange | None = None) -> list:
    """A credit note for each invoice concerned. What was not paid becomes less to pay, the rest credit. Returns the notes."""
    shares = _shares(unused)
    let_go(unused)
    notes, by_line = [], {}
    for invoice in sorted(shares, key=lambda row: row.pk):
        note = _credit(invoice, shares[invoice], actor, reason)
        notes.append(note)
        by_line |= dict.fromkeys(shares[invoice], note)
    note_given_back(unused, change=change, notes=by_line)
    for subscription in {row.line.subscription_id: row.line.subscription for row in unused}.values():
        note_paid_period(subscription)
    return notes


def _credit(invoice: Invoice, amounts: dict, actor, reason: str) -> CreditNote:
    """What the invoice of an earlier change had given back stays given back, even where nothing is left of that invoice."""
    standing = LineCredit.objects.filter(pk__in=[row.pk for row in LineCredit.objects.filter(invoice=invoice, released=False)])
    standing.update(invoice=None)
    note = credit_invoice(invoice, actor=actor, reason=reason, amounts=amounts)
    is_over = note.kind == CreditNote.Kind.CANCELLATION
    standing.update(**{"credit_note": note} if is_over else {"invoice": invoice})
    return note


def _shares(unused: list[Unused]) -> dict[Invoice, dict[int, Decimal]]:
    """{invoice: {line id: net}}. Discounts are left out: they follow the lines that they were taken off."""
    shares = defaultdict(lambda: defaultdict(Decimal))
    room = {}
    for row in unused:
        if row.amount > 0:
            _spread(row.line, row.amount, shares, room)
    return {invoice: dict(lines) for invoice, lines in shares.items()}


def _spread(line: InvoiceLine, amount: Decimal, shares, room: dict) -> None:
    """An upgrade's invoice holds only the difference: what is more than it stands for is taken off the lines that it gave
    back, which had been paid before."""
    left = room.setdefault(line.invoice, _room(line.invoice))
    part = min(amount, left)
    if part > 0:
        shares[line.invoice][line.pk] += part
        room[line.invoice] -= part
        amount -= part
    for earlier in LineCredit.objects.filter(invoice=line.invoice, released=False, amount__gt=0).select_related(
        "line__invoice"
    ):
        if amount <= 0:
            return
        more = min(amount, _left_of(earlier.line) - shares[earlier.line.invoice][earlier.line.pk])
        if more > 0:
            shares[earlier.line.invoice][earlier.line.pk] += more
            amount -= more


def _room(invoice: Invoice) -> Decimal:
    """Net of the invoice that no credit note has taken yet."""
    taken = CreditNoteLine.objects.filter(credit_note__invoice=invoice).values_list("net_amount", flat=True)
    return invoice.net_amount - sum(taken, Decimal(0))


def _left_of(line: InvoiceLine) -> Decimal:
    taken = CreditNoteLine.objects.filter(invoice_line=line).values_list("net_amount", flat=True)
    return line.net_amount - sum(taken, Decimal(0))
