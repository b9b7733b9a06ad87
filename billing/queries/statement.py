"""A client's account as a list: what was billed, what was paid, and the balance after each."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from billing.models import Account, JournalEntry, Posting
from hostbill.core.money import Money


@dataclass(frozen=True)
class StatementLine:
    """One movement. `money` is positive for what the client owes, negative for what reduces it; `balance` is after it
    (negative: the client has credit)."""

    on: date
    text: str
    entry: JournalEntry
    money: Money
    balance: Money

    @property
    def is_billed(self) -> bool:
        """Did it make the client owe more?"""
        return self.money.is_positive

    @property
    def minus(self) -> Money:
        """What it reduced the balance by."""
        return -self.money


@dataclass(frozen=True)
class Statement:
    """Movements from day to day with the balance before and after."""

    opening: Money
    lines: list[StatementLine]
    closing: Money

    def part(self, number: int, size: int) -> "Statement":
        """Page `number` (the first is 1) of at most `size` movements, with the balance before and after them."""
        before, lines = self.lines[: (number - 1) * size], self.lines[(number - 1) * size : number * size]
        opening = before[-1].balance if before else self.opening
        return Statement(opening, lines, lines[-1].balance if lines else opening)


def statement_of(account: Account, first: date | None = None, last: date | None = None) -> Statement:
    """Receivable and credit together, as the ledger has them; entries that leave the client's balance alone are out."""
    rows = Posting.objects.filter(account=account, ledger_account__code__in=["receivable", "credit"])
    rows = rows.select_related("entry__invoice", "entry__payment").order_by("entry__booked_on", "entry_id", "pk")
    zero = Money.zero(account.currency)
    opening, balance, lines = zero, zero, []
    moves = {}
    for posting in rows:
        entry, money = moves.get(posting.entry_id, (posting.entry, zero))
        moves[posting.entry_id] = (entry, money + posting.money)
    for entry, money in moves.values():
        if money.is_zero or (last and entry.booked_on > last):
            continue
        balance = balance + money
        if first and entry.booked_on < first:
            opening = balance
        else:
            lines.append(StatementLine(entry.booked_on, words_of(entry), entry, money, balance))
    return Statement(opening, lines, balance)


def words_of(entry: JournalEntry) -> str:
    """What happened, in the reader's words: the ledger itself is kept in one language."""
    kind, stage = entry.key.split(":")[0], entry.key.rpartition(":")[2]
    if kind == "invoice":
        words = _("Invoice %(number)s cancelled") if stage == "cancelled" else _("Invoice %(number)s")
        return words % {"number": entry.invoice.number}
    if kind == "payment":
        return " · ".join(str(part) for part in (_("Payment"), entry.payment.method_words) if part)
    if kind == "credit":
        return _("Credit from us")
    if kind == "refund":
        return _("Refund that did not arrive") if stage == "undone" else _("Refund")
    return _("Chargeback") if kind == "dispute" else entry.description
