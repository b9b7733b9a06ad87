"""Giving back invoiced time: by lines of another invoice, or by credit notes; an unpaid pro-forma is written anew with less. Either
way the days are free to be invoiced anew."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.utils import translation

from billing.models import (
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    LineCredit,
    NewLine,
    Period,
    Subscription,
    SubscriptionChange,
)
from billing.queries.coverage import Unused
from billing.queries.crediting import split
from billing.queries.pricing import piece_words

from .credit_note import credit_invoice
from .lines import line_again
from .subscription import note_paid_period
from .succession import ask_for_less, rewrite_invoice


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
    """A credit note for each invoice concerned. What was not paid becomes less to pay, the rest credit. Returns the notes.

    Of a pro-forma nothing can be credited: another takes its place that asks for the days until then only."""
    shorter = defaultdict(list)
    for row in unused:
        if row.line.pk and row.line.invoice.is_proforma:
            shorter[row.line.invoice_id].append(row)
    for rows in shorter.values():
        invoice = rows[0].line.invoice
        with translation.override(invoice.language):
            changed = {row.line.pk: _until(row) for row in rows}
        rewrite_invoice(invoice, changed, actor=actor, reason=reason)
    unused = [row for row in unused if row.line.invoice_id not in shorter]
    shares = _shares(unused)
    let_go(unused)
    notes, by_line = [], {}
    for invoice in sorted(shares, key=lambda row: row.pk):
        amounts = {pk: net for pk, net in shares[invoice].items() if net > 0}
        if not amounts:
            continue
        note = _credit(invoice, amounts, {pk: net for pk, net in shares[invoice].items() if net < 0}, actor, reason)
        notes.append(note)
        by_line |= dict.fromkeys(shares[invoice], note)
    note_given_back(unused, change=change, notes=by_line)
    for subscription in {row.line.subscription_id: row.line.subscription for row in unused}.values():
        note_paid_period(subscription)
    return notes


def credit_days(subscription: Subscription, rows: list[Unused], *, actor, reason: str) -> list:
    """Credit what these days cost although they were, or will be, served: their periods stay invoiced. Of an unpaid pro-forma it is
    asked for less. Returns the credit notes."""
    notes = []
    for row in [row for row in rows if row.line.invoice.is_proforma and row.amount > 0]:
        same = {"subscription": subscription, "period_start": row.line.period_start, "kind": row.line.kind, "part": row.line.part}
        line = InvoiceLine.objects.select_related("invoice").filter(released=False, **same).first()
        if line:  # of a pro-forma that was written anew for another line
            ask_for_less(line.invoice, {line.pk: row.amount}, reason=reason, actor=actor)
    shares = _shares([row for row in rows if not row.line.invoice.is_proforma])
    for invoice in sorted(shares, key=lambda row: row.pk):
        amounts = {pk: net for pk, net in shares[invoice].items() if net > 0}
        if amounts:
            notes.append(_credit(invoice, amounts, {pk: net for pk, net in shares[invoice].items() if net < 0}, actor, reason))
    if any(note.kind == CreditNote.Kind.CANCELLATION for note in notes):
        keep_served(subscription, max(row.line.period_end for row in rows))
    return notes


def keep_served(subscription: Subscription, until: date) -> None:
    """Nothing is left of the invoice, and its days are served all the same: they cost nothing."""
    subscription.refresh_from_db()
    subscription.free_until = max(subscription.free_until or until, until)
    subscription.save(update_fields=["free_until"])
    note_paid_period(subscription)


def _until(row: Unused) -> NewLine | None:
    """The line as far as it was used; None when nothing of it was."""
    if row.is_whole:
        return None
    line, used = row.line, Period(row.line.period_start, row.period.start)
    words = piece_words(line.description, 1, used, Period(line.period_start, line.period_end))
    gross = None if line.gross_amount is None else line.gross_amount - row.gross
    rest = {"unit_amount": line.net_amount - row.amount, "quantity": Decimal(1), "gross_amount": gross}
    return replace(line_again(line), description=words, period=used, **rest)


def _credit(invoice: Invoice, amounts: dict, deductions: dict, actor, reason: str) -> CreditNote:
    """What the invoice of an earlier change had given back stays given back, even where nothing is left of that invoice."""
    standing = LineCredit.objects.filter(pk__in=[row.pk for row in LineCredit.objects.filter(invoice=invoice, released=False)])
    standing.update(invoice=None)
    note = credit_invoice(invoice, actor=actor, reason=reason, amounts=amounts, deductions=deductions)
    is_over = note.kind == CreditNote.Kind.CANCELLATION
    standing.update(**{"credit_note": note} if is_over else {"invoice": invoice})
    return note


def _shares(unused: list[Unused]) -> dict[Invoice, dict[int, Decimal]]:
    """{invoice: {line id: net}}, discounts below zero."""
    shares = defaultdict(lambda: defaultdict(Decimal))
    _spread([(row.line, row.amount) for row in unused if row.line.pk and row.amount], shares, {})
    return {invoice: dict(lines) for invoice, lines in shares.items()}


def _spread(rows: list[tuple[InvoiceLine, Decimal]], shares, room: dict) -> None:
    """An upgrade's invoice holds only the difference: what is more than it stands for is taken off the lines that it gave
    back, which had been paid before."""
    by_invoice = defaultdict(list)
    for line, amount in rows:
        by_invoice[line.invoice].append((line, amount))
    for invoice, own in by_invoice.items():
        wanted = sum((amount for _line, amount in own), Decimal(0))
        room.setdefault(invoice, _room(invoice))
        now = max(min(wanted, room[invoice]), Decimal(0))
        room[invoice] -= now
        if now:
            _take(own, now, shares)
        services = {line.subscription_id for line, _amount in own}
        for rest in _given_back_by(invoice, services):
            more = min(wanted - now, sum((amount for _line, amount in rest), Decimal(0)))
            if more > 0:
                _spread(_scaled(rest, more), shares, room)
                now += more


def _take(rows: list[tuple[InvoiceLine, Decimal]], net: Decimal, shares) -> None:
    for line, amount in _scaled(rows, net):
        left = _left_of(line) - shares[line.invoice][line.pk]
        shares[line.invoice][line.pk] += min(amount, max(left, Decimal(0))) if amount > 0 else max(amount, min(left, Decimal(0)))


def _scaled(rows: list[tuple[InvoiceLine, Decimal]], net: Decimal) -> list[tuple[InvoiceLine, Decimal]]:
    """The same lines in proportion, so that they sum to `net`; never more than they are."""
    whole = sum((amount for _line, amount in rows), Decimal(0))
    if not rows or net >= whole:
        return rows
    parts = split(net, [amount for _line, amount in rows], rows[0][0].currency)
    return [(line, part) for (line, _amount), part in zip(rows, parts, strict=True)]


def _given_back_by(invoice: Invoice, services: set[int]) -> list[list[tuple[InvoiceLine, Decimal]]]:
    """What an invoice gave back of these services, then of others on it (addons that went along)."""
    found = LineCredit.objects.filter(invoice=invoice, released=False).exclude(amount=0).select_related("line__invoice").order_by("pk")
    rows = [(row.line, row.amount) for row in found]
    own = [row for row in rows if row[0].subscription_id in services]
    return [own, [row for row in rows if row not in own]]


def _room(invoice: Invoice) -> Decimal:
    """Net of the invoice that no credit note has taken yet."""
    taken = CreditNoteLine.objects.filter(credit_note__invoice=invoice).values_list("net_amount", flat=True)
    return invoice.net_amount - sum(taken, Decimal(0))


def _left_of(line: InvoiceLine) -> Decimal:
    taken = CreditNoteLine.objects.filter(invoice_line=line).values_list("net_amount", flat=True)
    return line.net_amount - sum(taken, Decimal(0))
