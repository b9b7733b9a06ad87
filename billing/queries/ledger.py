"""The books as pages show them: the trial balance of some days, and one account with its running balance."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from billing.models import LedgerAccount, Posting
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
    """Both days included, by their days of booking."""
    within = Q(entry__booked_on__gte=first)
    found = (
        Posting.objects.filter(currency=currency, entry__booked_on__lte=last)
        .order_by()
        .values("ledger_account_id")
        .annotate(
            opening=Sum("amount", filter=~within),
            debit=Sum("amount", filter=within & Q(amount__gt=0)),
            credit=Sum("amount", filter=within & Q(amount__lt=0)),
        )
    )
    sums = {row.pop("ledger_account_id"): {key: value or Decimal(0) for key, value in row.items()} for row in found}
    accounts = LedgerAccount.objects.filter(pk__in=sums).order_by("type", "code")
    rows = [_row(account, sums[account.pk], currency) for account in accounts]
    return TrialBalance(rows, *(_total(rows, name, currency) for name in ("opening", "debit", "credit", "closing")))


def _row(account: LedgerAccount, sums: dict, currency: str) -> BalanceRow:
    return BalanceRow(
        account, Money(sums["opening"], currency), Money(sums["debit"], currency), Money(-sums["credit"], currency)
    )


def _total(rows: list[BalanceRow], name: str, currency: str) -> Money:
    return sum((getattr(row, name) for row in rows), Money.zero(currency))


def currencies_of(account: LedgerAccount) -> list[str]:
    """Those it was booked in."""
    return list(account.postings.order_by("currency").values_list("currency", flat=True).distinct())


@dataclass(frozen=True)
class AccountPage:
    """Postings, the newest booking first, each with the balance after it; `older` is the key of the next page."""

    lines: list[tuple[Posting, Money]]
    older: int | None


def account_page(account: LedgerAccount, currency: str, before: int | None = None) -> AccountPage:
    """By keyset: `before` is the posting that the page ends before."""
    rows = account.postings.filter(currency=currency)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("entry__invoice", "account__client").order_by("-pk")[: PAGE + 1])
    balance = Money(rows.aggregate(total=Sum("amount"))["total"] or Decimal(0), currency)
    lines = []
    for posting in found[:PAGE]:
        lines.append((posting, balance))
        balance = balance - posting.money
    return AccountPage(lines, lines[-1][0].pk if len(found) > PAGE else None)
