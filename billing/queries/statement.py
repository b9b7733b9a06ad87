"""A client's account as a list: what was billed, what was paid, and the balance after each."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.models import Account, JournalEntry, Posting
from hostbill.core.money import Money

#: The ledger accounts that say how a client stands.
CODES = ("receivable", "credit")


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
    """Movements of one currency from day to day with the balance before and after; `credit` is the part of the end that is the
    client's money with us, `owed` what is open on invoices: closing = owed - credit."""

    opening: Money
    lines: list[StatementLine]
    closing: Money
    owed: Money
    credit: Money

    def part(self, number: int, size: int) -> "Statement":
        """Page `number` (the first is 1) of at most `size` movements, with the balance before and after them."""
        before, lines = self.lines[: (number - 1) * size], self.lines[(number - 1) * size : number * size]
        opening = before[-1].balance if before else self.opening
        return replace(self, opening=opening, lines=lines, closing=lines[-1].balance if lines else opening)

    @property
    def is_empty(self) -> bool:
        """Nothing happened and nothing is open."""
        return not self.lines and self.opening.is_zero and self.owed.is_zero and self.credit.is_zero


def statement_of(account: Account, first: date | None = None, last: date | None = None) -> Statement:
    """The statement in the account's own currency."""
    return statements_of(account, first, last)[0]


def statements_of(account: Account, first: date | None = None, last: date | None = None) -> list[Statement]:
    """One per currency in which anything was ever booked, the account's own first: receivable and credit together, as the ledger
    has them; entries that leave the client's balance alone are out. Both days belong to it."""
    rows = Posting.objects.filter(account=account, ledger_account__code__in=CODES)
    if last:
        rows = rows.filter(entry__booked_on__lte=last)
    ends = _sums(rows)
    openings = _sums(rows.filter(entry__booked_on__lt=first)) if first else {}
    within = rows.filter(entry__booked_on__gte=first) if first else rows
    moves = _moves(within)
    found = {currency for currency, _code in ends} - {account.currency}
    currencies = (account.currency, *sorted(found))
    return [_statement(account, currency, openings, ends, moves.get(currency, [])) for currency in currencies]


def _sums(rows) -> dict[tuple[str, str], Decimal]:
    """{(currency, ledger code): sum}."""
    grouped = rows.order_by().values_list("currency", "ledger_account__code").annotate(sum=Sum("amount"))
    return {(currency, code): total for currency, code, total in grouped}


def _moves(rows) -> dict[str, list[tuple[JournalEntry, Money]]]:
    """{currency: [(entry, what it moved)]}, oldest first."""
    moves: dict[str, dict] = defaultdict(dict)
    related = ("entry__invoice", "entry__credit_note", "entry__payment")
    for posting in rows.select_related(*related).order_by("entry__booked_on", "entry_id", "pk"):
        mine = moves[posting.currency]
        entry, money = mine.get(posting.entry_id, (posting.entry, Money.zero(posting.currency)))
        mine[posting.entry_id] = (entry, money + posting.money)
    return {currency: list(mine.values()) for currency, mine in moves.items()}


def _statement(account: Account, currency: str, openings: dict, ends: dict, moves: list) -> Statement:
    opening = Money(sum((openings.get((currency, code), Decimal(0)) for code in CODES), Decimal(0)), currency)
    balance, lines = opening, []
    for entry, money in moves:
        if not money.is_zero:
            balance = balance + money
            lines.append(StatementLine(entry.booked_on, words_of(entry, account), entry, money, balance))
    owed, credit = (Money(ends.get((currency, code), Decimal(0)), currency) for code in CODES)
    return Statement(opening, lines, balance, owed, -credit)


def _invoice_words(invoice, stage: str) -> str:
    if stage in ("proforma", "proforma_ended"):
        words = _("Pro-forma invoice %(number)s") if stage == "proforma" else _("Pro-forma invoice %(number)s replaced")
        return words % {"number": invoice.proforma_number or invoice.number}
    words = _("Invoice %(number)s cancelled") if stage == "cancelled" else _("Invoice %(number)s")
    return words % {"number": invoice.number}


def _merge_words(entry: JournalEntry, account: Account) -> str:
    other = entry.postings.exclude(account=account).select_related("account__client").first().account.client.number
    is_gone = entry.key.split(":")[1] == str(account.pk)
    words = _("Handed over to %(number)s") if is_gone else _("Taken over from %(number)s")
    return words % {"number": other}


def words_of(entry: JournalEntry, account: Account) -> str:
    """What happened to the account, in the reader's words: the ledger itself is kept in one language."""
    kind, stage = entry.key.split(":")[0], entry.key.rpartition(":")[2]
    if kind == "invoice":
        return _invoice_words(entry.invoice, stage)
    if kind == "credit_note":
        return _("Credit note %(number)s") % {"number": entry.credit_note.number}
    if kind == "writeoff":
        words = _("Invoice %(number)s is open again") if stage == "undone" else _("Invoice %(number)s written off")
        return words % {"number": entry.invoice.number}
    if kind == "payment":
        return " · ".join(str(part) for part in (_("Payment"), entry.payment.method_words) if part)
    if kind == "credit":
        return _("Credit from us")
    if kind == "refund":
        return _("Refund that did not arrive") if stage == "undone" else _("Refund")
    if kind == "merge":
        return _merge_words(entry, account)
    return _("Chargeback") if kind == "dispute" else entry.description
