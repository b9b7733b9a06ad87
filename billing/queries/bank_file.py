"""Files of a bank: which kind they are, what is in them, and which of it we have already."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from billing.models import BankAccount, BankLine
from billing.queries import bank_camt, bank_csv, bank_mt940
from hostbill.core.errors import AppError
from hostbill.core.money import Money

MOST_LINES = 20_000


@dataclass(frozen=True)
class Transfer:
    """One incoming transfer of the file, with the key that tells it from all others of the account."""

    booked_on: date
    money: Money
    payer: str
    payer_account: str
    text: str
    bank_reference: str
    key: str


@dataclass(frozen=True)
class Reading:
    """What a file holds: transfers that we do not have yet, how many we have, how many lines are not money coming in, and
    what could not be read as (line number, why)."""

    new: list[Transfer] = field(default_factory=list)
    known: int = 0
    outgoing: int = 0
    unreadable: list[tuple[int, str]] = field(default_factory=list)

    @property
    def totals(self) -> list[Money]:
        """The new transfers' sum, by currency."""
        sums: dict[str, Money] = {}
        for transfer in self.new:
            currency = transfer.money.currency
            sums[currency] = sums.get(currency, Money.zero(currency)) + transfer.money
        return list(sums.values())


def is_camt(content: str) -> bool:
    """XML of ISO 20022 instead of a table."""
    return content.lstrip("\ufeff \r\n\t").startswith("<")


def is_table(content: str) -> bool:
    """A CSV file, of which somebody says what its columns mean."""
    return not is_camt(content) and not bank_mt940.is_mt940(content)


def decode(data: bytes) -> str:
    """The file as text: UTF-8, else as Windows writes it in western Europe. AppError when it is neither."""
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise AppError(_("This is not a text file. Export the statement as CSV, CAMT.053 (XML) or MT940."), code="not_text", field="file")


def read(content: str, account: BankAccount, mapping: dict) -> Reading:
    """Everything in the file by the mapping (which only tables need). AppError "unreadable" when it is no such file at all,
    "too_long"."""
    rows = bank_csv.rows(content, mapping) if is_table(content) else (bank_camt if is_camt(content) else bank_mt940).rows(content)
    if len(rows) > MOST_LINES:
        raise AppError(_("More than %(most)s lines: export shorter spans of time.") % {"most": MOST_LINES}, code="too_long")
    transfers, outgoing, unreadable, seen = [], 0, [], Counter()
    for row in rows:
        if row.problem:
            unreadable.append((row.number, row.problem))
        elif row.amount <= 0:
            outgoing += 1
        else:
            transfers.append(_transfer(row, account, seen))
    known = set(_known(account, [transfer.key for transfer in transfers]))
    new = [transfer for transfer in transfers if transfer.key not in known]
    return Reading(new, len(transfers) - len(new), outgoing, unreadable)


def _transfer(row, account: BankAccount, seen: Counter) -> Transfer:
    """Day, amount and the bank's own reference tell a transfer from others; without a reference all that it says does (some
    banks write "NOTPROVIDED" there, so a reference alone counts for nothing). Equal ones of the same file are numbered: two
    equal transfers of a day are two."""
    money = Money(row.amount, row.currency or account.currency)
    says = [row.bank_reference, row.booked_on.isoformat(), str(money.amount.normalize()), money.currency, row.payer_account]
    if not row.bank_reference:
        says += [row.payer, row.text]
    same = hashlib.sha256("\x1f".join(says).encode()).hexdigest()
    seen[same] += 1
    key = same if seen[same] == 1 else hashlib.sha256(f"{same}/{seen[same]}".encode()).hexdigest()
    return Transfer(row.booked_on, money, row.payer[:200], row.payer_account[:60], row.text[:500], row.bank_reference[:140], key)


def _known(account: BankAccount, keys: list[str]):
    return BankLine.objects.filter(account=account, key__in=keys).values_list("key", flat=True)
