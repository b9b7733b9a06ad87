"""The books as pages show them: the trial balance of some days, and one account with its running balance."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, Sum

from billing.models import LedgerAccount, LedgerBalance, Posting
from billing.models.cycle import add_months
from hostbill.core.money import Money

PAGE = 50


@dataclass(frozen=True)
class BalanceRow:
    """One account: what it had before the days, what was debited and credited in them, what it has after. Debit positive."""

    account: LedgerAccount
    opening: Money
    debit: Money
    credit: Money

    @property
    def closing(self) -> Money:
        """Debit positive."""
        return self.opening + self.debit - self.credit


@dataclass(frozen=True)
class TrialBalance:
    """Every account that was ever booked; the sums of `opening` and `closing` are zero, or the books are broken."""

    rows: list[BalanceRow]
    opening: Money
    debit: Money
    credit: Money
    closing: Money

    @property
    def is_even(self) -> bool:
        """Whether it sums to zero."""
        return self.opening.is_zero and self.closing.is_zero and self.debit == self.credit


def trial_balance(first: date, last: date, currency: str) -> TrialBalance:
    """Both days included, by their days of booking. Whole months are read from their balances; only postings of months that
    the days begin or end within are read one by one."""
    before, within, edges = _parts(first, last)
    sums = defaultdict(lambda: {"opening": Decimal(0), "debit": Decimal(0), "credit": Decimal(0)})
    for pk, debit, credit in _of_months(currency, month__lt=before):
        sums[pk]["opening"] += debit - credit
    for pk, debit, credit in _of_months(currency, month__gte=within[0], month__lt=within[1]):
        sums[pk]["debit"] += debit
        sums[pk]["credit"] += credit
    for is_opening, days in edges:
        for pk, debit, credit in _of_days(currency, *days):
            if is_opening:
                sums[pk]["opening"] += debit - credit
            else:
                sums[pk]["debit"] += debit
                sums[pk]["credit"] += credit
    accounts = LedgerAccount.objects.filter(pk__in=sums).order_by("type", "code")
    rows = [_row(account, sums[account.pk], currency) for account in accounts]
    return TrialBalance(rows, *(_total(rows, name, currency) for name in ("opening", "debit", "credit", "closing")))


def _parts(first: date, last: date) -> tuple[date, tuple[date, date], list]:
    """(the first month that is not wholly before the days, whole months [from, until) within them, [(is it before?, days)] of the
    rest, both included). Pure."""
    day, start, after = timedelta(days=1), first.replace(day=1), last + timedelta(days=1)
    edges = [(True, (start, first - day))] if first > start else []
    begin = start if first == start else add_months(start, 1)
    end = after.replace(day=1)
    if begin > end or after < begin:  # all within one month
        return start, (start, start), [*edges, (False, (first, last))]
    if begin > first:
        edges.append((False, (first, begin - day)))
    if after > end:
        edges.append((False, (end, last)))
    return start, (begin, end), edges


def _of_months(currency: str, **which):
    rows = LedgerBalance.objects.filter(currency=currency, **which).order_by().values_list("ledger_account_id")
    return rows.annotate(Sum("debit_amount"), Sum("credit_amount"))


def _of_days(currency: str, first: date, last: date):
    rows = Posting.objects.filter(currency=currency, entry__booked_on__range=(first, last)).order_by()
    sums = {"debit": Sum("amount", filter=Q(amount__gt=0), default=0), "credit": -Sum("amount", filter=Q(amount__lt=0), default=0)}
    return rows.values_list("ledger_account_id").annotate(**sums)


def _row(account: LedgerAccount, sums: dict, currency: str) -> BalanceRow:
    return BalanceRow(account, *(Money(Decimal(sums[name]), currency) for name in ("opening", "debit", "credit")))


def _total(rows: list[BalanceRow], name: str, currency: str) -> Money:
    return sum((getattr(row, name) for row in rows), Money.zero(currency))


def currencies_of(account: LedgerAccount) -> list[str]:
    """Those it was booked in."""
    return sorted(set(account.balances.order_by().values_list("currency", flat=True).distinct()))


@dataclass(frozen=True)
class AccountPage:
    """Postings, the newest booking first, each with the balance after it; `older` is the key of the next page."""

    lines: list[tuple[Posting, Money]]
    older: int | None


def account_page(account: LedgerAccount, currency: str, before: int | None = None) -> AccountPage:
    """By keyset: `before` is the posting that the page ends before. The balance is that of the account, less what is newer."""
    rows, newer = account.postings.filter(currency=currency), Decimal(0)
    months = account.balances.filter(currency=currency)
    sums = months.aggregate(debit=Sum("debit_amount", default=0), credit=Sum("credit_amount", default=0))
    if before:
        newer = rows.filter(pk__gte=before).aggregate(total=Sum("amount", default=0))["total"]
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("entry__invoice", "account__client").order_by("-pk")[: PAGE + 1])
    balance = Money(Decimal(sums["debit"] - sums["credit"] - newer), currency)
    lines = []
    for posting in found[:PAGE]:
        lines.append((posting, balance))
        balance = balance - posting.money
    return AccountPage(lines, lines[-1][0].pk if len(found) > PAGE else None)
