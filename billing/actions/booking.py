"""What documents do to the books: what is owed, its tax, and what it brings in, at once or over the period that it pays for."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from billing.models import Account, Deferral, Invoice, JournalEntry, Subscription
from billing.options import RECOGNISE
from billing.queries.open_day import open_day
from hostbill.core import clock
from hostbill.core.money import Money

from .ledger import RECEIVABLE, Side, book, reverse


@dataclass(frozen=True)
class Earning:
    """A line of a document as the books see it. `code`: kind of revenue and product ("hosting:12"); `ends_on` is empty for
    what is earned at once."""

    code: str
    money: Money
    subscription_id: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def ledger_code(self) -> str:
        """Where it is booked at issue."""
        return f"deferred:{self.code}" if self.ends_on else f"revenue:{self.code}"


def book_issue(invoice: Invoice, account: Account, lines: list) -> JournalEntry:
    """Book an invoice at the moment of its issue: what the client owes, against revenue or deferred revenue by product and
    tax by rate."""
    return book_document(
        f"invoice:{invoice.pk}:issued",
        f"Invoice {invoice.number}",
        account=account,
        owed=invoice.total,
        earnings=earnings_of(lines),
        taxes=list(invoice.taxes.all()),
        invoice=invoice,
    )


def book_document(key, words, *, account, owed: Money, earnings: list[Earning], taxes, sign=1, booked_on=None, **links):
    """Any document: `owed` and `earnings` are negative where it takes back, and so are the `taxes` times `sign`. Revenue of
    periods is written down to be recognised."""
    booked_on = open_day(booked_on or clock.today())
    entry = book(key, words, document_sides(account, owed, earnings, taxes, sign), booked_on=booked_on, **links)
    Deferral.objects.bulk_create(deferrals_of(entry, earnings))
    return entry


def earnings_of(lines, products: dict | None = None, on: date | None = None) -> list[Earning]:
    """Pure when `products` ({subscription id: product id}) is given. What was served by the day of booking, or has no
    period, is earned at once; so is everything where the settings say so."""
    products = _products(lines) if products is None else products
    defers, on = RECOGNISE.value != "issue", on or clock.today()
    return [_earning(line, products, defers, on) for line in lines if line.net_amount]


def _earning(line, products: dict, defers: bool, on: date) -> Earning:
    product = products.get(line.subscription_id)
    code = f"{line.revenue_code}:{product}" if product else line.revenue_code
    money = Money(line.net_amount, line.currency)
    if not defers or line.period_end is None or line.period_end <= on:
        return Earning(code, money, line.subscription_id)
    return Earning(code, money, line.subscription_id, line.period_start, line.period_end)


def _products(lines) -> dict[int, int]:
    ids = {line.subscription_id for line in lines if line.subscription_id}
    return dict(Subscription.objects.filter(pk__in=ids).values_list("pk", "product_id")) if ids else {}


def document_sides(account: Account, owed: Money, earnings: list[Earning], taxes, sign: int = 1) -> list[Side]:
    """The postings of a document, by account of the ledger. Pure."""
    credited = defaultdict(lambda: Money.zero(owed.currency))
    for earning in earnings:
        credited[earning.ledger_code] += earning.money
    for tax in taxes:
        credited[tax.ledger_code] += tax.tax * sign
    return [Side(RECEIVABLE, owed, account), *(Side(code, -credited[code]) for code in sorted(credited))]


def deferrals_of(entry: JournalEntry, earnings: list[Earning]) -> list[Deferral]:
    """What of a booked document is still to be earned: one row a line, not saved. Pure."""
    return [
        Deferral(
            entry=entry,
            subscription_id=earning.subscription_id,
            code=earning.code,
            currency=earning.money.currency,
            amount=earning.money.amount,
            booked_on=entry.booked_on,
            starts_on=earning.starts_on,
            ends_on=earning.ends_on,
            recognised_until=min(earning.starts_on, entry.booked_on),
        )
        for earning in earnings
        if earning.ends_on
    ]


def book_credit_note(note, account: Account) -> JournalEntry:
    """Book a credit note at its issue: the mirror of what it takes back. What was still to be earned of a line goes from
    the deferred revenue, and what was earned of that at once from the revenue. When nothing of the invoice is left, nothing of it
    is earned, from today."""
    lines = list(note.lines.select_related("invoice_line__subscription"))
    rows = Deferral.objects.filter(entry__key=f"invoice:{note.invoice_id}:issued", is_done=False, earned_on=None)
    booked_to = {(row.subscription_id, row.code): row.recognised_until for row in rows.order_by("recognised_until")}
    entry = book_document(
        f"credit_note:{note.pk}",
        f"Credit note {note.number} for {note.invoice.number}",
        account=account,
        owed=-note.total,
        earnings=[_taken_back(line, booked_to) for line in lines if line.net_amount],
        taxes=list(note.taxes.all()),
        sign=-1,
        invoice=note.invoice,
        credit_note=note,
    )
    _take_back_what_was_earned(note, entry, booked_to)
    if note.kind == note.Kind.CANCELLATION:
        words = f"Invoice {note.invoice.number} cancelled: not earned"
        _release(
            Q(entry__invoice=note.invoice),
            f"credit_note:{note.pk}:unearned",
            words,
            invoice=note.invoice,
            credit_note=note,
        )
    return entry


def _take_back_what_was_earned(note, entry: JournalEntry, booked_to: dict) -> None:
    """Revenue of the invoice is booked up to a day; what the note takes back of it is so too, with the note and not a month later."""
    moved, rows = defaultdict(lambda: Money.zero(note.currency)), []
    for row in entry.deferrals.all():
        until = booked_to[row.subscription_id, row.code]
        if until > row.recognised_until:
            served = max(0, (until - row.starts_on).days)
            share = Money(row.amount * served / (row.ends_on - row.starts_on).days, row.currency)
            row.recognised_until, row.recognised_amount = until, share.amount
            moved[row.code] += share
            rows.append(row)
    Deferral.objects.bulk_update(rows, ["recognised_until", "recognised_amount"])
    sides = [Side(f"deferred:{code}", money) for code, money in sorted(moved.items())]
    sides += [Side(f"revenue:{code}", -money) for code, money in sorted(moved.items())]
    if any(not side.money.is_zero for side in sides):
        words = f"Credit note {note.number}: what was earned of it"
        book(f"credit_note:{note.pk}:served:unearned", words, sides, invoice=note.invoice, credit_note=note)


def _taken_back(line, open_rows: dict) -> Earning:
    subscription = line.invoice_line.subscription
    code = f"{line.revenue_code}:{subscription.product_id}" if subscription else line.revenue_code
    pk = subscription.pk if subscription else None
    if (pk, code) not in open_rows or line.period_end is None or line.period_end <= clock.today():
        return Earning(code, -line.net, pk)
    return Earning(code, -line.net, pk, line.period_start, line.period_end)


def book_cancel(invoice: Invoice) -> JournalEntry:
    """The mirror image of the invoice's booking; what was recognised of it meanwhile is not earned either."""
    entry = invoice.entries.get(key=f"invoice:{invoice.pk}:issued")
    reversal = reverse(entry, f"invoice:{invoice.pk}:cancelled", f"Invoice {invoice.number} cancelled", invoice=invoice)
    words = f"Invoice {invoice.number} cancelled: not earned"
    _release(Q(entry=entry), f"invoice:{invoice.pk}:unearned", words, is_reversed=True, invoice=invoice)
    return reversal


def _release(documents: Q, key: str, words: str, *, is_reversed: bool = False, **links) -> None:
    """Nothing more is earned of these documents, which are nothing together: what the ledger still has as deferred goes to the
    revenue that it was taken from. `is_reversed`: what they deferred was booked back already."""
    rows = Deferral.objects.select_for_update(of=("self",)).filter(documents, released_on=None).order_by("pk")
    moved = defaultdict(lambda: Money.zero(links["invoice"].currency))
    for row in rows:
        moved[row.code] += row.recognised if is_reversed else row.recognised - row.money
    sides = [Side(f"revenue:{code}", money) for code, money in sorted(moved.items())]
    sides += [Side(f"deferred:{code}", -money) for code, money in sorted(moved.items())]
    if any(not side.money.is_zero for side in sides):
        book(key, words, sides, **links)
    Deferral.objects.filter(pk__in=[row.pk for row in rows]).update(released_on=clock.today(), is_done=True)


def earn_what_is_left(subscription: Subscription) -> None:
    """It has ended: nothing more is served for what was invoiced and is not credited, so the rest is earned today."""
    rows = Deferral.objects.filter(subscription=subscription, is_done=False, earned_on=None)
    rows.update(earned_on=clock.today())
