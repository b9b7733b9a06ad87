"""Booking: the only code that writes the ledger and the balances cached from it."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection
from django.db.models import F

from billing.models import Account, JournalEntry, LedgerAccount, Posting, Product
from billing.queries.open_day import open_day
from hostbill.core import clock
from hostbill.core.locks import changed_beside
from hostbill.core.models import ModuleConfig
from hostbill.core.money import Money

Type = LedgerAccount.Type
RECEIVABLE, CREDIT, FEES, GOODWILL = "receivable", "credit", "fees", "goodwill"
REFUNDS_UNDER_WAY, CHARGEBACKS, BAD_DEBT = "clearing:refunds", "chargebacks", "bad_debt"
_TYPES = {
    "receivable": (Type.ASSET, "Owed by clients"),
    "cash": (Type.ASSET, "Money at"),
    "clearing": (Type.ASSET, "Under way:"),
    "credit": (Type.LIABILITY, "Credit balances of clients"),
    "tax": (Type.LIABILITY, "Tax payable"),
    "revenue": (Type.INCOME, "Revenue from"),
    "deferred": (Type.LIABILITY, "Deferred revenue from"),
    "fees": (Type.EXPENSE, "Fees of payment gateways"),
    "chargebacks": (Type.EXPENSE, "Chargebacks not recovered"),
    "bad_debt": (Type.EXPENSE, "Bad debt"),
    "goodwill": (Type.EXPENSE, "Credit granted"),
    "rounding": (Type.EXPENSE, "Rounding"),
}


@dataclass(frozen=True)
class Side:
    """One posting to be made: debit positive, credit negative."""

    code: str
    money: Money
    account: Account | None = None


def cash_code(gateway) -> str:
    """The cash account of a gateway; `cash:manual` for money booked without one."""
    return f"cash:{gateway.driver}:{gateway.pk}" if gateway else "cash:manual"


def ledger_accounts(codes: set[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, id FROM billing_ledgeraccount WHERE code = ANY(%s)", [list(codes)])
        found = dict(cursor.fetchall())
    for code in codes - found.keys():
        kind = _TYPES[code.partition(":")[0]][0]
        row, _created = LedgerAccount.objects.get_or_create(code=code, defaults={"type": kind, "name": _name(code)})
        found[code] = row.pk
    return found


def _name(code: str) -> str:
    """In words: products and gateways by their names, taxes by their rate; staff may change it."""
    family, _colon, rest = code.partition(":")
    kind, _colon, product = rest.partition(":")
    if family in ("revenue", "deferred") and product.isdecimal():
        rest = Product.objects.filter(pk=product).values_list("name", flat=True).first() or kind
    elif family == "cash" and product.isdecimal():
        rest = ModuleConfig.objects.filter(pk=product).values_list("label", flat=True).first() or kind
    elif family == "tax":
        percent, _colon, country = product.partition(":")
        rest = " ".join(part for part in (country, kind, f"{percent} %") if part)
    return f"{_TYPES[family][1]} {rest}".strip()[:120]


def book(key: str, description: str, sides: list[Side], *, booked_on=None, **links) -> JournalEntry:
    """Write one entry in the caller's transaction and move the cached balances with it.

    `links`: invoice, payment, refund, reverses. Zero sides are left out. A day of a closed month becomes the first open
    day. The same key twice is an IntegrityError; the database refuses an entry that does not sum to zero."""
    sides = [side for side in sides if not side.money.is_zero]
    codes = ledger_accounts({side.code for side in sides})
    entry = JournalEntry.objects.create(
        key=key,
        description=description[:300],
        booked_on=open_day(booked_on or clock.today()),
        booked_at=clock.now(),
        **links,
    )
    Posting.objects.bulk_create(
        Posting(
            entry=entry,
            ledger_account_id=codes[side.code],
            account=side.account,
            currency=side.money.currency,
            amount=side.money.amount,
        )
        for side in sides
    )
    _move_balances(sides)
    return entry


def _move_balances(sides: list[Side]) -> None:
    moves = defaultdict(lambda: {"balance_amount": 0, "credit_amount": 0})
    for side in sides:
        if side.code == RECEIVABLE:
            moves[side.account.pk]["balance_amount"] += side.money.amount
        elif side.code == CREDIT:
            moves[side.account.pk]["credit_amount"] -= side.money.amount
    for pk, change in moves.items():
        Account.objects.filter(pk=pk).update(
            balance_amount=F("balance_amount") + change["balance_amount"],
            credit_amount=F("credit_amount") + change["credit_amount"],
            updated_at=clock.now(),
        )
    for side in sides:
        if side.account is not None:
            changed_beside(side.account)


def reverse(entry: JournalEntry, key: str, description: str, **links) -> JournalEntry:
    """Book the mirror image of an entry; of an account that was merged since, at its heir, who has what it left. The
    one-to-one link makes a second reversal impossible."""
    sides = [
        Side(posting.ledger_account.code, -posting.money, posting.account and posting.account.heir)
        for posting in entry.postings.select_related("ledger_account", "account__merged_into")
    ]
    return book(key, description, sides, reverses=entry, **links)
